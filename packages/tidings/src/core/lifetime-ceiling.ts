const MINUTE_MS = 60_000;

/**
 * How far ahead a subscription may expire, as Graph says when it refuses one that lives too long.
 *
 * @returns milliseconds from the request, or undefined when the message says nothing of it
 * @see https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/7726 for the form in minutes
 */
export function lifetimeCeilingMs(message: string): number | undefined {
  const [, minutes] = /can only be (\d{1,6}) minutes in the future/i.exec(message) ?? [];
  if (minutes !== undefined) return Number(minutes) * MINUTE_MS;
  const [, span] = /beyond allowed max '([^']+)/i.exec(message) ?? [];
  return span === undefined ? undefined : parseTimeSpan(span);
}

/**
 * A .NET `TimeSpan`: `3.00:00:00`, `01:00:00`, with a fraction of a second or not. What is cut off after its days is
 * still worth its days.
 *
 * @see https://learn.microsoft.com/dotnet/standard/base-types/standard-timespan-format-strings
 */
function parseTimeSpan(text: string): number | undefined {
  const parts = /^(?:(\d{1,5})\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?/.exec(text);
  if (parts === null) return undefined;
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  if (days === undefined || hours === undefined || minutes === undefined || seconds === undefined)
    return undefined;
  const ms = ((days * 24 + hours) * 60 + minutes) * MINUTE_MS + seconds * 1000;
  return ms > 0 ? ms : undefined;
}
