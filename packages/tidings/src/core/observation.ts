import type { HeardSubscription } from "./events.ts";
import { SAME_INSTANT_MS, type SubscriptionRow } from "./subscription.ts";

/**
 * A notification says when its subscription expires as Graph saw it when it made the notification, which it may try to
 * deliver for four hours: so long after a renewal an earlier time says nothing.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#handle-the-change-notification
 */
const LATE_MS = 5 * 3_600_000;

/**
 * The row after something was heard of its subscription; the same row where that tells nothing new. What is heard is
 * a hint: Graph is asked before it is believed.
 */
export function afterHearing(row: SubscriptionRow, heard: HeardSubscription, now: number): SubscriptionRow {
  const { graph } = row;
  if (row.createStartedAt !== null || row.formerIds.includes(heard.id)) return row;
  // One that the row does not know sends for it: two may be alive.
  if (graph?.id !== heard.id) return { ...row, createStartedAt: now, nextActionAt: now };
  const differenceMs = (heard.expiresAt ?? graph.expiresAt) - graph.expiresAt;
  const isLonger = differenceMs > SAME_INSTANT_MS;
  const isShorter = differenceMs < -SAME_INSTANT_MS && heard.heardAt - graph.grantedAt > LATE_MS;
  if (!isLonger && !isShorter) return row;
  return { ...row, graph: { ...graph, isRenewalAsked: true }, nextActionAt: now };
}
