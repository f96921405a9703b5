import { describe, expect, it } from "vitest";

import { parseJson } from "../src/http/json.ts";
import { ENDPOINT, startInProcess, type InProcessWorld } from "./in-process-world.ts";
import { ADELE, HOUR_MS, MINUTE_MS, objects, read, text, type Answered } from "./world.ts";

const ALEX = "1b5c8d29-7e3f-40a4-86b2-d4f9e8071a32";

function ledger(world: InProcessWorld, query: string): Promise<Answered> {
  return read(world.simulator.fetch(`${world.simulator.url}/_simulator/ledger?${query}`));
}

/** Two subscriptions to two endpoints; of six changes one is told to both, two to one, and three to nobody. */
async function startWithHistory(): Promise<{
  world: InProcessWorld;
  all: string;
  adele: string;
  startedAt: number;
}> {
  const world = await startInProcess();
  const startedAt = world.simulator.clock.now();
  const all = text((await world.subscribe()).body, "id");
  const other = await world.subscribe({ resource: `users/${ADELE}`, notificationUrl: `${ENDPOINT}/other` });
  const adele = text(other.body, "id");
  await world.graph("POST", `users/${ADELE}/messages`, { subject: "Nobody hears of it" });
  await world.graph("PATCH", `users/${ADELE}`, { city: "Bern" });
  await world.graph("PATCH", `users/${ALEX}`, { city: "Bern" });
  await world.simulator.clock.run(MINUTE_MS);
  world.simulator.faults.start({ kind: "lose-notifications", subscriptionId: all });
  await world.graph("PATCH", `users/${ADELE}`, { city: "Chur" });
  await world.graph("PATCH", `users/${ALEX}`, { city: "Chur" });
  world.simulator.faults.clear();
  await world.simulator.clock.run(MINUTE_MS);
  world.answerWith(() => new Response(null, { status: 500 }));
  await world.graph("PATCH", `users/${ALEX}`, { city: "Zug" });
  await world.simulator.clock.run(6 * HOUR_MS);
  return { world, all, adele, startedAt };
}

describe("the ledger", () => {
  it("knows what was told to whom, and what was never told", async () => {
    const { world, all, adele } = await startWithHistory();
    await using _ = world;
    const untold = await ledger(world, "kind=notifications&untold=true");
    expect(
      objects(untold.body, "notifications").map(({ subscriptionId, state }) => [subscriptionId, state]),
    ).toEqual([
      [all, "lost"],
      [all, "lost"],
      [all, "expired"],
    ]);
    const changes = await ledger(world, "kind=changes&untold=true");
    expect(objects(changes.body, "changes").map(({ seq }) => seq)).toEqual([1, 5, 6]);
    const told = await ledger(world, `kind=notifications&subscriptionId=${adele}`);
    expect(objects(told.body, "notifications").map(({ state }) => state)).toEqual(["delivered", "delivered"]);
    expect(world.simulator.ledger.totals).toMatchObject({
      changes: 6,
      notifications: { pending: 0, delivered: 4, lost: 2, expired: 1, dropped: 0 },
    });
    const totals = await read(world.simulator.fetch(`${world.simulator.url}/_simulator/ledger/totals`));
    expect(totals.body).toEqual(world.simulator.ledger.totals);
  });

  it.each([
    ["kind=changes&resource=users/" + ADELE, "changes", [1, 2, 4]],
    ["kind=changes&changeType=created", "changes", [1]],
    ["kind=notifications&state=lost,expired", "notifications", [4, 6, 7]],
    [`kind=notifications&url=${ENDPOINT}/other`, "notifications", [2, 5]],
    [`kind=handshakes&url=${ENDPOINT}/other`, "handshakes", [2]],
    ["kind=changes&tenantId=aaaaaaaa-1111-4111-8111-111111111111", "changes", []],
    ["kind=attempts&tenantId=aaaaaaaa-1111-4111-8111-111111111111", "attempts", []],
    ["kind=changes&since=2026-01-01T00:01:00Z", "changes", [4, 5, 6]],
    [`kind=changes&until=${Date.UTC(2026, 0, 1, 0, 1)}`, "changes", [1, 2, 3]],
  ])("answers ?%s", async (query, kind, seqs) => {
    const { world } = await startWithHistory();
    await using _ = world;
    const answer = await ledger(world, query);
    expect(objects(answer.body, kind).map(({ seq }) => seq)).toEqual(seqs);
  });

  it("answers in pages", async () => {
    const { world } = await startWithHistory();
    await using _ = world;
    const seqs: unknown[] = [];
    let after: number | null = 0;
    while (after !== null) {
      const page: Answered = await ledger(world, `kind=changes&limit=4&after=${after}`);
      seqs.push(objects(page.body, "changes").map(({ seq }) => seq));
      after = typeof page.body["next"] === "number" ? page.body["next"] : null;
    }
    expect(seqs).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });

  it("answers one JSON object a line", async () => {
    const { world } = await startWithHistory();
    await using _ = world;
    const url = `${world.simulator.url}/_simulator/ledger?kind=changes`;
    const response = await world.simulator.fetch(url, { headers: { accept: "application/x-ndjson" } });
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = (await response.text()).trimEnd().split("\n").map(parseJson);
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatchObject({ kind: "changes", seq: 1, changeType: "created" });
    const whole = await world.simulator.fetch(`${world.simulator.url}/_simulator/ledger?format=ndjson`);
    const { changes, notifications, attempts, handshakes } = world.simulator.ledger;
    expect((await whole.text()).trimEnd().split("\n")).toHaveLength(
      changes.length + notifications.length + attempts.length + handshakes.length,
    );
  });

  it.each([
    "kind=secrets",
    "state=gone",
    "limit=0",
    "since=soon",
    "changeType=x",
    "untold=perhaps",
    "sort=up",
  ])("refuses ?%s", async (query) => {
    await using world = await startInProcess();
    expect((await ledger(world, query)).status).toBe(400);
  });

  it("keeps the latest entries and what is pending, and never forgets how many there were", async () => {
    await using world = await startInProcess({ ledgerLimit: 10, deliver: { maxPerDelivery: 1 } });
    await world.subscribe();
    world.answerWith(() => new Response(null, { status: 503 }));
    await world.graph("PATCH", `users/${ADELE}`, { city: "Pending" });
    await world.simulator.clock.run(1_000);
    world.answerWith(() => new Response(null, { status: 202 }));
    for (let count = 0; count < 100; count += 1) {
      await world.graph("PATCH", `users/${ADELE}`, { city: String(count) });
      await world.simulator.clock.run(50);
    }
    const { changes, notifications, attempts, totals } = world.simulator.ledger;
    expect(changes.at(-1)?.seq).toBe(101);
    for (const entries of [changes, notifications, attempts]) expect(entries.length).toBeLessThanOrEqual(13);
    expect(notifications[0]).toMatchObject({ changeSeq: 1, state: "pending" });
    expect(totals).toMatchObject({ changes: 101, notifications: { pending: 1, delivered: 100 } });
    await world.simulator.clock.run(MINUTE_MS);
    expect(world.simulator.ledger.totals.notifications).toMatchObject({ pending: 0, delivered: 101 });
  });
});
