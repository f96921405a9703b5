import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Store } from "../src/core/ports/store.ts";
import { newSubscriptionRow, type SubscriptionRow } from "../src/core/subscription.ts";
import { memory } from "../src/store/memory/memory.ts";
import { sqlite } from "../src/store/sqlite/sqlite.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidings-stores-"));
  store = await sqlite(join(folder, "tidings.db"), { synchronous: "normal" }).open();
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const key = fc.constantFrom("a", "b", "c", "d", "e");
const time = fc.nat({ max: 40 });

/** A step, done with a store; `place` is its number. What is undone by a store is told by what it returns. */
type Step = (store: Store, place: number) => Promise<unknown>;

const put = fc
  .tuple(key, time, time, fc.boolean(), fc.boolean())
  .map(([key, nextActionAt, claimedUntil, isGranted, isStale]): Step => async (store, place) => {
    const found = (await store.getSubscription(key)) ?? freshRow(key);
    const changes = { nextActionAt, claimedUntil, graph: isGranted ? granted(place) : null };
    // Every deadline is another, since the order of equal ones is a store's own.
    const row = { ...found, ...changes, missingSince: isGranted ? null : place };
    return store.putSubscription(isStale ? { ...row, version: row.version - 1 } : row);
  });
const claim = fc.tuple(time, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 })).map(
  ([now, forMs, limit]): Step =>
    async (store) =>
      store.claimSubscriptions({ now, until: now + forMs, limit }),
);
const hear = fc.tuple(key, time).map(
  ([key, heardAt]): Step =>
    async (store) =>
      store.noteHeard([{ key, heardAt }]),
);
const remove = fc.tuple(key, fc.boolean()).map(([key, isStale]): Step => async (store) => {
  const row = (await store.getSubscription(key)) ?? freshRow(key);
  return store.deleteSubscription(isStale ? { ...row, version: row.version - 1 } : row);
});
const step = fc.oneof(
  { weight: 4, arbitrary: put },
  { weight: 3, arbitrary: claim },
  { weight: 2, arbitrary: hear },
  { weight: 1, arbitrary: remove },
);

it("SQLite does with subscriptions what the memory store does, whatever is asked in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const model = await memory().open();
      await clear(store);
      for (const [place, each] of steps.entries()) {
        expect(await each(store, place), `step ${place}`).toEqual(await each(model, place));
        expect(await seen(store)).toEqual(await seen(model));
      }
    }),
    { numRuns: 100, interruptAfterTimeLimit: 10_000 },
  );
});

async function seen(store: Store): Promise<unknown> {
  return [
    await store.listSubscriptions({ limit: 99 }),
    await store.listSubscriptions({ tenantId: "one", after: "a", limit: 1 }),
    await store.nextSubscriptionAt(),
    await store.countSubscriptions(),
  ];
}

async function clear(store: Store): Promise<void> {
  for (const row of await store.listSubscriptions({ limit: 99 })) await store.deleteSubscription(row);
}

function freshRow(key: string): SubscriptionRow {
  const tenantId = key < "c" ? "one" : "other";
  return newSubscriptionRow(key, { tenantId, path: `users/${key}`, query: "" }, 0);
}

/** Its end is not that of any other, nor the deadline of one that is missing. */
function granted(place: number): SubscriptionRow["graph"] {
  return {
    id: `graph-${place}`,
    changeTypes: ["updated"],
    notificationUrl: "https://example.com",
    grantedAt: 0,
    expiresAt: place,
    isRenewalAsked: false,
  };
}
