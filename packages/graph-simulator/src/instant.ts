/** An `Edm.DateTimeOffset`: date, time, and a zone. Graph refuses a value without its zone. */
const DATE_TIME_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i;

/** Epoch milliseconds, or `undefined` when the text is not an `Edm.DateTimeOffset`; finer fractions are cut. */
export function parseInstant(text: string): number | undefined {
  if (!DATE_TIME_OFFSET.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}

/** As Graph writes subscription expiries: UTC, milliseconds only when there are some. */
export function formatInstant(instant: number): string {
  return new Date(instant).toISOString().replace(".000Z", "Z");
}

/** As Outlook writes the dates of an item: UTC, whole seconds. */
export function formatSeconds(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

/** As Entra writes event times: UTC, seven fractional digits. */
export function formatTicks(instant: number): string {
  return new Date(instant).toISOString().replace("Z", "0000Z");
}
