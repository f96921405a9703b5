import type { SubscriptionGoal } from "./subscription-goal.ts";
import {
  planSubscription,
  renewalAt,
  type ReplacedDrift,
  type SubscriptionAction,
} from "./subscription-plan.ts";
import { resourceOf, wantedChangeTypes, type GapReason, type SubscriptionRow } from "./subscription.ts";

/** What is to become of a desired subscription: `keep` when there is nothing to do. */
export const PLANNED_ACTIONS = ["create", "renew", "replace", "delete", "keep"] as const;

export type PlannedAction = (typeof PLANNED_ACTIONS)[number];

/** What would be done about one desired subscription, and why. Instants are epoch milliseconds. */
export interface PlannedSubscription {
  readonly key: string;
  readonly tenantId: string;
  /** Who is signed in, for `me`. */
  readonly userId: string | undefined;
  readonly resource: string;
  /** Names of the declarations that want it, or that wanted it until now. */
  readonly declarations: readonly string[];
  readonly action: PlannedAction;
  /** A few words for people. */
  readonly reason: string;
  /** Graph's id; undefined while Graph has none. */
  readonly id: string | undefined;
  /** Undefined while Graph has none. */
  readonly expiresAt: number | undefined;
  /** When an app that runs comes to it by itself; for one to keep, its next renewal. */
  readonly at: number;
}

/** A desired subscription as the declarations would have it, and as it is stored. */
export interface DraftSubscription {
  readonly row: SubscriptionRow;
  /** Undefined when it is new; the same as `row` when nothing about it would be written. */
  readonly stored: SubscriptionRow | undefined;
  /** Whether what is stored is wanted by what no process declares any more. */
  readonly isForgotten: boolean;
  /** Whether this process declares what is wanted. */
  readonly isDeclared: boolean;
}

/** Plans as {@link planSubscription} does, in words. */
export function describePlan(
  draft: DraftSubscription,
  goal: SubscriptionGoal,
  now: number,
): PlannedSubscription {
  const { row, stored } = draft;
  const action = planSubscription({ ...row, createStartedAt: null }, goal, now);
  const { wants } = row.wants.length === 0 && stored !== undefined ? stored : row;
  return {
    key: row.key,
    tenantId: row.tenantId,
    userId: row.userId,
    resource: resourceOf(row),
    declarations: [...new Set(wants.map(({ declaration }) => declaration))],
    action: NAMES[action.kind],
    reason: [actionReason(draft, action), ...circumstances(row, now)].join("; "),
    id: row.graph?.id,
    expiresAt: row.graph?.expiresAt,
    at: action.kind === "wait" ? action.until : Math.max(now, row.nextActionAt),
  };
}

const NAMES = {
  wait: "keep",
  // Never planned for a row without an open creation.
  find: "keep",
  create: "create",
  replace: "replace",
  renew: "renew",
  "give way": "delete",
  remove: "delete",
} as const satisfies Record<SubscriptionAction["kind"], PlannedAction>;

function circumstances(
  { createStartedAt, claimedUntil, parked, failures }: SubscriptionRow,
  now: number,
): string[] {
  const words: string[] = [];
  if (claimedUntil > now) words.push("being worked on");
  else if (createStartedAt !== null) words.push("looks at Graph first");
  if (parked !== null) words.push(`parked: ${parked.need}: ${parked.message}`);
  else if (failures > 0) words.push(`failed ${failures} ${failures === 1 ? "time" : "times"}`);
  return words;
}

function actionReason(draft: DraftSubscription, action: SubscriptionAction): string {
  switch (action.kind) {
    case "wait":
    case "find":
      return draft.isDeclared ? "alive" : "not declared here any more; prune removes it";
    case "create":
      return draft.stored === undefined ? "new" : missingReason(draft.row);
    case "replace":
      return driftReason(draft.row, action.drift);
    case "renew":
      if (action.reason === "certificate") return "certificate changed";
      return action.reason === "asked" ? "asked for" : dueReason(draft.row);
    case "give way":
      return "another takes its place, and Graph allows one";
    case "remove":
      return draft.isForgotten ? "declared by no process any more" : "nobody wants it";
  }
}

const MISSING = {
  missed: "gone at Graph",
  removed: "removed by Graph",
  lapsed: "lapsed",
  gone: "gone at Graph",
  replaced: "its replacement was not made yet",
  paused: "gone at Graph",
} as const satisfies Record<GapReason, string>;

function missingReason({ createStartedAt, formerIds, gap }: SubscriptionRow): string {
  if (createStartedAt !== null) return "unknown";
  return formerIds.length === 0 ? "not made yet" : MISSING[gap?.reason ?? "gone"];
}

function driftReason(row: SubscriptionRow, drift: ReplacedDrift): string {
  switch (drift) {
    case "change types":
      return `change types: ${row.graph?.changeTypes.join() ?? ""} -> ${wantedChangeTypes(row).join()}`;
    case "endpoint":
      return "public URL changed";
    case "secret":
      return "secret changed";
  }
}

function dueReason({ key, graph }: SubscriptionRow): string {
  if (graph === null) return "due for renewal";
  const since = new Date(renewalAt(key, graph)).toISOString().slice(0, 19).replace("T", " ");
  return `due for renewal since ${since}`;
}
