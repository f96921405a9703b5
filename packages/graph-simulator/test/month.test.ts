import { expect, it } from "vitest";

import { Month } from "../bench/month-app.ts";
import { startSimulator } from "../src/index.ts";

const DAY_MS = 86_400_000;

it("a month of subscriptions passes in seconds: all are renewed in time, and nothing is lost", async () => {
  const users = Array.from({ length: 100 }, (_, index) => ({
    displayName: `User ${index}`,
    userPrincipalName: `user${index}@contoso.onmicrosoft.com`,
  }));
  await using simulator = await startSimulator({ seed: 1, listen: false, clock: "virtual", users });
  const month = new Month(simulator);
  void month.live(30 * DAY_MS);
  simulator.traffic.start({ ratePerSecond: 0.001, for: "30d", mix: { message: 9, user: 1 } });
  await simulator.clock.run(31 * DAY_MS);
  const { totals } = simulator.ledger;
  expect(month.counts).toEqual({
    created: 100,
    renewed: 900,
    refused: 0,
    expired: 0,
    received: totals.notifications.delivered,
  });
  expect(simulator.subscriptions.list()).toHaveLength(100);
  expect(totals.notifications).toMatchObject({ pending: 0, expired: 0, lost: 0, dropped: 0 });
  expect(month.counts["received"]).toBeGreaterThan(2_000);
});
