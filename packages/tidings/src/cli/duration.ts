import { InvalidArgumentError } from "commander";
import ms, { type StringValue } from "ms";

/** As long as a timer of Node's can run: some 24 days. */
const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** A time to wait, such as `20s` or `5m`. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const durationMs = isDuration(text) ? ms(text) : 0;
  if (durationMs > 0 && durationMs <= MAX_TIMER_MS) return durationMs;
  throw new InvalidArgumentError("Expected a time such as 20s or 5m.");
}

/** A time ago, such as `2h`, or an ISO date. @returns epoch milliseconds @throws InvalidArgumentError */
export function parseSince(text: string, now: number): number {
  const at = isDuration(text) ? now - ms(text) : isIsoDate(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(at)) return Math.max(0, Math.round(at));
  throw new InvalidArgumentError(
    "Expected a time ago such as 2h or 3d, or one such as 2026-01-31T08:00:00Z.",
  );
}

/** `ms` throws for the empty text and answers NaN for what it cannot read, whatever its types say. */
function isDuration(text: string): text is StringValue {
  return /^[\d.]+ ?[a-z]+$/i.test(text);
}

function isIsoDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(text);
}
