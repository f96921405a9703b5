import type { Clock } from "../clock.ts";

export interface JournalOptions {
  readonly clock: Clock;
  /** How long after a change delta queries begin to show it, in milliseconds of the simulator's clock. */
  readonly lagMs: number;
}

/**
 * Numbers the changes of everything there is, so that a number tells what came before and after it in every
 * collection: a group and its members, a drive and its list.
 */
export class Journal {
  readonly #options: JournalOptions;
  #last = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Epoch milliseconds. */
  now(): number {
    return this.#options.clock.now();
  }

  /** The number of a change made now: greater than all before. */
  next(): number {
    return ++this.#last;
  }

  /** What happened by this instant (epoch milliseconds) shows in delta queries. */
  shownUntil(): number {
    return this.now() - this.#options.lagMs;
  }
}
