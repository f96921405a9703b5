import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { laneOf } from "../../src/core/lane.ts";
import { newSubscriptionRow } from "../../src/core/subscription.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";

const SQL = [
  "'; drop table inbox; --",
  "' or '1'='1",
  '" or ""="',
  "1); delete from dead; --",
  "users%' escape '\\",
  "%",
  "_",
  "*",
  "$.raw.tenantId') or true--",
  "\u0000",
  "?1",
  ":tenantId",
];
const text = fc.oneof(
  fc.constantFrom(...SQL),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.tuple(fc.constantFrom(...SQL), fc.constantFrom(...SQL)).map((both) => both.join("")),
);

it("S14 whatever a lane, a filter or a tenant is called, a statement touches no row but its own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-sql-"));
  const store = await sqlite(join(folder, "tidings.db"), { allowEphemeral: true }).open();
  try {
    const seed = ["users/1", "users/2"].map((resourceKey) => ({
      declaration: "users",
      subscriptionKey: "key",
      lane: laneOf({ declaration: "users", subscriptionKey: "key", resourceKey }),
      identity: resourceKey,
      body: { raw: { tenantId: "one" }, params: {} },
      receivedAt: 1,
      source: "webhook",
      tokensKey: undefined,
    }));
    await store.append(seed);
    const [row] = (await store.scan({ declaration: "users", after: 0, limit: 1 })).rows;
    const lease = await store.lease();
    if (row === undefined || lease === undefined) throw new Error("Expected a row and a lease");
    await store.settle([{ kind: "dead", seq: row.seq, failures: 1, endedAt: 1, error: "no" }], lease);
    const seeded = newSubscriptionRow("seeded", { tenantId: "one", path: "users", query: "" }, 0);
    await store.putSubscription(seeded);
    const before = { waiting: 1, dead: 1 };
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        const lane = laneOf({ declaration: one, subscriptionKey: one, resourceKey: other });
        await store.loadLane({ declaration: one, lane, after: 0, upTo: 99, limit: 9 });
        await store.scan({ declaration: one, after: 0, limit: 9 });
        await store.takeDueLanes({ declarations: [one, other], now: 9, limit: 9 });
        const query = { declaration: one, resourceKey: other, since: 0, limit: 99 };
        expect((await store.listDead(query)).letters).toEqual([]);
        expect((await store.redrive(query)).count).toBe(0);
        expect((await store.purgeDead(query)).count).toBe(0);
        expect((await store.replay({ ...query, runId: other })).count).toBe(0);
        for (const place of ["inbox", "dead", "history"] as const)
          expect((await store.purgeTenant({ tenantId: one, place, limit: 99 })).count).toBe(0);
        await store.bury({ declaration: one, receivedBefore: 99, endedAt: 1, error: other, limit: 9 });
        expect(await store.listSubscriptions({ tenantId: one, after: other, limit: 9 })).toEqual([]);
        expect(await store.getSubscription(one)).toBeUndefined();
        await store.noteHeard([{ key: one, heardAt: 1 }]);
        await store.putNote({ kind: "ceiling", key: one, value: other });
        expect(await store.listNotes("ceiling")).toEqual([{ kind: "ceiling", key: one, value: other }]);
        await store.deleteNote({ kind: "ceiling", key: one });
        const item = {
          ...seed[0],
          declaration: `d${one}`,
          lane,
          identity: other,
          source: one,
          tokensKey: undefined,
          receivedAt: 1,
        };
        await store.append([
          { subscriptionKey: one, body: { raw: { tenantId: one }, params: { one: other } }, ...item },
        ]);
        const own = (await store.scan({ declaration: `d${one}`, after: 0, limit: 9 })).rows;
        expect(own.every((found) => found.declaration === `d${one}`)).toBe(true);
        await store.settle(
          own.map(({ seq }) => ({ kind: "done", seq, endedAt: 1 })),
          lease,
        );
        expect(await store.counts()).toEqual(before);
        expect(await store.countSubscriptions()).toEqual({ total: 1, missing: 1, parked: 0 });
      }),
      { numRuns: 150, interruptAfterTimeLimit: 10_000 },
    );
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
});
