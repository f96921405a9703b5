import { rowOf } from "./catalogue.ts";
import type { CatalogueRow } from "./row.ts";

const MINUTE_MS = 60_000;

/** Graph raises a shorter life to this. @see https://learn.microsoft.com/graph/api/resources/subscription#properties */
export const MIN_LIFETIME_MS: number = 45 * MINUTE_MS;

/**
 * For a resource whose maximum is not known: Graph's shortest documented one. It asks for too little rather than being
 * refused.
 */
const UNKNOWN_MAXIMUM_MS = 60 * MINUTE_MS;

/**
 * How long a life to ask for, in milliseconds: the documented maximum less a margin of 5 %, at most 10 minutes,
 * because Graph refuses what is a second too long and its clock is not ours.
 *
 * @param wantedMs lives that declarations ask for: the shortest of them counts where it is shorter, or where no
 *   maximum is documented
 * @param includeResourceData whether notifications include it: Graph then grants some a shorter life
 */
export function requestedLifetimeMs(
  resource: string,
  wantedMs: readonly number[] = [],
  includeResourceData = false,
): number {
  const row = rowOf(resource);
  const maximumMs = row && maxLifetimeMs(row, includeResourceData);
  if (maximumMs === undefined && wantedMs.length > 0) return Math.min(...wantedMs);
  const longestMs = maximumMs ?? UNKNOWN_MAXIMUM_MS;
  const marginMs = Math.min(10 * MINUTE_MS, longestMs * 0.05);
  return Math.min(longestMs - marginMs, ...wantedMs);
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
