/** `npm run bench -- [ingest] [dispatch] [isolation] [reconcile] [rich] [cold] [kafka] [--json] [--short | --long] [--profiles <folder>]` */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureCold } from "./cold.ts";
import { measureDispatch } from "./dispatch.ts";
import { measureIngest } from "./ingest.ts";
import { measureIsolation } from "./isolation.ts";
import { measureKafka } from "./kafka.ts";
import { assertWrkIsThere, LoadError } from "./load.ts";
import { describeMachine } from "./machine.ts";
import { measureReconcile } from "./reconcile.ts";
import { measureRich } from "./rich.ts";
import { problemsOf, toJsonLine, toText, type Report } from "./report.ts";

const BENCHMARKS = ["ingest", "dispatch", "isolation", "reconcile", "rich", "cold", "kafka"];
/** What is run when nothing is named; together in less than a minute. */
const QUICK = ["ingest", "dispatch"];
const LOADED_BY_WRK = ["ingest", "kafka"];
const SHORT = {
  rounds: 3,
  secondsPerRound: 2,
  secondsPerRate: 3,
  troubleRounds: { count: 5, seconds: 2 },
  backlog: 50_000,
  richRounds: { count: 3, limitSeconds: 1, backlogPerCore: 2_000 },
  coldRounds: 10,
  kafkaRounds: {
    count: 3,
    seconds: 1,
    steady: [
      { perSecond: 1_000, seconds: 2 },
      { perSecond: 5_000, seconds: 2 },
    ],
  },
  subscriptions: 100_000,
};
const LONG = {
  rounds: 7,
  secondsPerRound: 5,
  secondsPerRate: 15,
  troubleRounds: { count: 9, seconds: 5 },
  backlog: 200_000,
  richRounds: { count: 7, limitSeconds: 3, backlogPerCore: 10_000 },
  coldRounds: 30,
  kafkaRounds: {
    count: 7,
    seconds: 5,
    steady: [
      { perSecond: 1_000, seconds: 15 },
      { perSecond: 5_000, seconds: 15 },
    ],
  },
  subscriptions: 1_000_000,
};

interface Wishes {
  readonly names: readonly string[];
  readonly isLong: boolean;
  readonly isJson: boolean;
  readonly profiles: string | undefined;
}

/** @throws TypeError for what is not understood */
function readWishes(): Wishes {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      short: { type: "boolean", default: false },
      long: { type: "boolean", default: false },
      profiles: { type: "string" },
    },
  });
  const unknown = positionals.find((name) => !BENCHMARKS.includes(name));
  if (unknown !== undefined) throw new TypeError(`Expected some of ${BENCHMARKS.join(", ")}, got ${unknown}`);
  if (values.short && values.long) throw new TypeError("Expected --short or --long, got both");
  return {
    names: positionals.length === 0 ? QUICK : positionals,
    isLong: values.long,
    isJson: values.json,
    profiles: values.profiles === undefined ? undefined : resolve(values.profiles),
  };
}

async function measure({ names, isLong, isJson, profiles }: Wishes): Promise<Report> {
  const startedAt = performance.now();
  const tell = (text: string): void => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(3);
    if (!isJson) process.stdout.write(`${seconds} s  ${text}\n`);
  };
  const folder = mkdtempSync(join(tmpdir(), "tidings-benchmarks-"));
  // The child processes end when this one does.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      rmSync(folder, { recursive: true, force: true });
      process.exit(1);
    });
  }
  try {
    const options = { ...(isLong ? LONG : SHORT), folder, profiles, tell };
    if (names.some((name) => LOADED_BY_WRK.includes(name))) await assertWrkIsThere();
    return {
      machine: describeMachine(folder),
      ingest: names.includes("ingest") ? await measureIngest(options) : undefined,
      dispatch: names.includes("dispatch") ? await measureDispatch(options) : undefined,
      isolation: names.includes("isolation") ? await measureIsolation(options) : undefined,
      reconcile: names.includes("reconcile") ? await measureReconcile(options) : undefined,
      rich: names.includes("rich") ? await measureRich(options) : undefined,
      cold: names.includes("cold") ? await measureCold(options) : undefined,
      kafka: names.includes("kafka") ? await measureKafka(options) : undefined,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const wishes = readWishes();
  const report = await measure(wishes);
  const problems = problemsOf(report);
  process.stdout.write(wishes.isJson ? toJsonLine(report) : `\n${toText(report)}`);
  for (const problem of problems) process.stderr.write(`error: ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  const isPlain = error instanceof TypeError || error instanceof LoadError;
  const text = isPlain ? error.message : String(error instanceof Error ? (error.stack ?? error) : error);
  process.stderr.write(`error: ${text}\n`);
  process.exitCode = 1;
}
