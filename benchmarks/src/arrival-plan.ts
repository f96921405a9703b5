/** A notification to be sent. */
export interface Due {
  /** By place in the list of resources. */
  readonly resource: number;
  /** Milliseconds after the start. */
  readonly dueMs: number;
}

export interface PlanOptions {
  readonly count: number;
  /** Infinity for all at once. */
  readonly perSecond: number;
  readonly resources: number;
  readonly seed: number;
}

/**
 * When notifications are due, evenly, and of which resource: the nth busiest has 1/n of what the busiest has (Zipf's
 * law), which of 5,000 has a ninth of all. The same for the same seed.
 */
export function planArrivals({ count, perSecond, resources, seed }: PlanOptions): Due[] {
  const shares = cumulativeShares(resources);
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => ({
    resource: firstAbove(shares, random()),
    dueMs: (index / perSecond) * 1000,
  }));
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
