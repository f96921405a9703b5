import type { MarkedSubscription } from "./audit.ts";
import type { SubscriptionGoal } from "./subscription-goal.ts";
import { driftOf, isOneOnly, type ReplacedDrift, type ReplaceOrder } from "./subscription-plan.ts";
import type { SubscriptionRow } from "./subscription.ts";

/**
 * What to do about one desired subscription when nothing but Graph's list says what there is. `others` carry its key,
 * too, and are one too many.
 */
export type Upkeep =
  | { readonly kind: "keep"; readonly chosen: MarkedSubscription }
  | {
      readonly kind: "renew";
      readonly chosen: MarkedSubscription;
      readonly reason: "due" | "certificate" | "proof";
      /** Deleted once the chosen one has answered that it lives: the list may be stale. */
      readonly others: readonly MarkedSubscription[];
    }
  | { readonly kind: "create" }
  | {
      readonly kind: "replace";
      readonly drift: ReplacedDrift;
      readonly order: ReplaceOrder;
      readonly others: readonly MarkedSubscription[];
    };

export interface UpkeepTerms {
  readonly goal: SubscriptionGoal;
  /** How long a life is asked for, in milliseconds. */
  readonly lifeMs: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Decides from what Graph lists. Of several that are as they should be, the one with the smallest id stays: whoever else
 * decides at the same time, and sees the same two, decides alike.
 */
export function planUpkeep(
  row: SubscriptionRow,
  ours: readonly MarkedSubscription[],
  { goal, lifeMs, now }: UpkeepTerms,
): Upkeep {
  const sorted = ours.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const drifts = new Map(sorted.map((remote) => [remote, driftOf(row, goal, remote)]));
  const isFit = (remote: MarkedSubscription): boolean =>
    drifts.get(remote) === undefined || drifts.get(remote) === "certificate";
  const chosen = sorted.find((remote) => isFit(remote));
  if (chosen === undefined) {
    const [drift] = [...drifts.values()].filter((each) => each !== undefined && each !== "certificate");
    if (drift === undefined) return { kind: "create" };
    const order = isOneOnly(row.path) ? "delete first" : "create first";
    return { kind: "replace", drift, order, others: sorted };
  }
  const others = sorted.filter((remote) => remote !== chosen);
  if (drifts.get(chosen) === "certificate") return { kind: "renew", chosen, reason: "certificate", others };
  if (isPastAThird(chosen, lifeMs, now)) return { kind: "renew", chosen, reason: "due", others };
  return others.length > 0 ? { kind: "renew", chosen, reason: "proof", others } : { kind: "keep", chosen };
}

/** Its life counts as long as what is asked for: nobody remembers what was granted. */
function isPastAThird({ expiresAt }: MarkedSubscription, lifeMs: number, now: number): boolean {
  return expiresAt - now < (lifeMs * 2) / 3;
}

/** Whether a life leaves time for one look that does not happen, or fails: it is renewed from the first third on. */
export function outlives(lifeMs: number, everyMs: number): boolean {
  return lifeMs >= 3 * everyMs;
}
