import { checkArrivals, type ArrivalCheck } from "./arrivals.ts";
import type { Stamp } from "./stamp.ts";
import { summarizeLatencies, type LatencySummary } from "./statistics.ts";

/** How the handlers of one stream were called. */
export interface ArrivalReport extends ArrivalCheck {
  /** From the moment the sender wrote a notification to the start of its handler. */
  readonly sinceSent: LatencySummary;
  /** The same from the moment it was due, also when the sender had to wait for an answer before it could write. */
  readonly sinceDue: LatencySummary;
  /** When the last handler started, on the clock of `stamp.ts`. */
  readonly lastAt: number;
}

/** How handlers that never succeed were called. */
export interface Tries {
  readonly calls: number;
  /** Of any but the first notification of its resource, which is never done. */
  readonly ofLaterOnes: number;
}

/** Takes down the calls of the handlers of one stream. */
export class ArrivalLog {
  readonly #sinceSentMs: number[] = [];
  readonly #sinceDueMs: number[] = [];
  readonly #countsByResource = new Map<number, number[]>();
  #lastAt = 0;

  get count(): number {
    return this.#sinceSentMs.length;
  }

  /** @param at when the handler started */
  add({ resource, count, sentAt, dueAt }: Stamp, at: number): void {
    this.#lastAt = at;
    this.#sinceSentMs.push(at - sentAt);
    this.#sinceDueMs.push(at - dueAt);
    const counts = this.#countsByResource.get(resource);
    if (counts === undefined) this.#countsByResource.set(resource, [count]);
    else counts.push(count);
  }

  /** @param sent how many of each resource were sent, by its place */
  report(sent: readonly number[]): ArrivalReport {
    return {
      ...checkArrivals(sent, this.#countsByResource),
      sinceSent: summarizeLatencies(this.#sinceSentMs),
      sinceDue: summarizeLatencies(this.#sinceDueMs),
      lastAt: this.#lastAt,
    };
  }

  tries(): Tries {
    const counts = [...this.#countsByResource.values()].flat();
    return { calls: counts.length, ofLaterOnes: counts.filter((count) => count > 1).length };
  }
}
