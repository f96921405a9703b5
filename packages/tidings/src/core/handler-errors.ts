/** Thrown by a handler: no further attempt can help. The change becomes a dead letter at once. */
export class Permanent extends Error {
  override readonly name = "Permanent";
}

/** A longer wait is cut to a day. */
const MAX_RETRY_AFTER_MS: number = 24 * 3_600_000;

/**
 * Thrown by a handler: try again after this time, a day at most. Spends no attempt, for a change of up to a day of age.
 */
export class RetryAfter extends Error {
  override readonly name = "RetryAfter";
  /** Milliseconds, a whole number. */
  readonly ms: number;

  /** @throws RangeError when `ms` is no time */
  constructor(ms: number, message = `asked to be called again after ${ms} ms`, options?: ErrorOptions) {
    super(message, options);
    if (!(ms >= 0 && Number.isFinite(ms))) {
      throw new RangeError(`Expected a number of milliseconds from 0 up, got \`${ms}\``);
    }
    this.ms = Math.min(Math.ceil(ms), MAX_RETRY_AFTER_MS);
  }
}

/** A handler did not return in its time. */
export class HandlerTimeoutError extends Error {
  override readonly name = "HandlerTimeoutError";

  constructor(timeoutMs: number) {
    super(`the handler did not return within ${timeoutMs} ms`);
  }
}
