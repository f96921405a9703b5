/**
 * Reads a `Retry-After` header: seconds, whole or not, or an HTTP date.
 *
 * @returns milliseconds from `now`, or undefined when it says nothing usable
 * @see https://learn.microsoft.com/graph/throttling
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(header)) return Math.ceil(Number(header) * 1000);
  // An HTTP date begins with the name of its day; `Date.parse` takes much else for a date.
  const at = /^[A-Za-z]{3}/.test(header.trim()) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
