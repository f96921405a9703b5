import type { Random } from "./ports/random.ts";

export interface BackoffOptions {
  /** Upper bound of the first wait, in milliseconds; doubles with each further failure. */
  readonly firstMs: number;
  /** Upper bound of any wait, in milliseconds. */
  readonly maxMs: number;
}

/**
 * A wait with full jitter: anything from 0 to the bound, so that many that failed together do not return together.
 *
 * @param failures how often it failed so far, from 1
 * @returns milliseconds, a whole number
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(failures: number, { firstMs, maxMs }: BackoffOptions, random: Random): number {
  // 2 ** 1024 is Infinity, which `min` bounds like any other.
  const bound = Math.min(maxMs, firstMs * 2 ** (failures - 1));
  return Math.floor(random.next() * bound);
}
