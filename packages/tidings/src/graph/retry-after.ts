/**
 * Reads a `Retry-After` header: seconds, whole or not, or an HTTP date.
 *
 * @returns milliseconds from `now`, or undefined when it says nothing usable
 * @see https://learn.microsoft.com/graph/throttling
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : Math.ceil(seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
