/** What a bucket says to a request. */
export interface Drawn {
  readonly isRefused: boolean;
  /** Milliseconds until the same request would be let through; 0 when it was. */
  readonly waitMs: number;
  /** How much of the limit is used, 1 when all of it; more while requests are refused. */
  readonly usedShare: number;
}

/**
 * A limit of so many units in a window: full at first, and filled again all the time.
 *
 * A request that is refused counts too, as documented ("continues to log resource usage while a client is being
 * throttled"), but no client gets deeper into debt than one window.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#pattern
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #unitsPerMs: number;
  #level: number;
  #filledAt: number;

  constructor(capacity: number, windowMs: number, now: number) {
    this.#capacity = capacity;
    this.#unitsPerMs = capacity / windowMs;
    this.#level = capacity;
    this.#filledAt = now;
  }

  /** @param reserve units that must be left over; negative for who may go beyond the limit */
  draw(cost: number, reserve: number, now: number): Drawn {
    const passedMs = now - this.#filledAt;
    this.#filledAt = now;
    this.#level = Math.min(this.#level + passedMs * this.#unitsPerMs, this.#capacity);
    const missing = cost + reserve - this.#level;
    this.#level = Math.max(this.#level - cost, -this.#capacity);
    const isRefused = missing > 0;
    return {
      isRefused,
      waitMs: isRefused ? (cost + reserve - this.#level) / this.#unitsPerMs : 0,
      usedShare: 1 - this.#level / this.#capacity,
    };
  }
}
