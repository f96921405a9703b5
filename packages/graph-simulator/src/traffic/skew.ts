import type { Random } from "../random.ts";

/**
 * Picks from a list as life does: a few things get most of what happens.
 *
 * The n-th thing is picked in proportion to 1/n (Zipf's law), by the inverse of the continuous distribution: no table to
 * be made, however long the list.
 */
export function pickSkewed<Thing>(things: readonly Thing[], random: Random): Thing | undefined {
  if (things.length === 0) return undefined;
  const index = Math.floor((things.length + 1) ** random.fraction()) - 1;
  return things[Math.min(index, things.length - 1)];
}

/** Picks from a list, each thing as likely as the others. */
export function pickEvenly<Thing>(things: readonly Thing[], random: Random): Thing | undefined {
  return things[random.below(things.length)];
}

/** Picks a key in proportion to its weight. */
export function pickWeighted<Key extends string>(
  weights: readonly (readonly [Key, number])[],
  random: Random,
): Key | undefined {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.fraction() * total;
  for (const [key, weight] of weights) {
    left -= weight;
    if (left < 0) return key;
  }
  return undefined;
}
