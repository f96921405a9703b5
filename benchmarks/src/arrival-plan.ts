/** A notification to be sent. */
export interface Due {
  /** By place in the list of resources. */
  readonly resource: number;
  /** Milliseconds after the start. */
  readonly dueMs: number;
  /** An earlier one of the plan that it is sent again of. */
  readonly copyOf?: Due;
}

export interface PlanOptions {
  readonly count: number;
  /** Infinity for all at once. */
  readonly perSecond: number;
  readonly resources: number;
  /**
   * `unequal`: the nth busiest has 1/n of what the busiest has (Zipf's law), which of 5,000 has a ninth of all.
   * `in turn`: each has as many as the others.
   * @default "unequal"
   */
  readonly shares?: "unequal" | "in turn" | undefined;
  /** How often each is sent, over {@link COPIES_MS}. @default 1 */
  readonly copies?: number | undefined;
  readonly seed: number;
}

/** From a notification to the last of its copies. */
export const COPIES_MS = 1_000;

/** When notifications are due, evenly, and of which resource. The same for the same seed. */
export function planArrivals(options: PlanOptions): Due[] {
  const { count, perSecond, copies = 1 } = options;
  const pick = options.shares === "in turn" ? pickInTurn(options) : pickUnequally(options);
  const plan = Array.from({ length: count }, (_, index): Due => ({
    resource: pick(index),
    dueMs: (index / perSecond) * 1000,
  }));
  return copies === 1 ? plan : withCopies(plan, copies);
}

/** Those that are due together stay in the order of their first ones: a copy is never before what it is of. */
function withCopies(plan: readonly Due[], copies: number): Due[] {
  const all = plan.flatMap((due) => [
    due,
    ...Array.from({ length: copies - 1 }, (_, index): Due => {
      const laterMs = ((index + 1) / (copies - 1)) * COPIES_MS;
      return { resource: due.resource, dueMs: due.dueMs + laterMs, copyOf: due };
    }),
  ]);
  return all.toSorted((a, b) => a.dueMs - b.dueMs);
}

type Pick = (index: number) => number;

function pickInTurn({ resources }: PlanOptions): Pick {
  return (index) => index % resources;
}

function pickUnequally({ resources, seed }: PlanOptions): Pick {
  const shares = cumulativeShares(resources);
  const random = createRandom(seed);
  return () => firstAbove(shares, random());
}

/** For each resource the share of it and all before it; the last is 1. */
function cumulativeShares(resources: number): number[] {
  let sum = 0;
  const sums = Array.from({ length: resources }, (_, index) => (sum += 1 / (index + 1)));
  return sums.map((value) => value / sum);
}

function firstAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sorted[middle] ?? 1) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** mulberry32. @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5);
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
