import type { Renewal } from "./simulated-world.ts";

/**
 * How far renewals are from the order in which the subscriptions would have ended: the share of all pairs that are the
 * wrong way round. 0 in order, about a half by chance, 1 in the opposite order.
 */
export function disorderOf(renewals: readonly Renewal[]): number {
  const pairCount = (renewals.length * (renewals.length - 1)) / 2;
  let wrongCount = 0;
  for (const [index, { expiredAt }] of renewals.entries())
    for (const later of renewals.slice(index + 1)) if (later.expiredAt < expiredAt) wrongCount += 1;
  return pairCount === 0 ? 0 : wrongCount / pairCount;
}

/** How many there are in each period of that length, empty ones included, from the first to the last. */
export function perPeriod(renewals: readonly Renewal[], periodMs: number): number[] {
  const periods = renewals.map(({ at }) => Math.floor(at / periodMs));
  const [first, last] = [Math.min(...periods), Math.max(...periods)];
  const counts = Array.from({ length: renewals.length === 0 ? 0 : last - first + 1 }, () => 0);
  for (const period of periods) counts[period - first] = (counts[period - first] ?? 0) + 1;
  return counts;
}
