/** The value in the middle; between the two in the middle of an even number. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The smallest value that `percent` of all values are not above (nearest rank). NaN of none.
 *
 * @param percent over 0, up to 100
 */
export function percentile(values: readonly number[], percent: number): number {
  const rank = Math.ceil((percent / 100) * values.length);
  return values.toSorted((a, b) => a - b)[rank - 1] ?? Number.NaN;
}

/** Milliseconds at the middle, at the slow end, and at the very end. */
export interface LatencySummary {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export function summarizeLatencies(latenciesMs: readonly number[]): LatencySummary {
  const at = (percent: number): number => percentile(latenciesMs, percent);
  return { p50Ms: at(50), p99Ms: at(99), maxMs: at(100) };
}
