/**
 * A store of desired subscriptions, in a process of its own: `reconcile-store.ts <path>`. With it is what else an app
 * has for each: the routes, here and in the receiver's thread.
 */
import { statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { RouteCache } from "../../packages/tidings/src/app/routes.ts";
import { ThreadedReceiver } from "../../packages/tidings/src/app/threaded-receiver.ts";
import { routeOf } from "../../packages/tidings/src/core/route.ts";
import { deadlineOf, type SubscriptionRow } from "../../packages/tidings/src/core/subscription.ts";
import { SqliteClient } from "../../packages/tidings/src/store/sqlite/sqlite-client.ts";
import { sqlite } from "../../packages/tidings/src/store/sqlite/sqlite.ts";
import { desiredRow, renewed } from "./desired-row.ts";
import { answerParent } from "./face.ts";

/** Numbers of rows, from one to, but not with, another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Rows claimed in lots and written back renewed, at one time of the store. */
export interface RenewalWish {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Ends with the lot that reaches it, or when nothing is due any more. */
  readonly rows: number;
  readonly lot: number;
  /** How long to do nothing after each lot. @default 0 */
  readonly pauseMs?: number | undefined;
}

export interface Renewal {
  readonly rows: number;
  readonly elapsedMs: number;
  /** Of the processor, all threads together. */
  readonly cpuMs: number;
  /** Rows given after one of a later deadline. */
  readonly misplaced: number;
  /** Rows given a second time. */
  readonly repeated: number;
  /** Rows whose writing back was refused, or that were not as written when they were read again. */
  readonly unwritten: number;
}

export type ReconcileStoreFace = {
  /** Stores rows as wanted, then as they have become. */
  fill: (span: Span) => Promise<void>;
  /** Uses the routes of so many rows. */
  warm: (rows: number) => Promise<void>;
  /** Asks when something is due, and claims what is not there. @returns milliseconds of each time */
  idle: (wish: { readonly now: number; readonly times: number }) => Promise<number[]>;
  renew: (wish: RenewalWish) => Promise<Renewal>;
  /** When the next row is due, epoch milliseconds. */
  nextAt: (argument: undefined) => Promise<number | undefined>;
  count: (argument: undefined) => Promise<{ readonly total: number; readonly elapsedMs: number }>;
  sizes: (argument: undefined) => { readonly fileBytes: number; readonly besideBytes: number };
  /** The most memory it has had of the machine. */
  peakBytes: (argument: undefined) => number;
  close: (argument: undefined) => Promise<void>;
};

const CLAIM_MS = 60_000;
/** Puts under way at once while the store is filled. */
const FILL_AT_ONCE = 2_048;
const PAGE = 100;
/** One of so many rows is read again after it was written back. */
const READ_AGAIN = 50;

const KIB = 1_024;

const [path = ""] = process.argv.slice(2);
const store = await sqlite(path).open();
const routes = new RouteCache();
const face = { paths: ["/"], urlKeys: [] };
const receiver = await ThreadedReceiver.listen({ port: 0, hostname: "127.0.0.1" }, face, () => {});
if (!(store instanceof SqliteClient)) throw new TypeError("Expected a store with ports for threads");
routes.follow(receiver);
receiver.ready({ face, secrets: ["s".repeat(32)], isComplete: true, store: store.createPort() });

async function put(row: SubscriptionRow): Promise<SubscriptionRow> {
  const stored = await store.putSubscription(row);
  if (stored === undefined) throw new Error(`The row ${row.key} was not stored`);
  return stored;
}

/** Fills the caches of routes, here and in the receiver's thread. */
async function warm(rows: number): Promise<void> {
  let after: string | undefined;
  for (let count = 0; count < rows; count += PAGE) {
    const page = await store.listSubscriptions({ after, limit: PAGE });
    await Promise.all(page.map(async (row) => routes.set(routeOf(row))));
    after = page.at(-1)?.key;
  }
}

async function fill({ from, to }: Span): Promise<void> {
  for (let next = from; next < to; next += FILL_AT_ONCE) {
    const length = Math.min(FILL_AT_ONCE, to - next);
    const rows = Array.from({ length }, (_, place) => desiredRow(next + place));
    const stored = await Promise.all(rows.map(async ({ wanted }) => put(wanted)));
    const grown = rows.map(async (row, place) => put(row.grown(stored[place] ?? row.wanted)));
    await Promise.all(grown);
    const heard = stored.map(({ key }, place) => ({ key, heardAt: rows[place]?.wanted.nextActionAt ?? 0 }));
    await store.noteHeard(heard);
  }
}

async function idle({ now, times }: { now: number; times: number }): Promise<number[]> {
  const took: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const startedAt = performance.now();
    await store.nextSubscriptionAt();
    const claimed = await store.claimSubscriptions({ now, until: now + CLAIM_MS, limit: 100 });
    took.push(performance.now() - startedAt);
    if (claimed.length > 0) throw new Error("Expected nothing to be due");
  }
  return took;
}

/** Claims a lot while the one before is written back. */
async function renew({ now, rows, lot, pauseMs = 0 }: RenewalWish): Promise<Renewal> {
  const claimed: SubscriptionRow[] = [];
  const written: (SubscriptionRow | undefined)[] = [];
  let writing: Promise<void> = Promise.resolve();
  const startedAt = performance.now();
  const cpuAtStart = process.cpuUsage();
  for (let isMore = true; isMore;) {
    const due = await store.claimSubscriptions({ now, until: now + CLAIM_MS, limit: lot });
    claimed.push(...due);
    isMore = due.length > 0 && claimed.length < rows;
    await writing;
    writing = writeBack(due, now, written);
    if (pauseMs > 0) await setTimeout(pauseMs);
  }
  await writing;
  const elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuAtStart);
  return {
    rows: claimed.length,
    elapsedMs,
    cpuMs: (user + system) / 1_000,
    misplaced: claimed.filter((row, place) => deadlineOf(row) < deadlineOf(claimed[place - 1] ?? row)).length,
    repeated: claimed.length - new Set(claimed.map(({ key }) => key)).size,
    unwritten: await unwrittenOf(written),
  };
}

async function writeBack(
  rows: readonly SubscriptionRow[],
  now: number,
  written: (SubscriptionRow | undefined)[],
): Promise<void> {
  written.push(...(await Promise.all(rows.map(async (row) => store.putSubscription(renewed(row, now))))));
}

async function unwrittenOf(written: readonly (SubscriptionRow | undefined)[]): Promise<number> {
  const isThere = await Promise.all(
    written.map(async (row, place) => {
      if (row === undefined || place % READ_AGAIN !== 0) return row !== undefined;
      return isDeepStrictEqual(await store.getSubscription(row.key), row);
    }),
  );
  return isThere.filter((is) => !is).length;
}

answerParent({
  fill,
  warm,
  idle,
  renew,
  nextAt: async () => store.nextSubscriptionAt(),
  async count() {
    const startedAt = performance.now();
    const { total } = await store.countSubscriptions();
    return { total, elapsedMs: performance.now() - startedAt };
  },
  sizes() {
    const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    return {
      fileBytes: bytesOf(path),
      besideBytes: bytesOf(`${path}-wal`) + bytesOf(`${path}-ballast`),
    };
  },
  peakBytes: () => process.resourceUsage().maxRSS * KIB,
  async close() {
    await receiver.close();
    await store.close();
  },
} satisfies ReconcileStoreFace);
