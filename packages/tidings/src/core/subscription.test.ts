import { hash as digest } from "node:crypto";
import { describe, expect, it } from "vitest";

import type { ChangeType } from "./change-type.ts";
import { resolveDeclaration, type DeclarationSpec } from "./declaration.ts";
import type { Hash } from "./ports/hash.ts";
import {
  deadlineOf,
  definitionOf,
  dueAtOf,
  lastProvenAt,
  newSubscriptionRow,
  resourceOf,
  subscriptionKeyOf,
  wantedChangeTypes,
  wantedLifetimes,
  withGap,
  withoutDefinitions,
  withoutGraph,
  withoutWants,
  withWant,
  type GapReason,
  type GraphSubscription,
  type Parking,
  type SubscriptionRow,
  type SubscriptionTarget,
  type Want,
} from "./subscription.ts";

const TARGET: SubscriptionTarget = {
  tenantId: "84bd8158-6d4d-4958-8b9f-9d6445542f95",
  path: "users/622eaaff-0683-4862-9de4-f2ec83c2bd98/messages",
  query: "",
};
const hash: Hash = (text) => digest("sha256", text, "base64url");

function want(declaration: string, ...changeTypes: ChangeType[]): Want {
  return { declaration, definition: declaration, changeTypes, params: { userId: "1" } };
}

/** A row that was looked at before and failed since. */
function settledRow(...wants: Want[]): SubscriptionRow {
  const parked: Parking = { need: "consent", since: 10, message: "no" };
  const row = newSubscriptionRow("key", TARGET, 0);
  return { ...row, wants, parked, nextActionAt: 5_000, failures: 3, version: 7 };
}

/** A row with a subscription granted at 1,000, to end at 9,000. */
function liveRow(properties: Partial<SubscriptionRow> = {}): SubscriptionRow {
  const graph: GraphSubscription = {
    id: "1",
    changeTypes: ["updated"],
    notificationUrl: "https://tidings.example/notifications/mark",
    grantedAt: 1_000,
    expiresAt: 9_000,
    isRenewalAsked: false,
  };
  return { ...settledRow(want("a", "updated")), missingSince: null, graph, ...properties };
}

describe("a subscription key", () => {
  const key = subscriptionKeyOf("crm-sync", TARGET, hash);

  it("is 22 characters that may stand in a URL", () => {
    expect(key).toMatch(/^[\w-]{22}$/);
  });

  it.each<{ name: string; change: Partial<SubscriptionTarget> }>([
    { name: "with a leading slash", change: { path: `/${TARGET.path}` } },
    { name: "in another case", change: { path: "Users/622EAAFF-0683-4862-9DE4-F2EC83C2BD98/Messages" } },
    { name: "with a quoted key", change: { path: "users('622eaaff-0683-4862-9de4-f2ec83c2bd98')/messages" } },
  ])("is the same for one resource written $name", ({ change }) => {
    expect(subscriptionKeyOf("crm-sync", { ...TARGET, ...change }, hash)).toBe(key);
  });

  it.each<{ name: string; app?: string; change?: Partial<SubscriptionTarget> }>([
    { name: "app", app: "crm-test" },
    { name: "tenant", change: { tenantId: "11111111-1111-4111-8111-111111111111" } },
    { name: "resource", change: { path: "users/622eaaff-0683-4862-9de4-f2ec83c2bd98/events" } },
    { name: "query", change: { query: "$filter=isRead eq false" } },
    { name: "user who is signed in", change: { userId: "22222222-2222-4222-8222-222222222222" } },
    { name: "preference", change: { prefer: 'IdType="ImmutableId"' } },
  ])("is another for another $name", ({ app = "crm-sync", change }) => {
    expect(subscriptionKeyOf(app, { ...TARGET, ...change }, hash)).not.toBe(key);
  });
});

