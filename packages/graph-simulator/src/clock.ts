/** The simulator's idea of the time: real time plus everything it was told to jump. */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Jumps forward. What has become due (expiries, retries) is done before the call returns, the earliest first;
   * it sees the time after the jump.
   *
   * @throws RangeError when `ms` is negative or not finite: this clock never goes back
   */
  advance(ms: number): void;
}

/** Forgets the alarm; harmless after it rang. */
export type CancelAlarm = () => void;

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/** Longest delay `setTimeout` takes; a longer wait is done in several steps. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * A clock that runs with the machine's monotonic time and can jump forward, with alarms that follow its jumps.
 * Alarms keep no process alive.
 */
export class Clock implements SimulatorClock {
  readonly #startedAt = Date.now();
  readonly #startedMonotonic = performance.now();
  #jumpedMs = 0;
  /** Sorted by `at`; alarms of the same instant ring in the order they were set. */
  readonly #alarms: Alarm[] = [];
  #timer: NodeJS.Timeout | undefined;

  now(): number {
    return Math.floor(this.#startedAt + (performance.now() - this.#startedMonotonic) + this.#jumpedMs);
  }

  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) {
      throw new RangeError(`Expected to advance by a number of milliseconds >= 0, got ${ms}`);
    }
    this.#jumpedMs += ms;
    this.#ringDue();
  }

  /** Calls `ring` once, when this clock reaches `at` (epoch milliseconds); never during this call. */
  at(at: number, ring: () => void): CancelAlarm {
    const alarm: Alarm = { at, ring };
    this.#alarms.splice(this.#insertionIndex(at), 0, alarm);
    this.#wait();
    return () => {
      const index = this.#alarms.indexOf(alarm);
      if (index !== -1) this.#alarms.splice(index, 1);
    };
  }

  /** Forgets all alarms. */
  stop(): void {
    this.#alarms.length = 0;
    clearTimeout(this.#timer);
  }

  #ringDue(): void {
    for (let next = this.#alarms[0]; next && next.at <= this.now(); next = this.#alarms[0]) {
      this.#alarms.shift();
      next.ring();
    }
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const next = this.#alarms[0];
    if (!next) return;
    const delayMs = Math.min(Math.max(next.at - this.now(), 0), MAX_TIMEOUT_MS);
    this.#timer = setTimeout(() => this.#ringDue(), delayMs).unref();
  }

  #insertionIndex(at: number): number {
    let low = 0;
    let high = this.#alarms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const alarm = this.#alarms[middle];
      if (alarm && alarm.at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
