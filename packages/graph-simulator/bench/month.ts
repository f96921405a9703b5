// A month of subscriptions in minutes: each mailbox has one, an app renews each in time, mail goes on meanwhile. All in
// one process, on a virtual clock, with the documented limits.
// Usage: node bench/month.ts [subscriptions] [days] [changes a second]
import { startSimulator } from "../src/index.ts";
import { Month } from "./month-app.ts";

const [count = 10_000, days = 30, rate = 0.1] = process.argv.slice(2).map(Number);
const DAY_MS = 86_400_000;

const users = Array.from({ length: count }, (_, index) => ({
  displayName: `User ${index}`,
  userPrincipalName: `user${index}@contoso.onmicrosoft.com`,
}));
const startedAt = performance.now();
const simulator = await startSimulator({
  seed: 1,
  listen: false,
  clock: "virtual",
  ledgerLimit: 50_000,
  users,
  deliver: { latency: "documented" },
});
const month = new Month(simulator);
void month.live(days * DAY_MS);
const traffic = simulator.traffic.start({
  ratePerSecond: rate,
  for: `${days}d`,
  mix: { message: 9, user: 1 },
});
for (let day = 1; day <= days; day += 1) {
  await simulator.clock.run(DAY_MS);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (day % 5 === 0) process.stdout.write(`day ${day}: ${seconds} s\n`);
}
await simulator.clock.run(DAY_MS / 2);

const { made } = await traffic.over;
const { totals } = simulator.ledger;
const result = {
  subscriptions: count,
  days,
  realSeconds: Math.round((performance.now() - startedAt) / 100) / 10,
  memoryMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
  made,
  ...month.counts,
  alive: simulator.subscriptions.list().length,
  totals,
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
await simulator.close();
const isWhole =
  result.alive === count && result.expired === 0 && totals.notifications.delivered === result.received;
process.exitCode = isWhole ? 0 : 1;