describe("a definition", () => {
  const spec = resolveDeclaration("users", { changeType: "updated", lifetimeMs: 3_600_000 });
  const definition = definitionOf(spec, hash);

  it("is the same for what is said of handlers alone", () => {
    const handled = { concurrency: 2, timeoutMs: 5_000, mode: "latest" } as const;
    const same = resolveDeclaration("users", { changeType: "updated", lifetimeMs: 3_600_000, ...handled });
    expect(definitionOf(same, hash)).toBe(definition);
  });

  it.each<{ name: string; change: Partial<DeclarationSpec> }>([
    { name: "name", change: { name: "others" } },
    { name: "resource", change: { template: resolveDeclaration("groups").template } },
    { name: "query", change: { query: "$select=mail" } },
    { name: "preference", change: { prefer: 'IdType="ImmutableId"' } },
    { name: "change types", change: { changeTypes: ["deleted"] } },
    { name: "life", change: { lifetimeMs: undefined } },
    { name: "resource data", change: { isRich: true } },
  ])("is another for another $name", ({ change }) => {
    expect(definitionOf({ ...spec, ...change }, hash)).not.toBe(definition);
  });
});

describe("a new row", () => {
  it("wants nothing, knows nothing and is due", () => {
    expect(newSubscriptionRow("key", TARGET, 1_000)).toEqual({
      ...TARGET,
      key: "key",
      wants: [],
      graph: null,
      createStartedAt: null,
      formerIds: [],
      missingSince: 1_000,
      gap: null,
      parked: null,
      heardAt: null,
      nextActionAt: 1_000,
      claimedUntil: 0,
      failures: 0,
      version: 0,
    });
  });

  it("of a store that was begun anew is looked for before it is created", () => {
    expect(newSubscriptionRow("key", TARGET, 1_000, 400).createStartedAt).toBe(400);
  });
});

describe("what a row wants", () => {
  const fresh = { parked: null, nextActionAt: 1_000, failures: 0 };

  it("is due at once, without failures and whoever was waited for, when it changes", () => {
    const row = withWant(settledRow(want("a", "created")), want("b", "updated"), 1_000);
    expect(row).toEqual({ ...settledRow(want("a", "created"), want("b", "updated")), ...fresh });
  });

  it("is what each definition of a declaration wants, while one takes the other's place", () => {
    const before = { ...want("a", "created"), definition: "a1" };
    const after = { ...want("a", "deleted"), definition: "a2" };
    const row = withWant(settledRow(before), after, 1_000);
    expect(row.wants).toEqual([before, after]);
    expect(wantedChangeTypes(row)).toEqual(["created", "deleted"]);
  });

  it.each<{ name: string; before: Want[]; added: Want; after: Want[] }>([
    {
      name: "the first declaration",
      before: [],
      added: want("a", "created"),
      after: [want("a", "created")],
    },
    {
      name: "one more, in order of definitions",
      before: [want("b", "created")],
      added: want("a", "updated"),
      after: [want("a", "updated"), want("b", "created")],
    },
    {
      name: "other change types of a declaration",
      before: [want("a", "created"), want("b", "created")],
      added: want("a", "deleted"),
      after: [want("a", "deleted"), want("b", "created")],
    },
    {
      name: "other params of a declaration",
      before: [want("a", "created")],
      added: { ...want("a", "created"), params: { userId: "2" } },
      after: [{ ...want("a", "created"), params: { userId: "2" } }],
    },
  ])("takes up $name", ({ before, added, after }) => {
    expect(withWant(settledRow(...before), added, 1_000).wants).toEqual(after);
  });

  it("is the same row when nothing changes", () => {
    const row = settledRow(want("a", "created"), want("b", "updated"));
    expect(withWant(row, want("a", "created"), 1_000)).toBe(row);
    expect(withoutWants(row, ({ declaration }) => declaration === "c", 1_000)).toBe(row);
  });

  it("loses what is over, and that alone", () => {
    const both = settledRow(want("a", "created"), want("b", "updated"));
    const row = withoutWants(both, ({ declaration }) => declaration === "a", 1_000);
    expect(row).toEqual({ ...settledRow(want("b", "updated")), ...fresh });
    expect(withoutWants(row, () => true, 2_000)).toMatchObject({ wants: [], nextActionAt: 2_000 });
  });

  it("loses what definitions wanted that did not last, and has again what those had taken over", () => {
    const before = { ...want("a", "created"), definition: "a1", supersededBy: "a2" };
    const after = { ...want("a", "updated"), definition: "a2" };
    const other = { ...want("b", "deleted"), definition: "b1", supersededBy: "b2" };
    const row = withoutDefinitions(settledRow(before, after, other), new Set(["a2"]), 1_000);
    expect(row).toEqual({
      ...settledRow({ ...want("a", "created"), definition: "a1" }, other),
      ...fresh,
    });
  });

  it("unites the change types of its declarations", () => {
    expect(
      wantedChangeTypes(settledRow(want("a", "deleted", "updated"), want("b", "created", "updated"))),
    ).toEqual(["created", "updated", "deleted"]);
    expect(wantedChangeTypes(settledRow())).toEqual([]);
  });

  it("is the lives of those that ask for one", () => {
    const asking = { ...want("a", "updated"), lifetimeMs: 3_600_000 };
    expect(wantedLifetimes(settledRow(asking, want("b", "updated")))).toEqual([3_600_000]);
    expect(wantedLifetimes(settledRow(want("b", "updated")))).toEqual([]);
  });
});

