import type { Clock } from "../core/ports/clock.ts";

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is moved. Sleepers wake in the order of their times. */
export class FakeClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  /** @param now epoch milliseconds to begin at */
  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || ms <= 0) return;
    await new Promise<void>((resolve) => {
      const sleeper = { wakeAt: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  }

  /**
   * Moves `ms` ahead, stopping at each time somebody sleeps until, so that what they do next happens at that time.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      this.#now = Math.max(this.#now, next.wakeAt);
      next.wake();
      await settled();
    }
    this.#now = until;
    await settled();
  }

  #next(until: number): Sleeper | undefined {
    const due = this.#sleepers.filter(({ wakeAt }) => wakeAt <= until);
    return due.toSorted((a, b) => a.wakeAt - b.wakeAt)[0];
  }
}

/** Lets everything run that waits for nothing but its turn. */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
