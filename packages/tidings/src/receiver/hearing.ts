import type { HeardSubscription } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";

export const TELL_EVERY_MS = 10_000;

/** So many are told at once, whatever the time. As one message they take some 5 ms of the threads it goes between. */
export const MAX_HEARD = 10_000;

/** What was heard of each subscription last, told once in a while: one of them may send thousands of items a second. */
export class Hearing {
  readonly #tell: (heard: readonly HeardSubscription[]) => void;
  /** By key. */
  readonly #latest = new Map<string, HeardSubscription>();
  #isWaiting = false;

  constructor(tell: (heard: readonly HeardSubscription[]) => void) {
    this.#tell = tell;
  }

  hear(heard: HeardSubscription, clock: Clock): void {
    this.#latest.set(heard.key, heard);
    if (this.#latest.size >= MAX_HEARD) this.flush();
    else if (!this.#isWaiting) void this.#tellLater(clock);
  }

  /** Tells now what there is to tell. */
  flush(): void {
    if (this.#latest.size === 0) return;
    const heard = [...this.#latest.values()];
    this.#latest.clear();
    this.#tell(heard);
  }

  async #tellLater(clock: Clock): Promise<void> {
    this.#isWaiting = true;
    await clock.sleep(TELL_EVERY_MS);
    this.#isWaiting = false;
    this.flush();
  }
}
