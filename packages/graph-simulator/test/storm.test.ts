import { expect, it } from "vitest";

import { startWorld, text } from "./world.ts";

it("a storm of changes is delivered over HTTP, and every one is accounted for", async () => {
  await using world = await startWorld({ deliver: { concurrency: 4 } });
  await world.subscribe();
  const run = world.simulator.traffic.start({ ratePerSecond: 5_000, for: "1s", mix: { user: 1 } });
  const { made, failed } = await run.over;
  await world.simulator.settled();
  expect(made).toBeGreaterThan(4_500);
  const { changes, notifications, totals } = world.simulator.ledger;
  expect([failed, changes.length, notifications.length]).toEqual([0, made, made]);
  expect(totals.notifications).toEqual({ pending: 0, delivered: made, expired: 0, dropped: 0, lost: 0 });
  expect(new Set(notifications.map(({ changeSeq }) => changeSeq)).size).toBe(made);
  const arrived = world.receiver.notifications.map((item) => text(item, "id"));
  expect(arrived).toHaveLength(made);
  expect(new Set(arrived)).toEqual(new Set(notifications.map(({ id }) => id)));
});
