import type { GraphScope } from "../core/ports/graph-api.ts";
import { planSubscription } from "../core/subscription-plan.ts";
import {
  deadlineOf,
  FORMER_IDS,
  withoutGraph,
  type GapReason,
  type GraphSubscription,
  type SubscriptionRow,
} from "../core/subscription.ts";
import type { ActParts } from "./act-parts.ts";

const SOON_MS = 60_000;

/** The row with a subscription that lives, and that is all there is. */
export function granted(row: SubscriptionRow, graph: GraphSubscription, parts: ActParts): SubscriptionRow {
  return rested({ ...taken(row, graph), createStartedAt: null }, parts);
}

/** The row with a subscription that lives. */
export function taken(row: SubscriptionRow, graph: GraphSubscription): SubscriptionRow {
  const formerIds =
    row.graph === null || row.graph.id === graph.id ? row.formerIds : [row.graph.id, ...row.formerIds];
  return {
    ...row,
    graph,
    formerIds: formerIds.slice(0, FORMER_IDS),
    missingSince: null,
    parked: null,
    failures: 0,
  };
}

/** The row in nobody's hands, to be looked at when there is something to do. */
export function rested(
  row: SubscriptionRow,
  { goalOf, clock }: Pick<ActParts, "goalOf" | "clock">,
): SubscriptionRow {
  const now = clock.now();
  const next = planSubscription(row, goalOf(row), now);
  // Graph may grant a life that is all but over, if its clock is far behind ours; or refuse a certificate again.
  const soonMs = next.kind === "renew" && next.reason !== "asked" ? SOON_MS : 0;
  return freed({ ...row, nextActionAt: next.kind === "wait" ? next.until : now + soonMs });
}

export function freed(row: SubscriptionRow): SubscriptionRow {
  return { ...row, claimedUntil: 0 };
}

/** The row with its subscription to be renewed now. */
export function askedFor(row: SubscriptionRow): SubscriptionRow {
  return row.graph === null ? row : { ...row, graph: { ...row.graph, isRenewalAsked: true } };
}

/** The row without its subscription, in place of which there may be another since it was granted. */
export function toBeFound(row: SubscriptionRow, reason: GapReason, now: number): SubscriptionRow {
  return row.graph === null
    ? row
    : { ...withoutGraph(row, reason, now), createStartedAt: row.graph.grantedAt };
}

/** The row without its subscription, which Graph turned out not to have any more. */
export function lost(row: SubscriptionRow, { clock }: Pick<ActParts, "clock">): SubscriptionRow {
  return withoutGraph(row, lossOf(row, clock.now()), clock.now());
}

export function lossOf({ graph }: SubscriptionRow, now: number): GapReason {
  return graph !== null && graph.expiresAt <= now ? "lapsed" : "gone";
}

/** Whose call it is, and how urgent. */
export function scopeOf(row: SubscriptionRow): GraphScope {
  return { tenantId: row.tenantId, userId: row.userId, dueAt: deadlineOf(row) };
}
