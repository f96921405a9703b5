import { AsyncLocalStorage } from "node:async_hooks";
import type { SimulatorClock } from "@tidings/graph-simulator";
import type { Clock } from "../../src/core/ports/clock.ts";

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/**
 * The simulator's time, for whoever else lives in it. Sleepers can be woken early, which those of the simulator's own
 * clock cannot; only one of that clock's is used, for the one who wakes next.
 */
export class SimulatedTime implements Clock {
  readonly #clock: SimulatorClock;
  /** The first to wake first. */
  readonly #sleepers: Sleeper[] = [];
  #ringsAt = Infinity;
  // A handler of the simulator's that sets an alarm would have the simulator think that it waits for it.
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || ms <= 0) return;
    const wakeAt = this.now() + Math.ceil(ms);
    await new Promise<void>((resolve) => {
      const sleeper: Sleeper = {
        wakeAt,
        wake: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      const abort = (): void => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        resolve();
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleepers.splice(this.#placeOf(wakeAt), 0, sleeper);
      this.#ringInTime();
    });
  }

  /** Behind those who wake at the same time. */
  #placeOf(wakeAt: number): number {
    const place = this.#sleepers.findLastIndex((other) => other.wakeAt <= wakeAt);
    return place + 1;
  }

  #ringInTime(): void {
    const at = this.#sleepers[0]?.wakeAt ?? Infinity;
    if (at >= this.#ringsAt) return;
    this.#ringsAt = at;
    void this.#outside(async () => {
      await this.#clock.sleep(at - this.now());
      this.#ring(at);
    });
  }

  #ring(at: number): void {
    // Somebody who wakes earlier has come since, and has an alarm of their own.
    if (at === this.#ringsAt) this.#ringsAt = Infinity;
    while ((this.#sleepers[0]?.wakeAt ?? Infinity) <= this.now()) this.#sleepers.shift()?.wake();
    this.#ringInTime();
  }
}

/** A clock that is wrong by `offsetMs`. Who sleeps by it sleeps as long as by any other. */
export class SkewedClock implements Clock {
  offsetMs = 0;
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  now(): number {
    return this.#time.now() + this.offsetMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.#time.sleep(ms, signal);
  }
}
