import { hash as digest } from "node:crypto";
import { describe, expect, it } from "vitest";

import type { ChangeType } from "./change-type.ts";
import type { Hash } from "./ports/hash.ts";
import {
  newSubscriptionRow,
  resourceOf,
  subscriptionKeyOf,
  wantedChangeTypes,
  wantedLifetimes,
  withoutWant,
  withWant,
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
  return { declaration, changeTypes, params: { userId: "1" } };
}

/** A row that was looked at before and failed since. */
function settledRow(...wants: Want[]): SubscriptionRow {
  return { ...newSubscriptionRow("key", TARGET, 0), wants, nextActionAt: 5_000, failures: 3, version: 7 };
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
  ])("is another for another $name", ({ app = "crm-sync", change }) => {
    expect(subscriptionKeyOf(app, { ...TARGET, ...change }, hash)).not.toBe(key);
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
      nextActionAt: 1_000,
      failures: 0,
      version: 0,
    });
  });
});

describe("what a row wants", () => {
  it("is due at once and without failures when it changes", () => {
    const row = withWant(settledRow(want("a", "created")), want("b", "updated"), 1_000);
    expect(row).toEqual({
      ...settledRow(want("a", "created"), want("b", "updated")),
      nextActionAt: 1_000,
      failures: 0,
    });
  });

  it.each<{ name: string; before: Want[]; added: Want; after: Want[] }>([
    {
      name: "the first declaration",
      before: [],
      added: want("a", "created"),
      after: [want("a", "created")],
    },
    {
      name: "one more, in order of names",
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
    expect(withoutWant(row, "c", 1_000)).toBe(row);
  });

  it("loses what one declaration wanted, and that alone", () => {
    const row = withoutWant(settledRow(want("a", "created"), want("b", "updated")), "a", 1_000);
    expect(row).toEqual({ ...settledRow(want("b", "updated")), nextActionAt: 1_000, failures: 0 });
    expect(withoutWant(row, "b", 2_000)).toMatchObject({ wants: [], nextActionAt: 2_000 });
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

describe("the resource Graph is given", () => {
  it.each([
    ["", TARGET.path],
    ["$select=subject", `${TARGET.path}?$select=subject`],
  ])("with the query %j is %s", (query, resource) => {
    expect(resourceOf({ ...TARGET, query })).toBe(resource);
  });
});
