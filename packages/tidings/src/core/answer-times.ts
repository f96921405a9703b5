/** Answers of one while, and how many of them took long. */
export interface AnswerCounts {
  readonly answered: number;
  /** Took longer than `SLOW_MS`. */
  readonly slow: number;
  /** Took longer than `VERY_SLOW_MS`; they are slow, too. */
  readonly verySlow: number;
  /** What the slowest took. */
  readonly slowestMs: number;
}

/** Half of the 3 s that Graph gives a first attempt: what happens on the way to us and back is not seen here. */
export const SLOW_MS = 1_500;
/** Half of the 10 s that Graph gives a later one. */
export const VERY_SLOW_MS = 5_000;

const MINUTE_MS = 60_000;
/** Of Graph's window; the present one is one of them. */
const MINUTES = 10;

interface Minute extends AnswerCounts {
  /** Since the epoch. */
  readonly number: number;
}

/** How long answers took, for the last ten minutes of a clock that may jump. */
export class AnswerTimes {
  readonly #minutes: Minute[] = [];

  /** @param now epoch milliseconds */
  add(tookMs: number, now: number): void {
    const number = Math.floor(now / MINUTE_MS);
    const before = this.#minutes[number % MINUTES];
    const { answered, slow, verySlow, slowestMs } = before?.number === number ? before : NONE;
    this.#minutes[number % MINUTES] = {
      number,
      answered: answered + 1,
      slow: tookMs > SLOW_MS ? slow + 1 : slow,
      verySlow: tookMs > VERY_SLOW_MS ? verySlow + 1 : verySlow,
      slowestMs: Math.max(slowestMs, tookMs),
    };
  }

  /** @param now epoch milliseconds */
  counts(now: number): AnswerCounts {
    const present = Math.floor(now / MINUTE_MS);
    const isRecent = ({ number }: Minute): boolean => number > present - MINUTES && number <= present;
    return this.#minutes.filter(isRecent).reduce<AnswerCounts>(sum, NONE);
  }
}

const NONE: AnswerCounts = { answered: 0, slow: 0, verySlow: 0, slowestMs: 0 };

function sum(a: AnswerCounts, b: AnswerCounts): AnswerCounts {
  return {
    answered: a.answered + b.answered,
    slow: a.slow + b.slow,
    verySlow: a.verySlow + b.verySlow,
    slowestMs: Math.max(a.slowestMs, b.slowestMs),
  };
}
