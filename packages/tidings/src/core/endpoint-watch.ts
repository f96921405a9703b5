import { AnswerTimes, SLOW_MS, VERY_SLOW_MS, type AnswerCounts } from "./answer-times.ts";
import type { Told } from "./events.ts";

/** How fast we answered Graph in the last ten minutes. */
export interface EndpointHealth {
  /** Deliveries of authentic notifications. */
  readonly answered: number;
  /** Of those, how many in one took more than 1.5 s. */
  readonly slowShare: number;
  /** What the slowest took, in whole milliseconds. */
  readonly slowestMs: number;
  /** When `endpoint:slow` was told; undefined while answers come in time. */
  readonly slowSince: number | undefined;
}

export type EndpointNews = Extract<Told, ["endpoint:slow" | "endpoint:recovered", unknown]>;

/** Of fewer answers one slow one more or less says nothing. guess: Microsoft documents no least number. */
export const MIN_ANSWERS = 20;

interface Level {
  readonly overMs: number;
  /** Of all answers. */
  readonly share: number;
  readonly countOf: (counts: AnswerCounts) => number;
}

/**
 * Half of each of Graph's limits: over 10 % of answers later than 3 s, and new notifications come 10 minutes late;
 * over 15 % later than 10 s, and they are dropped for good.
 *
 * Half of the time, since Graph's clock runs from its sending to its receiving, and ours only while the request is in
 * our hands. Half of the share, since a window that is half bad by now can be all bad when Graph looks.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#throttling
 */
const LEVELS: readonly Level[] = [
  { overMs: SLOW_MS, share: 0.05, countOf: ({ slow }) => slow },
  { overMs: VERY_SLOW_MS, share: 0.075, countOf: ({ verySlow }) => verySlow },
];

/** Lower than where it begins: a share that stays about there would be told again and again. */
const RECOVERED_SHARE = 0.025;

/** Says when our answers come near to what makes Graph delay or drop notifications, and when no more. */
export class EndpointWatch {
  readonly #times = new AnswerTimes();
  #since: number | undefined;
  /** How many of the levels were told of since then. */
  #toldCount = 0;

  /**
   * An answer was given.
   *
   * @param now epoch milliseconds
   * @returns what there is to tell: each level once, until it has recovered
   */
  answered(tookMs: number, now: number): EndpointNews | undefined {
    this.#times.add(tookMs, now);
    const counts = this.#times.counts(now);
    if (counts.answered < MIN_ANSWERS) return undefined;
    const level = LEVELS.findLast(({ share, countOf }) => countOf(counts) > share * counts.answered);
    if (level === undefined || LEVELS.indexOf(level) < this.#toldCount) return undefined;
    this.#toldCount = LEVELS.indexOf(level) + 1;
    this.#since ??= now;
    const share = level.countOf(counts) / counts.answered;
    return ["endpoint:slow", { share, overMs: level.overMs, since: this.#since }];
  }

  /** Time has passed. @param now epoch milliseconds. @returns what there is to tell */
  look(now: number): EndpointNews | undefined {
    const since = this.#since;
    if (since === undefined || slowShareOf(this.#times.counts(now)) > RECOVERED_SHARE) return undefined;
    this.#since = undefined;
    this.#toldCount = 0;
    return ["endpoint:recovered", { since }];
  }

  /** @param now epoch milliseconds */
  health(now: number): EndpointHealth {
    const counts = this.#times.counts(now);
    const { answered, slowestMs } = counts;
    return {
      answered,
      slowShare: slowShareOf(counts),
      slowestMs: Math.round(slowestMs),
      slowSince: this.#since,
    };
  }
}

function slowShareOf({ slow, answered }: AnswerCounts): number {
  return answered === 0 ? 0 : slow / answered;
}
