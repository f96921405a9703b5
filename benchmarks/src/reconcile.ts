import { join } from "node:path";
import { Child } from "./child.ts";
import { compile } from "./compiled.ts";
import { STORED_AT } from "./desired-row.ts";
import type { ReconcileStoreFace, Renewal, RenewalWish } from "./reconcile-store.ts";
import { aimsOf, type Aim, type ReconcileFigures, type RenewalFigures } from "./reconcile-aims.ts";
import { median } from "./statistics.ts";

export interface ReconcileOptions {
  readonly folder: string;
  readonly subscriptions: number;
  readonly profiles: string | undefined;
  readonly tell: (text: string) => void;
}

export interface ReconcileResult extends ReconcileFigures {
  readonly fillSeconds: number;
  /** The most memory the process had in the end. */
  readonly peakBytes: number;
  readonly countMs: number;
  readonly aims: readonly Aim[];
  readonly problems: readonly string[];
}

type StoreChild = Child<ReconcileStoreFace>;

const SRC = new URL("../../packages/tidings/src/", import.meta.url);
const THREADS: readonly URL[] = ["store/sqlite/sqlite-thread.ts", "app/receiver-thread.ts"].map(
  (path) => new URL(path, SRC),
);

const FILL_STEP = 25_000;
/** As many as are kept in memory. */
const ROUTES = 10_000;
const IDLE_TIMES = 500;
const LOT = 1_000;
const ROUNDS = 5;
const ROUND_ROWS = 10_000;
/** 1,000 a second: Graph takes 2,000 writes in 20 s of an app, so ten times what it would. */
const CALM = { rows: 3_000, lot: 100, pauseMs: 100 };
/** In so long about `ROUND_ROWS` of a million come to be due. */
const ROUND_MS: number = 5 * 60_000;
const MILLION = 1_000_000;
/** After so long all are due. */
const STORM_MS: number = 60 * 24 * 3_600_000;

/** What a store of very many desired subscriptions costs: when none is due, when some are, and when all are. */
export async function measureReconcile(options: ReconcileOptions): Promise<ReconcileResult> {
  const { folder, profiles } = options;
  const file = compile(new URL("./reconcile-store.ts", import.meta.url), THREADS, join(folder, "compiled"));
  const begin = (): StoreChild =>
    new Child(file, { args: [join(folder, "reconcile.db")], profiles, isMetered: false });
  const fillSeconds = await fill(begin, options);
  // Another process: what filling took is no part of what it needs.
  await using child = begin();
  return await measure(child, fillSeconds, options);
}

async function fill(begin: () => StoreChild, { subscriptions, tell }: ReconcileOptions): Promise<number> {
  await using child = begin();
  const startedAt = performance.now();
  for (let from = 0; from < subscriptions; from += FILL_STEP) {
    const to = Math.min(from + FILL_STEP, subscriptions);
    await child.ask("fill", { from, to });
    tell(`reconcile: ${to} subscriptions stored`);
  }
  await child.ask("close", undefined);
  return (performance.now() - startedAt) / 1000;
}

async function measure(
  child: StoreChild,
  fillSeconds: number,
  { subscriptions, tell }: ReconcileOptions,
): Promise<ReconcileResult> {
  const { total } = await child.ask("count", undefined);
  await child.ask("warm", ROUTES);
  const idleMs = median(await child.ask("idle", { now: STORED_AT, times: IDLE_TIMES }));
  tell(`reconcile: an idle pass took ${idleMs.toFixed(2)} ms`);
  const { elapsedMs: countMs } = await child.ask("count", undefined);
  const roundMs = (ROUND_MS * MILLION) / subscriptions;
  const calm = await renewals("some", child, () => ({ ...CALM, now: STORED_AT + roundMs }), 1);
  const calmBytes = await child.ask("peakBytes", undefined);
  tell(`reconcile: ${(calmBytes / 1e6).toFixed(0)} MB at ten times Graph's pace`);
  const some = await renewals("some", child, (round) => ({
    now: STORED_AT + (round + 1) * roundMs,
    rows: Infinity,
  }));
  tell(`reconcile: some were due, ${some.perSecond.toFixed(0)} a second`);
  const all = await renewals("all", child, () => ({ now: STORED_AT + STORM_MS, rows: ROUND_ROWS }));
  tell(`reconcile: all were due, ${all.perSecond.toFixed(0)} a second`);
  const sizes = await child.ask("sizes", undefined);
  const peakBytes = await child.ask("peakBytes", undefined);
  await child.ask("close", undefined);
  const figures = { subscriptions, idleMs, renewals: [some, all], ...sizes, calmBytes };
  const aims = aimsOf(figures);
  const missing = total === subscriptions ? [] : [`${total} of ${subscriptions} subscriptions were stored`];
  const problems = [
    ...missing,
    ...aims.flatMap(problemsOfAim),
    ...[calm, some, all].flatMap(problemsOfRenewals),
  ];
  return { ...figures, fillSeconds, countMs, peakBytes, aims, problems };
}

async function renewals(
  due: RenewalFigures["due"],
  child: StoreChild,
  wishOf: (round: number) => Omit<RenewalWish, "lot"> & Partial<RenewalWish>,
  count = ROUNDS,
): Promise<RenewalFigures> {
  const rounds: Renewal[] = [];
  for (let round = 1; round <= count; round += 1)
    rounds.push(await child.ask("renew", { lot: LOT, ...wishOf(round) }));
  const perSecond = median(rounds.map(({ rows, elapsedMs }) => (rows / elapsedMs) * 1_000));
  const cpuUs = median(rounds.map(({ rows, cpuMs }) => (cpuMs / rows) * 1_000));
  return { due, rounds, perSecond, cpuUs };
}

function problemsOfAim({ name, value, bound, isMet, unit }: Aim): string[] {
  return isMet ? [] : [`${name}: ${value.toFixed(2)} ${unit}, and ${bound} is aimed at`];
}

function problemsOfRenewals({ due, rounds }: RenewalFigures): string[] {
  const sum = (pick: (round: Renewal) => number): number =>
    rounds.reduce((total, each) => total + pick(each), 0);
  const counts = {
    "claimed after one of a later deadline": sum(({ misplaced }) => misplaced),
    "claimed twice": sum(({ repeated }) => repeated),
    "not written back": sum(({ unwritten }) => unwritten),
  };
  return [
    ...(rounds.every(({ rows }) => rows > 0) ? [] : [`None were claimed in a round when ${due} were due`]),
    ...Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} were ${what} when ${due} were due`),
  ];
}
