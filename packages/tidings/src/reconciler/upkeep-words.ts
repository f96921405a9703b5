import type { MarkedSubscription } from "../core/audit.ts";
import type { PlannedSubscription } from "../core/planned-subscription.ts";
import { resourceOf, type SubscriptionRow } from "../core/subscription.ts";
import type { Upkeep } from "../core/upkeep.ts";

/** What would be done about a subscription that is wanted, and why. */
export function describeUpkeep(row: SubscriptionRow, plan: Upkeep, now: number): PlannedSubscription {
  const chosen = "chosen" in plan ? plan.chosen : undefined;
  const others = "others" in plan ? plan.others : [];
  return {
    key: row.key,
    tenantId: row.tenantId,
    userId: row.userId,
    resource: resourceOf(row),
    declarations: [...new Set(row.wants.map(({ declaration }) => declaration))],
    action: plan.kind,
    reason: reasonOf(plan),
    id: chosen?.id ?? others[0]?.id,
    expiresAt: chosen?.expiresAt ?? others[0]?.expiresAt,
    at: now,
  };
}

function reasonOf(plan: Upkeep): string {
  switch (plan.kind) {
    case "keep":
      return "alive";
    case "create":
      return "not there";
    case "replace":
      return {
        "change types": "change types differ",
        endpoint: "public URL changed",
        secret: "secret changed",
      }[plan.drift];
    case "renew":
      return {
        due: "past a third of its life",
        certificate: "certificate changed",
        proof: `${plan.others.length} too many`,
      }[plan.reason];
  }
}

/** The same about one of ours that nothing declares. */
export function describeUndeclared(
  { subscriptionKey, id, resource, expiresAt }: MarkedSubscription,
  tenantId: string,
  { isPruned, now }: { readonly isPruned: boolean; readonly now: number },
): PlannedSubscription {
  return {
    key: subscriptionKey,
    tenantId,
    userId: undefined,
    resource,
    declarations: [],
    action: isPruned ? "delete" : "keep",
    reason: isPruned ? "not declared any more" : "not declared any more; prune removes it",
    id,
    expiresAt,
    at: now,
  };
}
