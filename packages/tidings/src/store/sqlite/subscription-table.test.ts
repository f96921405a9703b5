import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, it } from "vitest";
import { newSubscriptionRow, type SubscriptionRow } from "../../core/subscription.ts";
import { migrate } from "./schema.ts";
import { fromSubscriptionRow, toSubscriptionParameters } from "./subscription-codec.ts";
import { SUBSCRIPTION_STATEMENTS } from "./subscription-statements.ts";
import { SubscriptionTable } from "./subscription-table.ts";

let database: DatabaseSync;
let table: SubscriptionTable;

beforeEach(() => {
  database = new DatabaseSync(":memory:");
  migrate(database, "memory");
  table = new SubscriptionTable(database);
});

function put(row: SubscriptionRow): void {
  expect(table.putSubscription(toSubscriptionParameters(row))).toBeDefined();
}

function row(number: number, changes: Partial<SubscriptionRow> = {}): SubscriptionRow {
  const target = { tenantId: "tenant", path: "users", query: "" };
  return { ...newSubscriptionRow(`key-${number}`, target, number), nextActionAt: 0, ...changes };
}

it("claims in the same order however many are due", () => {
  const due = 25_000;
  database.exec("begin");
  for (let number = 0; number < due; number += 1) put(row((number * 7_919) % due));
  for (let number = 0; number < 100; number += 1) put(row(-number - 1, { nextActionAt: 9 }));
  const claimed: number[] = [];
  for (let size = -1; size !== 0;) {
    const lot = table.claimSubscriptions({ now: 1, until: 2, limit: 2_000 });
    size = lot.length;
    claimed.push(...lot.map((columns) => Number(fromSubscriptionRow(columns).missingSince)));
    if (claimed.length % 4_000 === 0)
      for (const columns of lot) put({ ...fromSubscriptionRow(columns), claimedUntil: 0, nextActionAt: 2 });
  }
  database.exec("rollback");
  expect(claimed).toEqual(Array.from({ length: due }, (_, number) => number));
});

it("stores once what rows have in common", () => {
  for (const number of [1, 2, 3]) put(row(number));
  put(row(4, { tenantId: "other" }));
  expect(count("common")).toBe(3);
});

it("forgets a claim with what it was a claim on", () => {
  put(row(1));
  put(row(2));
  const [first, second] = table
    .claimSubscriptions({ now: 1, until: 2, limit: 9 })
    .map((columns) => fromSubscriptionRow(columns));
  expect(count("subscription_claim")).toBe(2);
  put({ ...row(1), ...first });
  expect(table.deleteSubscription({ ...row(2), ...second })).toBe(true);
  expect(count("subscription_claim")).toBe(0);
});

it("follows a row to another tenant", () => {
  put(row(1));
  put(row(1, { tenantId: "other", version: 1 }));
  expect(table.listSubscriptions({ tenantId: "tenant", limit: 9 })).toEqual([]);
  expect(table.listSubscriptions({ tenantId: "other", limit: 9 })).toHaveLength(1);
});

it.each(Object.entries(SUBSCRIPTION_STATEMENTS))("reads no more rows than it must: %s", (name, sql) => {
  const parameters = [...sql.matchAll(/:(\w+)/g)].map(([, parameter = ""]) => [parameter, 0]);
  const plan = database.prepare(`explain query plan ${sql}`).all(Object.fromEntries(parameters));
  const scans = plan
    .map(({ detail }) => String(detail))
    .filter((detail) => /^SCAN (?:row|subscription|note|common)\b/.test(detail));
  expect(scans).toEqual(WALKS.get(name) ?? []);
});

/** What goes through all rows until it has found enough, by an index. */
const WALKS: ReadonlyMap<string, readonly string[]> = new Map([
  ["walkDue", ["SCAN subscription USING COVERING INDEX subscription_deadline"]],
  ["nextSubscription", ["SCAN subscription USING COVERING INDEX subscription_due"]],
  ["countSubscriptions", ["SCAN subscription USING COVERING INDEX subscription_deadline"]],
]);

function count(name: string): number {
  return Number(database.prepare(`select count(*) as count from ${name}`).get()?.["count"]);
}
