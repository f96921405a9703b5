import type { Report } from "../core/events.ts";
import type { LifecycleEvent } from "../core/notification.ts";
import type { Clock } from "../core/ports/clock.ts";
import { lastProvenAt, withGap, withoutGraph, type SubscriptionRow } from "../core/subscription.ts";
import { subjectOf, tellLoss } from "./tell.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

/** @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events#actions-to-take */
const REAUTHORIZE_GAP_MS = 10 * 60_000;

export interface LifecycleParts {
  readonly rows: SubscriptionRows;
  readonly clock: Clock;
  readonly report: Report;
}

/**
 * Acts on a lifecycle notification: writes what it says into the row, which is then due. One for a subscription that
 * the row has no more says nothing of the one it has; one that comes twice changes nothing the second time.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events
 */
export async function reactTo(
  event: LifecycleEvent,
  { subscriptionKey, graphId }: { readonly subscriptionKey: string; readonly graphId: string },
  parts: LifecycleParts,
): Promise<void> {
  const { rows, clock, report } = parts;
  report("lifecycle:received", { event, subscriptionKey });
  const now = clock.now();
  let before: SubscriptionRow | undefined;
  const after = await rows.edit(subscriptionKey, (row) => {
    before = row;
    return row?.graph?.id === graphId ? afterEvent(event, row, now) : undefined;
  });
  if (before?.graph?.id !== graphId || after === undefined) return;
  if (event === "subscriptionRemoved") tellLoss(before, "removed", parts);
  if (event === "missed" && after.gap !== null)
    report("subscription:gap", { ...subjectOf(after), since: lastProvenAt(before), reason: "missed" });
}

function afterEvent(event: LifecycleEvent, row: SubscriptionRow, now: number): SubscriptionRow {
  switch (event) {
    case "missed":
      // The subscription itself is alive.
      return withGap(row, { since: lastProvenAt(row), reason: "missed" });
    case "subscriptionRemoved":
      return withoutGraph(row, "removed", now);
    case "reauthorizationRequired":
      // A PATCH renews and reauthorizes, so a recent one has answered this challenge already, and one to come will.
      return row.graph === null || row.graph.isRenewalAsked || now - row.graph.grantedAt < REAUTHORIZE_GAP_MS
        ? row
        : { ...row, graph: { ...row.graph, isRenewalAsked: true }, nextActionAt: now, failures: 0 };
    default:
      return row;
  }
}
