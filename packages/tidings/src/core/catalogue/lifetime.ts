import { rowOf } from "./catalogue.ts";
import type { CatalogueRow } from "./row.ts";

const MINUTE_MS = 60_000;

/** Graph raises a shorter life to this. @see https://learn.microsoft.com/graph/api/resources/subscription#properties */
export const MIN_LIFETIME_MS: number = 45 * MINUTE_MS;

/**
 * For a resource whose maximum is not known: Graph's shortest documented one. It asks for too little rather than being
 * refused.
 */
const UNKNOWN_MAXIMUM_MINUTES = 60;

/**
 * How long a life to ask for, in milliseconds: the documented maximum less a margin of 5 %, at most 10 minutes,
 * because Graph refuses what is a second too long and its clock is not ours.
 *
 * @param wantedMs lives that declarations ask for: the shortest of them counts where it is shorter, or where no
 *   maximum is documented
 */
export function requestedLifetimeMs(resource: string, wantedMs: readonly number[] = []): number {
  const maximum = rowOf(resource)?.maxLifetimeMinutes;
  if (maximum === undefined && wantedMs.length > 0) return Math.min(...wantedMs);
  const minutes = maximum ?? UNKNOWN_MAXIMUM_MINUTES;
  const marginMinutes = Math.min(10, minutes * 0.05);
  return Math.min((minutes - marginMinutes) * MINUTE_MS, ...wantedMs);
}

/** The longest life Graph grants, in milliseconds; undefined where no page says. */
export function maxLifetimeMs(
  { maxLifetimeMinutes, resourceData }: CatalogueRow,
  includeResourceData: boolean,
): number | undefined {
  const minutes =
    includeResourceData && "maxLifetimeMinutes" in resourceData
      ? resourceData.maxLifetimeMinutes
      : maxLifetimeMinutes;
  return minutes === undefined ? undefined : minutes * MINUTE_MS;
}
