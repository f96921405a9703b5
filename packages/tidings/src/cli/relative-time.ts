const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** How far away an instant is, in its two largest units: `in 2 d 3 h`, `5 min ago`, `now`. Empty when there is none. */
export function formatDistance(at: number | undefined, now: number): string {
  if (at === undefined) return "";
  const span = formatSpan(Math.abs(at - now));
  if (span === "") return "now";
  return at > now ? `in ${span}` : `${span} ago`;
}

/** Empty for less than a second. */
function formatSpan(spanMs: number): string {
  const first = UNITS.findIndex(([, unitMs]) => spanMs >= unitMs);
  if (first === -1) return "";
  let restMs = spanMs;
  const parts: string[] = [];
  for (const [name, unitMs] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}
