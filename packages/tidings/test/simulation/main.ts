/** `npm run simulate -- --subscriptions 10000 --days 30 --seed 1 [--tenants 50] [--processes 1] [--trace key] [--json]` */
import { parseArgs } from "node:util";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    subscriptions: { type: "string", default: "10000" },
    days: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    tenants: { type: "string", default: "50" },
    processes: { type: "string", default: "1" },
    trace: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const options = {
  subscriptions: Number(values.subscriptions),
  days: Number(values.days),
  seed: Number(values.seed),
  tenants: Number(values.tenants),
  processes: Number(values.processes),
};
const startedAt = performance.now();

function seconds(): number {
  return Math.round((performance.now() - startedAt) / 100) / 10;
}

function say(line: string): void {
  process.stdout.write(`${seconds().toFixed(0).padStart(5)} s  ${line}\n`);
}

const { violations, ...result } = await simulate(options, {
  onDay({ day, liveCount, violationCount }) {
    say(`day ${day} of ${options.days}: ${liveCount} alive, ${violationCount} violations`);
  },
  trace: values.trace === undefined ? undefined : { key: values.trace, say },
});
/** More are seldom different. */
const SHOWN_COUNT = 20;
for (const { rule, key, at } of violations.slice(0, SHOWN_COUNT)) {
  say(`${new Date(at).toISOString()}  ${rule}: ${key}`);
}
const memoryMb = Math.round(process.memoryUsage.rss() / 2 ** 20);
const summary = { ...options, ...result, seconds: seconds(), memoryMb, violationCount: violations.length };
if (values.json) process.stdout.write(`${JSON.stringify({ ...summary, violations })}\n`);
else say(JSON.stringify(summary));
if (violations.length > 0) process.exitCode = 1;
