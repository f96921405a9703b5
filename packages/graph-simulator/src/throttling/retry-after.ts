/** How `Retry-After` is written: whole seconds, with a fraction, as a date, or not at all. */
export type RetryAfterForm = "seconds" | "fractional" | "http-date" | "missing";

/**
 * The header, rounded so that who obeys it does not come too early.
 *
 * @param now epoch milliseconds
 * @see https://learn.microsoft.com/graph/throttling
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterHeader(
  waitMs: number,
  form: RetryAfterForm,
  now: number,
): Readonly<Record<string, string>> {
  switch (form) {
    case "seconds":
      return { "retry-after": String(Math.max(Math.ceil(waitMs / 1000), 1)) };
    case "fractional":
      return { "retry-after": (Math.ceil(waitMs) / 1000).toFixed(3) };
    case "http-date":
      return { "retry-after": new Date(Math.ceil((now + waitMs) / 1000) * 1000).toUTCString() };
    case "missing":
      return {};
  }
}
