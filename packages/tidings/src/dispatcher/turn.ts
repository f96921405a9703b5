import type { Clock } from "../core/ports/clock.ts";

/** How long one declaration may keep the thread. */
const TURN_MS = 5;
/** Whatever waits for the thread by then goes first. */
const GAP_MS = 1;

/**
 * Keeps a declaration from keeping the thread: a handler that waits for nothing would be called for all that is in
 * hand, hundreds of rows, before anything else is done in the process.
 *
 * A turn begins with the first attempt that is begun, and the next when everything else has had the thread.
 */
export class Turn {
  readonly #clock: Clock;
  readonly #onNext: () => void;
  #endsAt: number | undefined;

  /** @param onNext is called when attempts may be begun again */
  constructor(clock: Clock, onNext: () => void) {
    this.#clock = clock;
    this.#onNext = onNext;
  }

  /** Whether one more attempt may be begun now. */
  goesOn(): boolean {
    const now = this.#clock.now();
    if (this.#endsAt === undefined) {
      this.#endsAt = now + TURN_MS;
      void this.#next();
    }
    return now < this.#endsAt;
  }

  async #next(): Promise<void> {
    await this.#clock.sleep(GAP_MS);
    this.#endsAt = undefined;
    this.#onNext();
  }
}
