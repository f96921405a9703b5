import { describe, expect, it } from "vitest";
import type { MarkedSubscription } from "./audit.ts";
import { newSubscriptionRow, withWant, type SubscriptionRow } from "./subscription.ts";
import { outlives, planUpkeep, type Upkeep } from "./upkeep.ts";

const HOUR_MS = 3_600_000;
const NOW = 1_795_000_000_000;
const LIFE_MS = 30 * HOUR_MS;
const GOAL = {
  notificationUrl: "https://a.example/n/mark",
  lifecycleNotificationUrl: "https://a.example/n/lifecycle/mark",
};
const TENANT_ID = "84bd8158-6d4d-4958-8b9f-9d6445542f95";

const row = rowOf("users");

function rowOf(path: string): SubscriptionRow {
  const target = { tenantId: TENANT_ID, path, query: "" };
  const want = { declaration: path, definition: "d", changeTypes: ["updated"], params: {} } as const;
  return withWant(newSubscriptionRow("key", target, NOW), want, NOW);
}

function remote(id: string, changes: Partial<MarkedSubscription> = {}): MarkedSubscription {
  return {
    id,
    resource: "users",
    changeTypes: ["updated"],
    notificationUrl: GOAL.notificationUrl,
    expiresAt: NOW + LIFE_MS,
    subscriptionKey: "key",
    ...changes,
  };
}

/** In a few words. */
function planned(ours: readonly MarkedSubscription[], of = row, certificateId?: string): string {
  const plan: Upkeep = planUpkeep(of, ours, { goal: { ...GOAL, certificateId }, lifeMs: LIFE_MS, now: NOW });
  const chosen = "chosen" in plan ? ` ${plan.chosen.id}` : "";
  const why = "reason" in plan ? `, ${plan.reason}` : "drift" in plan ? `, ${plan.drift}, ${plan.order}` : "";
  const others = "others" in plan ? ` without ${plan.others.map(({ id }) => id).join()}` : "";
  return `${plan.kind}${chosen}${why}${others}`;
}

describe("what there is at Graph", () => {
  it.each<[string, readonly MarkedSubscription[], string]>([
    ["nothing", [], "create"],
    ["one", [remote("b")], "keep b"],
    ["one in its first third", [remote("b", { expiresAt: NOW + 20 * HOUR_MS })], "keep b"],
    ["one past it", [remote("b", { expiresAt: NOW + 20 * HOUR_MS - 1 })], "renew b, due without "],
    ["one that is over", [remote("b", { expiresAt: NOW - 1 })], "renew b, due without "],
    ["two", [remote("b"), remote("a")], "renew a, proof without b"],
    [
      "two of which the first is another",
      [remote("b"), remote("a", { changeTypes: ["deleted"] })],
      "renew b, proof without a",
    ],
    ["another", [remote("a", { changeTypes: ["deleted"] })], "replace, change types, create first without a"],
    [
      "one for another URL",
      [remote("a", { notificationUrl: "https://b.example/n/mark" })],
      "replace, endpoint, create first without a",
    ],
    [
      "one of a secret that is gone",
      [remote("a", { notificationUrl: "https://a.example/n/old" })],
      "replace, secret, create first without a",
    ],
  ])("%s", (_, ours, expected) => {
    expect(planned(ours)).toBe(expected);
  });

  it("is deleted first where Graph takes one only", () => {
    const chats = rowOf("chats/getAllMessages");
    expect(planned([remote("a", { changeTypes: ["deleted"] })], chats)).toBe(
      "replace, change types, delete first without a",
    );
  });

  it("is given another certificate, and need not be replaced for it", () => {
    expect(planned([remote("a", { certificateId: "old" })], row, "new")).toBe(
      "renew a, certificate without ",
    );
    expect(planned([remote("a", { certificateId: "new" })], row, "new")).toBe("keep a");
  });
});

it("has a life of three intervals", () => {
  expect([outlives(3 * HOUR_MS, HOUR_MS), outlives(3 * HOUR_MS - 1, HOUR_MS)]).toEqual([true, false]);
});
