/**
 * How long a delivery is tried again, in milliseconds of the simulator's clock, from the moment it was owed.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#process-the-change-notification
 */
export const DEFAULT_RETRY_WINDOW_MS: number = 4 * 60 * 60 * 1000;

/** guess: only "exponential backoff" is documented. */
export const DEFAULT_FIRST_RETRY_DELAY_MS = 10_000;

/** guess: an endpoint that recovers should not wait for hours. */
const MAX_RETRY_DELAY_MS: number = 30 * 60 * 1000;

export interface RetryQuestion {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** When the oldest notification of the delivery was owed, epoch milliseconds. */
  readonly owedAt: number;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly firstRetryDelayMs: number;
  readonly retryWindowMs: number;
}

/** When the next attempt is due (epoch milliseconds), or `null` when that would be beyond the retry window. */
export function nextAttemptAt(question: RetryQuestion): number | null {
  const delayMs = Math.min(question.firstRetryDelayMs * 2 ** (question.attempt - 1), MAX_RETRY_DELAY_MS);
  const at = question.now + delayMs;
  return at <= question.owedAt + question.retryWindowMs ? at : null;
}