describe("a row whose subscription is no more", () => {
  it.each<{ reason: GapReason; now: number; heardAt: number | null; since: number; missingSince: number }>([
    { reason: "gone", now: 5_000, heardAt: null, since: 1_000, missingSince: 5_000 },
    { reason: "gone", now: 5_000, heardAt: 3_000, since: 3_000, missingSince: 5_000 },
    { reason: "removed", now: 5_000, heardAt: 500, since: 1_000, missingSince: 5_000 },
    { reason: "gone", now: 99_000, heardAt: null, since: 1_000, missingSince: 9_000 },
    { reason: "lapsed", now: 99_000, heardAt: 3_000, since: 3_000, missingSince: 9_000 },
  ])("for it was $reason has a gap since $since", ({ reason, now, heardAt, since, missingSince }) => {
    expect(withoutGraph(liveRow({ heardAt }), reason, now)).toEqual({
      ...liveRow({ heardAt }),
      graph: null,
      gap: { since, reason },
      missingSince,
      formerIds: ["1"],
      nextActionAt: now,
      failures: 0,
    });
  });

  it("knows it by its id for as long as some others had its place", () => {
    expect(withoutGraph(liveRow({ formerIds: ["5", "1", "4"] }), "gone", 1).formerIds).toEqual([
      "1",
      "5",
      "4",
    ]);
    const { formerIds } = withoutGraph(liveRow({ formerIds: ["5", "4", "3", "2"] }), "gone", 1);
    expect(formerIds).toEqual(["1", "5", "4", "3"]);
  });

  it("is the same row when it had none", () => {
    const row = settledRow();
    expect(withoutGraph(row, "gone", 1)).toBe(row);
  });
});

describe("a gap", () => {
  it("begins where the earlier of two does", () => {
    const early = liveRow({ gap: { since: 1, reason: "missed" } });
    expect(withGap(early, { since: 2, reason: "gone" })).toBe(early);
    expect(withGap(early, { since: 0, reason: "gone" }).gap).toEqual({ since: 0, reason: "gone" });
    expect(withGap(liveRow(), { since: 2, reason: "gone" }).gap).toEqual({ since: 2, reason: "gone" });
  });

  it.each<{ name: string; row: SubscriptionRow; at: number }>([
    { name: "it was granted", row: liveRow(), at: 1_000 },
    { name: "Graph last sent something", row: liveRow({ heardAt: 4_000 }), at: 4_000 },
    { name: "it was granted, after something was sent for another", row: liveRow({ heardAt: 4 }), at: 1_000 },
    { name: "there was none any more", row: liveRow({ graph: null, missingSince: 700 }), at: 700 },
  ])("cannot reach back beyond when $name", ({ row, at }) => {
    expect(lastProvenAt(row)).toBe(at);
  });
});

describe("the deadline", () => {
  it.each<{ name: string; row: SubscriptionRow; at: number }>([
    { name: "of what is alive is its end", row: liveRow(), at: 9_000 },
    {
      name: "of what is missing comes a quarter of an hour after it went",
      row: liveRow({ graph: null, missingSince: 100 }),
      at: 900_100,
    },
  ])("$name", ({ row, at }) => {
    expect(deadlineOf(row)).toBe(at);
  });

  it("is for what nobody works on", () => {
    expect(dueAtOf({ nextActionAt: 5, claimedUntil: 0 })).toBe(5);
    expect(dueAtOf({ nextActionAt: 5, claimedUntil: 9 })).toBe(9);
  });
});

describe("the resource Graph is given", () => {
  it.each([
    ["", TARGET.path],
    ["$select=subject", `${TARGET.path}?$select=subject`],
  ])("with the query %j is %s", (query, resource) => {
    expect(resourceOf({ ...TARGET, query })).toBe(resource);
  });
});
