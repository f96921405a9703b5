import { describe, expect, it } from "vitest";
import type { SubscriptionUrls } from "./mark.ts";
import { describePlan, type DraftSubscription, type PlannedSubscription } from "./planned-subscription.ts";
import { renewalAt } from "./subscription-plan.ts";
import {
  newSubscriptionRow,
  withoutGraph,
  type GraphSubscription,
  type SubscriptionRow,
} from "./subscription.ts";

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 0, 10);

const URLS: SubscriptionUrls = {
  notificationUrl: "https://tidings.example/notifications/mark",
  lifecycleNotificationUrl: "https://tidings.example/notifications/lifecycle/mark",
};

const WANT = { declaration: "users", definition: "d", changeTypes: ["updated"] as const, params: {} };

const GRAPH: GraphSubscription = {
  id: "1",
  changeTypes: ["updated"],
  notificationUrl: URLS.notificationUrl,
  grantedAt: NOW,
  expiresAt: NOW + 6 * DAY,
  isRenewalAsked: false,
};

function row(properties: Partial<SubscriptionRow> = {}): SubscriptionRow {
  const target = { tenantId: "t", path: "users", query: "" };
  return {
    ...newSubscriptionRow("key", target, NOW),
    wants: [WANT],
    graph: GRAPH,
    missingSince: null,
    ...properties,
  };
}

function plan(draft: Partial<DraftSubscription> & Pick<DraftSubscription, "row">): PlannedSubscription {
  return describePlan({ stored: draft.row, isForgotten: false, isDeclared: true, ...draft }, URLS, NOW);
}

const renewAt = renewalAt("key", GRAPH);

describe("a plan in words", () => {
  it.each<[string, SubscriptionRow, Partial<DraftSubscription>, string]>([
    ["nothing to do", row(), {}, "keep: alive"],
    ["another version's", row(), { isDeclared: false }, "keep: not declared here any more; prune removes it"],
    ["a new one", row({ graph: null }), { stored: undefined }, "create: new"],
    [
      "a new one in a store begun anew",
      row({ graph: null, createStartedAt: 1 }),
      { stored: undefined },
      "create: new; looks at Graph first",
    ],
    ["one that was interrupted", row({ graph: null }), {}, "create: not made yet"],
    [
      "one whose creation was",
      row({ graph: null, createStartedAt: 1 }),
      {},
      "create: unknown; looks at Graph first",
    ],
    ["one that ended", withoutGraph(row(), "lapsed", NOW), {}, "create: lapsed"],
    ["one that Graph removed", withoutGraph(row(), "removed", NOW), {}, "create: removed by Graph"],
    ["one that is gone", withoutGraph(row(), "gone", NOW), {}, "create: gone at Graph"],
    [
      "one that is gone, whose gap is closed",
      { ...withoutGraph(row(), "gone", NOW), gap: null },
      {},
      "create: gone at Graph",
    ],
    [
      "one that was to be replaced",
      withoutGraph(row(), "replaced", NOW),
      {},
      "create: its replacement was not made yet",
    ],
    [
      "other change types",
      row({ wants: [{ ...WANT, changeTypes: ["updated", "deleted"] }] }),
      {},
      "replace: change types: updated -> updated,deleted",
    ],
    [
      "another URL",
      row({ graph: { ...GRAPH, notificationUrl: "https://old.example/notifications/mark" } }),
      {},
      "replace: public URL changed",
    ],
    [
      "another secret",
      row({ graph: { ...GRAPH, notificationUrl: "https://tidings.example/notifications/other" } }),
      {},
      "replace: secret changed",
    ],
    [
      "one whose time has come",
      row({ graph: { ...GRAPH, grantedAt: NOW - 5 * DAY, expiresAt: NOW + DAY } }),
      {},
      `renew: due for renewal since ${new Date(renewAt - 5 * DAY).toISOString().slice(0, 19).replace("T", " ")}`,
    ],
    ["one that was asked for", row({ graph: { ...GRAPH, isRenewalAsked: true } }), {}, "renew: asked for"],
    ["one that nobody wants", row({ wants: [] }), { stored: row() }, "delete: nobody wants it"],
    [
      "one that nobody declares",
      row({ wants: [] }),
      { stored: row(), isForgotten: true },
      "delete: declared by no process any more",
    ],
    [
      "one that is worked on",
      row({ graph: null, createStartedAt: 1, claimedUntil: NOW + 1 }),
      {},
      "create: unknown; being worked on",
    ],
    [
      "one that is parked",
      row({ graph: null, failures: 3, parked: { need: "consent", since: 1, message: "Graph refused" } }),
      {},
      "create: not made yet; parked: consent: Graph refused",
    ],
    ["one that failed", row({ graph: null, failures: 1 }), {}, "create: not made yet; failed 1 time"],
    ["one that fails", row({ graph: null, failures: 2 }), {}, "create: not made yet; failed 2 times"],
  ])("has %s", (_, given, draft, expected) => {
    const { action, reason } = plan({ row: given, ...draft });
    expect(`${action}: ${reason}`).toBe(expected);
  });

  it("says which, and when", () => {
    expect(plan({ row: row({ query: "$select=id", userId: "u" }) })).toEqual({
      key: "key",
      tenantId: "t",
      userId: "u",
      resource: "users?$select=id",
      declarations: ["users"],
      action: "keep",
      reason: "alive",
      id: "1",
      expiresAt: GRAPH.expiresAt,
      at: renewAt,
    });
  });

  it("says of one that goes who wanted it, and of one that waits when it is come to", () => {
    expect(plan({ row: row({ wants: [] }), stored: row() })).toMatchObject({ declarations: ["users"] });
    expect(plan({ row: row({ wants: [] }) })).toMatchObject({ declarations: [] });
    expect(plan({ row: row({ graph: null, nextActionAt: NOW + 5 }) })).toMatchObject({ at: NOW + 5 });
    expect(plan({ row: row({ graph: null, nextActionAt: NOW - 5 }) })).toMatchObject({ at: NOW });
  });
});
