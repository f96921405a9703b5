import type { Random } from "../../src/core/ports/random.ts";

/** Something that takes what strangers send. */
export interface FuzzTarget {
  readonly name: string;
  /** Makes what all cases share: it may take its time. Keys are new in each run, and no part of what a seed repeats. */
  prepare(): Promise<FuzzSubject>;
}

export interface FuzzSubject {
  /**
   * Makes one case by chance and tries it.
   * @returns in a word what became of it
   * @throws when that must not be: the case is in the message, and can be made again from the seed
   */
  run(random: Random): Promise<string>;
}

export interface FuzzOptions {
  readonly cases: number;
  readonly seed: number;
  /** Tried at the same time. @default 8 */
  readonly concurrency?: number;
  readonly onProgress?: (count: number) => void;
}

export interface FuzzFailure {
  /** The case's own seed: `--seed` with it and `--cases 1` makes it again. */
  readonly seed: number;
  readonly message: string;
}

export interface FuzzResult {
  readonly cases: number;
  /** How many came to which end. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failures: readonly FuzzFailure[];
  readonly casesPerSecond: number;
  /** What the slowest case took of this thread before it first waited, or in all when that was too much. */
  readonly slowestMs: number;
}
