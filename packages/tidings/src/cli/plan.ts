import {
  PLANNED_ACTIONS,
  type PlannedAction,
  type PlannedSubscription,
} from "../core/planned-subscription.ts";
import type { Planner } from "./planner.ts";
import { formatCounts, print } from "./print.ts";
import { formatDistance } from "./relative-time.ts";
import { formatTable, MAX_SENTENCE_LENGTH } from "./table.ts";

export interface ShowPlanOptions {
  readonly isPruned: boolean;
  readonly tenantIds?: readonly string[] | undefined;
  /** Show every subscription, however many. */
  readonly isAll: boolean;
  readonly isJson: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** More than this are not read by anybody unasked. */
const MAX_SHOWN = 50;

/** What is looked at first, first. */
const ORDER: readonly PlannedAction[] = ["delete", "replace", "create", "renew", "keep"];

/** Shows what would be done about each subscription, and why. */
export async function showPlan(
  planner: Planner,
  { isPruned, tenantIds, isAll, isJson, now }: ShowPlanOptions,
): Promise<void> {
  const picked = new Map<PlannedAction, PlannedSubscription[]>(ORDER.map((action) => [action, []]));
  const counts: Record<PlannedAction, number> = { create: 0, renew: 0, replace: 0, delete: 0, keep: 0 };
  for await (const planned of planner.plan({ prune: isPruned, tenantIds })) {
    counts[planned.action] += 1;
    // An app may have a million.
    if (isAll || counts[planned.action] <= MAX_SHOWN) picked.get(planned.action)?.push(planned);
  }
  const total = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const plan = shown([...picked.values()].flat(), isAll || total <= MAX_SHOWN);
  const more = total - plan.length;
  await print({ plan, counts, more }, isJson, () => {
    const summary = formatCounts(
      PLANNED_ACTIONS.map((action) => [counts[action], `to ${action}`]),
      "no subscriptions",
    );
    const hint = more > 0 ? `\n${more.toLocaleString("en-US")} more are not shown; --all shows them.` : "";
    return plan.length === 0 ? `${summary}${hint}` : `${tableOf(plan, now)}\n\n${summary}${hint}`;
  });
}

/** All of them, or a page of what is to change. */
function shown(plan: readonly PlannedSubscription[], isWhole: boolean): readonly PlannedSubscription[] {
  return isWhole ? plan : plan.filter(({ action }) => action !== "keep").slice(0, MAX_SHOWN);
}

function tableOf(plan: readonly PlannedSubscription[], now: number): string {
  return formatTable(
    ["ACTION", "RESOURCE", "EXPIRES", "DECLARATIONS", "TENANT", "REASON"],
    plan.map(({ action, resource, reason, expiresAt, declarations, tenantId, userId }) => [
      action,
      resource,
      formatDistance(expiresAt, now),
      declarations.join(),
      userId === undefined ? tenantId : `${tenantId} ${userId}`,
      reason,
    ]),
    MAX_SENTENCE_LENGTH,
  );
}
