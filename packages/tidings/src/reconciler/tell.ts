import type { SubscriptionOutcome, SubscriptionSubject } from "../core/events.ts";
import type { RemoteSubscription } from "../core/ports/graph-api.ts";
import {
  resourceOf,
  withoutGraph,
  type GapReason,
  type SubscriptionRow,
  type SubscriptionTarget,
} from "../core/subscription.ts";
import type { ActParts } from "./act-parts.ts";

export function outcomeOf(
  row: SubscriptionRow,
  { id, expiresAt }: Pick<RemoteSubscription, "id" | "expiresAt">,
): SubscriptionOutcome {
  return { ...subjectOf(row), id, expiresAt };
}

/** Which subscription an event is about. */
export function subjectOf(row: SubscriptionTarget & { readonly key: string }): SubscriptionSubject {
  return { key: row.key, tenantId: row.tenantId, resource: resourceOf(row) };
}

/** Tells that the row's subscription is no more, and since when changes may be lost by that. */
export function tellLoss(row: SubscriptionRow, reason: GapReason, { report, clock }: Teller): void {
  if (row.graph === null) return;
  const { gap } = withoutGraph({ ...row, gap: null }, reason, clock.now());
  const subject = subjectOf(row);
  if (reason === "lapsed")
    report("subscription:lapsed", { ...subject, id: row.graph.id, expiresAt: row.graph.expiresAt });
  if (reason === "gone" || reason === "removed")
    report("subscription:gone", { ...subject, id: row.graph.id });
  if (gap !== null) report("subscription:gap", { ...subject, ...gap });
}

type Teller = Pick<ActParts, "report" | "clock">;
