/** Milliseconds, or a number with its unit: `"500ms"`, `"10s"`, `"5m"`, `"4h"`, `"30d"`. */
export type Duration = number | string;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds, or `undefined` when the text is no duration. */
export function parseDuration(duration: Duration): number | undefined {
  if (typeof duration === "number") return Number.isFinite(duration) && duration >= 0 ? duration : undefined;
  const [, count = "", unit = "ms"] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(duration) ?? [];
  return count === "" ? undefined : Number(count) * (UNIT_MS[unit] ?? 1);
}
