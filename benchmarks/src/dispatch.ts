import type { ArrivalReport } from "./arrival-log.ts";
import { LoadBench, problemsOf, type StreamReport, type Usage } from "./load-bench.ts";
import type { SendReport } from "./sender.ts";
import { readStored, type Stored } from "./stored.ts";

export interface DispatchOptions {
  readonly folder: string;
  readonly secondsPerRate: number;
  readonly backlog: number;
  readonly profiles: string | undefined;
  readonly tell: (text: string) => void;
}

/** Notifications sent at one rate, each to the start of its handler. */
export interface RateFigures extends Omit<ArrivalReport, "lastAt"> {
  readonly perSecond: number;
  readonly sent: number;
  readonly posts: number;
  readonly acknowledged: SendReport["acknowledged"];
  readonly appCores: number;
  readonly senderCores: number;
}

export interface DrainFigures {
  readonly backlog: number;
  readonly perSecond: number;
  readonly appCores: number;
}

export interface DispatchResult {
  readonly resources: number;
  readonly rates: readonly RateFigures[];
  readonly drain: DrainFigures;
  readonly stored: Stored;
  readonly problems: readonly string[];
}

const RATES = [1000, 5000];
const RESOURCES = 5000;
const WARM_UP = 2000;

interface Run {
  readonly report: StreamReport;
  readonly usage: Usage;
}

/** How long accepted notifications take to their handler at a steady rate, and how fast a backlog of them is handled. */
export async function measureDispatch(options: DispatchOptions): Promise<DispatchResult> {
  const { folder, profiles, secondsPerRate, backlog, tell } = options;
  await using bench = await LoadBench.start({ folder, name: "dispatch", profiles });

  tell("dispatch: warming up");
  const warmUp = await runAtRate(bench, WARM_UP, 1000);
  const problems = problemsOf("the warm-up", warmUp.report);
  const rates: RateFigures[] = [];
  for (const perSecond of RATES) {
    tell(`dispatch: ${perSecond} a second for ${secondsPerRate} s`);
    const run = await runAtRate(bench, perSecond * secondsPerRate, perSecond);
    rates.push(toRateFigures(perSecond, run));
    problems.push(...problemsOf(`${perSecond} a second`, run.report));
  }
  tell(`dispatch: draining a backlog of ${backlog}`);
  const drained = await drain(bench, backlog);
  problems.push(...problemsOf("the backlog", drained.report));

  await bench.app.child.ask("stop", undefined);
  const stored = readStored(bench.app.storePath);
  if (stored.waiting > 0) problems.push(`${stored.waiting} handled notifications are still in the store`);
  if (stored.dead > 0) problems.push(`${stored.dead} notifications are dead letters`);
  return { resources: RESOURCES, rates, drain: drained.figures, stored, problems };
}

/** Sends at a rate while handlers run. */
async function runAtRate(bench: LoadBench, count: number, perSecond: number): Promise<Run> {
  const [sending, usage] = await bench.metered(async () => {
    const own = bench.send({ resource: "users", count, perSecond, resources: RESOURCES });
    await bench.called(own);
    return own;
  });
  return { report: await bench.report(sending), usage };
}

/** Sends everything while handlers are paused, then lets them run. */
async function drain(
  bench: LoadBench,
  backlog: number,
): Promise<{ report: StreamReport; figures: DrainFigures }> {
  const { child } = bench.app;
  await child.ask("pause", "users");
  const stream = { resource: "users", count: backlog, perSecond: Infinity, resources: RESOURCES } as const;
  const sending = bench.send(stream);
  await sending.done;
  const [resumedAt, { appCores }] = await bench.metered(async () => {
    const at = await child.ask("resume", "users");
    await bench.called(sending);
    return at;
  });
  const report = await bench.report(sending);
  const elapsedMs = report.lastAt - resumedAt;
  return { report, figures: { backlog, perSecond: (backlog / elapsedMs) * 1000, appCores } };
}

function toRateFigures(perSecond: number, { report, usage }: Run): RateFigures {
  const { lastAt: _, send, ...arrived } = report;
  const { posts, acknowledged } = send;
  const { appCores, senderCores } = usage;
  return { perSecond, posts, acknowledged, ...arrived, appCores, senderCores };
}
