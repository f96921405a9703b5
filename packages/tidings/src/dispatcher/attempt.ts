import { HandlerTimeoutError } from "../core/handler-errors.ts";
import type { Clock } from "../core/ports/clock.ts";

export type AttemptResult<Result> =
  | { readonly kind: "returned"; readonly result: Result }
  | { readonly kind: "failed"; readonly error: unknown }
  /** The library stopped before it ended: it counts as not attempted. */
  | { readonly kind: "abandoned" };

export interface AttemptLimits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Aborts when nobody waits for it any more. */
  readonly abandoned: AbortSignal;
}

/**
 * Runs a handler within its time. Never rejects, and always ends: a handler that settles never, or late, is left to
 * itself, and what it does later changes nothing.
 */
export async function runAttempt<Result>(
  handle: (signal: AbortSignal) => Promise<Result>,
  { clock, timeoutMs, abandoned }: AttemptLimits,
): Promise<AttemptResult<Result>> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, abandoned]);
  const handled = handle(signal).then(
    (result): AttemptResult<Result> => ({ kind: "returned", result }),
    (error: unknown): AttemptResult<Result> => ({ kind: "failed", error }),
  );
  const timedOut = clock
    .sleep(timeoutMs, signal)
    .then((): AttemptResult<Result> => ({ kind: "failed", error: new HandlerTimeoutError(timeoutMs) }));
  const result = await Promise.race([handled, timedOut]);
  over.abort();
  // What failed by then may have failed because it was told to end.
  return abandoned.aborted ? { kind: "abandoned" } : result;
}
