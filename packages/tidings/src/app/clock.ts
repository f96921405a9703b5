import { setTimeout as sleepFor } from "node:timers/promises";

import type { Clock } from "../core/ports/clock.ts";

/** The longest delay a timer of Node's takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. Sleeping keeps no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => sleepUntilAborted(ms, signal),
};

/** The machine's clock, for a program whose only work is what it waits for. Sleeping keeps the process alive. */
export const wakefulClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => sleepFor(Math.min(ms, MAX_TIMER_MS), undefined, { signal }).catch(() => {}),
};

/**
 * A clock that runs with the machine's and can be moved ahead: whoever sleeps past the new time wakes at once, in the
 * thread that moved it.
 */
export class JumpableClock implements Clock {
  /** How far it is ahead, for the same clock in another thread. */
  readonly offset: SharedArrayBuffer;
  readonly #offsetMs: BigInt64Array;
  #jumped = new AbortController();

  constructor(offset: SharedArrayBuffer = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.offset = offset;
    this.#offsetMs = new BigInt64Array(offset);
  }

  now(): number {
    return Date.now() + Number(Atomics.load(this.#offsetMs, 0));
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    while (this.now() < until) {
      if (signal?.aborted === true) return;
      const jumped = this.#jumped.signal;
      await sleepUntilAborted(
        until - this.now(),
        signal === undefined ? jumped : AbortSignal.any([jumped, signal]),
      );
    }
  }

  /** Moves the clock `ms` ahead. */
  advance(ms: number): void {
    Atomics.add(this.#offsetMs, 0, BigInt(Math.round(ms)));
    const jumped = this.#jumped;
    this.#jumped = new AbortController();
    jumped.abort();
  }
}

async function sleepUntilAborted(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, Math.min(ms, MAX_TIMER_MS)).unref();
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    }
    signal?.addEventListener("abort", end);
  });
}
