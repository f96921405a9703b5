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
  const end = (): void => over.abort(OVER);
  abandoned.addEventListener("abort", end);
  if (abandoned.aborted) end();
  const handled = handle(over.signal).then(
    (result): AttemptResult<Result> => ({ kind: "returned", result }),
    (error: unknown): AttemptResult<Result> => ({ kind: "failed", error }),
  );
  const ended = await Promise.race([handled, clock.sleep(timeoutMs, over.signal)]);
  abandoned.removeEventListener("abort", end);
  end();
  // What failed by then may have failed because it was told to end.
  if (abandoned.aborted) return { kind: "abandoned" };
  return ended ?? { kind: "failed", error: new HandlerTimeoutError(timeoutMs) };
}

/** What every signal ends with. One for all: an exception of its own would be the dearest part of an attempt. */
const OVER = new DOMException("The attempt is over", "AbortError");
