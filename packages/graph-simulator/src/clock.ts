import { Activities } from "./activities.ts";
import { AlarmHeap, type Alarm } from "./alarm-heap.ts";

/**
 * What makes the time pass: `real` is the machine's own time plus every jump; `virtual` stands still until it is told
 * to go on.
 */
export type ClockKind = "real" | "virtual";

/** The simulator's idea of the time. It never goes back. */
export interface SimulatorClock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Jumps forward. What has become due (expiries, retries) is done before the call returns, the earliest first;
   * it sees the time after the jump.
   *
   * @throws RangeError when `ms` is negative or not finite
   */
  advance(ms: number): void;
  /**
   * Lives through that much time, as fast as the machine can: what becomes due happens at its own moment, and what it
   * starts (requests, deliveries) is ended before the next. Resolves when the time is over.
   *
   * @throws RangeError when `ms` is negative or not finite
   */
  run(ms: number): Promise<void>;
  /** Resolves when that much time has passed on this clock. */
  sleep(ms: number): Promise<void>;
}

/** Forgets the alarm; harmless after it rang. */
export type CancelAlarm = () => void;

export interface ClockOptions {
  /** @default "real" */
  readonly kind?: ClockKind;
  /**
   * Epoch milliseconds.
   * @default now
   */
  readonly startAt?: number;
}

/** Longest delay `setTimeout` takes; a longer wait is done in several steps. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock, and the alarms that follow its jumps. Alarms keep no process alive. */
export class Clock implements SimulatorClock {
  readonly activities: Activities = new Activities();
  readonly #isVirtual: boolean;
  readonly #startedAt: number;
  readonly #startedMonotonic = performance.now();
  #jumpedMs = 0;
  #livedMs = 0;
  readonly #alarms = new AlarmHeap();
  #alarmCount = 0;
  #timer: { readonly handle: NodeJS.Timeout; readonly at: number } | undefined;

  constructor({ kind = "real", startAt = Date.now() }: ClockOptions = {}) {
    this.#isVirtual = kind === "virtual";
    this.#startedAt = startAt;
  }

  now(): number {
    return Math.floor(this.#startedAt + this.elapsed() + this.#jumpedMs);
  }

  /**
   * Milliseconds since the start, without the jumps: what measures how long something took. Nobody waits through a jump.
   */
  elapsed(): number {
    const realMs = this.#isVirtual ? 0 : performance.now() - this.#startedMonotonic;
    return realMs + this.#livedMs;
  }

  advance(ms: number): void {
    assertDuration("advance by", ms);
    this.#jumpedMs += ms;
    this.#forgetTimer();
    this.#ringDue();
  }

  async run(ms: number): Promise<void> {
    assertDuration("run for", ms);
    const until = this.now() + ms;
    // Whoever asks for it may be an activity, and must not be waited for.
    const goOn = this.activities.holdUp();
    for (;;) {
      await this.activities.quiet();
      const next = this.#alarms.peek();
      if (!next || next.at > until) break;
      this.#liveUntil(next.at);
      this.#ringDue();
    }
    this.#liveUntil(until);
    goOn();
  }

  sleep(ms: number): Promise<void> {
    const goOn = this.activities.holdUp();
    return new Promise((resolve) => {
      this.at(this.now() + ms, () => {
        goOn();
        resolve();
      });
    });
  }

  /** Calls `ring` once, when this clock reaches `at` (epoch milliseconds); never during this call. */
  at(at: number, ring: () => void): CancelAlarm {
    // Whole milliseconds, as `now` tells them: an alarm between two of them would be due later than it rings.
    const alarm: Alarm = { at: Math.ceil(at), order: this.#alarmCount++, ring, isCancelled: false };
    this.#alarms.push(alarm);
    this.#wait();
    return () => {
      alarm.isCancelled = true;
    };
  }

  /** Forgets all alarms. */
  stop(): void {
    this.#alarms.clear();
    this.#forgetTimer();
  }

  #liveUntil(at: number): void {
    const ms = at - this.now();
    if (ms <= 0) return;
    this.#livedMs += ms;
    this.#forgetTimer();
  }

  #ringDue(): void {
    for (let next = this.#alarms.peek(); next && next.at <= this.now(); next = this.#alarms.peek()) {
      this.#alarms.pop();
      this.activities.outside(next.ring);
    }
    this.#wait();
  }

  #wait(): void {
    const next = this.#alarms.peek();
    if (this.#isVirtual || !next || (this.#timer && this.#timer.at <= next.at)) return;
    this.#forgetTimer();
    const delayMs = Math.min(Math.max(next.at - this.now(), 0), MAX_TIMEOUT_MS);
    const handle = setTimeout(() => {
      this.#timer = undefined;
      this.#ringDue();
    }, delayMs).unref();
    this.#timer = { handle, at: next.at };
  }

  #forgetTimer(): void {
    clearTimeout(this.#timer?.handle);
    this.#timer = undefined;
  }
}

function assertDuration(verb: string, ms: number): void {
  if (Number.isFinite(ms) && ms >= 0) return;
  throw new RangeError(`Expected to ${verb} a number of milliseconds >= 0, got ${ms}`);
}
