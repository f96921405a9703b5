// A change storm: so many changes a second for so many seconds, each delivered to an endpoint in another process over
// HTTP, and every one accounted for. Usage: node bench/storm.ts [changes a second] [seconds]
import { fork } from "node:child_process";
import { once } from "node:events";

import { startSimulator } from "../src/index.ts";

const [rate = 5_000, seconds = 20] = process.argv.slice(2).map(Number);

const endpoint = fork(new URL("./storm-endpoint.ts", import.meta.url));
const { port }: { readonly port: number } = await nextMessage();
const users = Array.from({ length: 1_000 }, (_, index) => ({
  displayName: `User ${index}`,
  userPrincipalName: `user${index}@contoso.onmicrosoft.com`,
}));
// Four deliveries at a time: Graph promises no order, and one at a time waits for every answer.
const simulator = await startSimulator({ seed: 1, users, deliver: { concurrency: 4 } });
const { url, tenantId, clientId, clientSecret } = simulator;

const login = await fetch(`${url}/${tenantId}/oauth2/v2.0/token`, {
  method: "POST",
  body: new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope: "https://graph.microsoft.com/.default",
  }),
});
const { access_token: token }: { access_token: string } = JSON.parse(await login.text());
const subscribed = await fetch(`${url}/v1.0/subscriptions`, {
  method: "POST",
  headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  body: JSON.stringify({
    changeType: "updated,deleted",
    notificationUrl: `http://127.0.0.1:${port}/notifications`,
    resource: "users",
    expirationDateTime: new Date(Date.now() + 3_600_000).toISOString(),
  }),
});
if (subscribed.status !== 201) throw new Error(`Expected a subscription, got ${await subscribed.text()}`);

const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
const run = simulator.traffic.start({ ratePerSecond: rate, for: `${seconds}s`, mix: { user: 1 } });
const { made, failed } = await run.over;
const madeMs = performance.now() - startedAt;
await simulator.settled();
const deliveredMs = performance.now() - startedAt;
const cpu = process.cpuUsage(cpuBefore);

endpoint.send("tell");
const { ids }: { readonly ids: readonly string[] } = await nextMessage();
const { changes, notifications, attempts } = simulator.ledger;
const received = new Set(ids);
const delays = Float64Array.from(
  notifications,
  ({ owedAt, settledAt }) => (settledAt ?? Infinity) - owedAt,
).toSorted();
const percentile = (share: number): number => delays[Math.floor(share * (delays.length - 1))] ?? NaN;

const result = {
  asked: { rate, seconds },
  made,
  failed,
  madePerSecond: Math.round(made / (madeMs / 1000)),
  deliveredPerSecond: Math.round(ids.length / (deliveredMs / 1000)),
  afterTheLastChangeMs: Math.round(deliveredMs - madeMs),
  latencyMs: { p50: percentile(0.5), p99: percentile(0.99), max: percentile(1) },
  deliveries: attempts.length,
  cpuShare: Number(((cpu.user + cpu.system) / 1000 / deliveredMs).toFixed(2)),
  memoryMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
  inLedger: { changes: changes.length, notifications: notifications.length },
  totals: simulator.ledger.totals.notifications,
  duplicates: ids.length - received.size,
  lost: notifications.filter(({ id }) => !received.has(id)).length,
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
await simulator.close();
const isWhole =
  result.lost === 0 && result.duplicates === 0 && changes.length === made && ids.length === made;
process.exitCode = isWhole ? 0 : 1;

/** What the endpoint's process says next. */
async function nextMessage() {
  const [message] = await once(endpoint, "message");
  return message;
}
