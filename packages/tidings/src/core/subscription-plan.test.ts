import { describe, expect, it } from "vitest";

import type { ChangeType } from "./change-type.ts";
import type { SubscriptionUrls } from "./mark.ts";
import { planSubscription, renewalAt, type SubscriptionAction } from "./subscription-plan.ts";
import type { SubscriptionGoal } from "./subscription-goal.ts";
import {
  newSubscriptionRow,
  type GraphSubscription,
  type SubscriptionRow,
  type Want,
} from "./subscription.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 10);

const URLS: SubscriptionUrls = {
  notificationUrl: "https://tidings.example.com/notifications/mark",
  lifecycleNotificationUrl: "https://tidings.example.com/notifications/lifecycle/mark",
};

/** Signed with an earlier secret, which verifies or not. */
const FORMER = "https://tidings.example.com/notifications/former-mark";
const LOST = "https://tidings.example.com/notifications/lost-mark";

const GOAL: SubscriptionGoal = { ...URLS, isFormerUrl: (url) => url === FORMER };

const SUPERSEDED: Want = {
  declaration: "users",
  definition: "before",
  changeTypes: ["updated"],
  params: {},
  supersededBy: "after",
};

const ELSEWHERE = "https://old.example/notifications/mark";
/** Teams takes one subscription of an app. */
const ONE_ONLY = "teams/getAllMessages";

function subscription(properties: Partial<GraphSubscription> = {}): GraphSubscription {
  return {
    id: "1",
    changeTypes: ["updated"],
    notificationUrl: URLS.notificationUrl,
    grantedAt: NOW,
    expiresAt: NOW + 6 * DAY,
    isRenewalAsked: false,
    ...properties,
  };
}

function row(properties: Partial<SubscriptionRow> = {}): SubscriptionRow {
  const target = { tenantId: "t", path: "users", query: "" };
  const wants = [
    { declaration: "users", definition: "users", changeTypes: ["updated"] as const, params: {} },
  ];
  return { ...newSubscriptionRow("key", target, NOW), wants, ...properties };
}

function wanting(...changeTypes: ChangeType[][]): Pick<SubscriptionRow, "wants"> {
  return {
    wants: changeTypes.map((types, at) => ({
      declaration: `${at}`,
      definition: `${at}`,
      changeTypes: types,
      params: {},
    })),
  };
}

describe("the plan", () => {
  const due = renewalAt("key", subscription());

  it.each<{
    name: string;
    given: SubscriptionRow;
    goal?: SubscriptionGoal;
    at?: number;
    action: SubscriptionAction;
  }>([
    { name: "a new row is created", given: row(), action: { kind: "create" } },
    {
      name: "a live subscription waits until it is to be renewed",
      given: row({ graph: subscription() }),
      action: { kind: "wait", until: due },
    },
    {
      name: "a millisecond before that too",
      given: row({ graph: subscription() }),
      at: due - 1,
      action: { kind: "wait", until: due },
    },
    {
      name: "then it is renewed",
      given: row({ graph: subscription() }),
      at: due,
      action: { kind: "renew", id: "1", reason: "due" },
    },
    {
      name: "as late as the millisecond before it expires",
      given: row({ graph: subscription() }),
      at: NOW + 6 * DAY - 1,
      action: { kind: "renew", id: "1", reason: "due" },
    },
    {
      name: "one that should have ended is renewed too, since Graph knows better whether it has",
      given: row({ graph: subscription() }),
      at: NOW + 7 * DAY,
      action: { kind: "renew", id: "1", reason: "due" },
    },
    {
      name: "one that is known to be gone is created anew",
      given: row({ missingSince: NOW - 1, formerIds: ["1"] }),
      action: { kind: "create" },
    },
    {
      name: "one that Graph asks to renew is renewed before it is due",
      given: row({ graph: subscription({ isRenewalAsked: true }) }),
      action: { kind: "renew", id: "1", reason: "asked" },
    },
    {
      name: "one at another URL is replaced",
      given: row({ graph: subscription({ notificationUrl: ELSEWHERE }) }),
      action: { kind: "replace", id: "1", drift: "endpoint", order: "create first" },
    },
    {
      name: "one with too few change types is replaced",
      given: row({ ...wanting(["updated"], ["deleted"]), graph: subscription() }),
      action: { kind: "replace", id: "1", drift: "change types", order: "create first" },
    },
    {
      name: "one with too many change types is replaced",
      given: row({ graph: subscription({ changeTypes: ["updated", "deleted"] }) }),
      action: { kind: "replace", id: "1", drift: "change types", order: "create first" },
    },
    {
      name: "one that Graph takes only once is deleted before it is replaced",
      given: row({ path: ONE_ONLY, graph: subscription({ notificationUrl: ELSEWHERE }) }),
      action: { kind: "replace", id: "1", drift: "endpoint", order: "delete first" },
    },
    {
      name: "one of a kind that nobody knows is created before the former is deleted",
      given: row({ path: "something/new", graph: subscription({ notificationUrl: ELSEWHERE }) }),
      action: { kind: "replace", id: "1", drift: "endpoint", order: "create first" },
    },
    {
      name: "one of an earlier secret that still verifies stays",
      given: row({ graph: subscription({ notificationUrl: FORMER }) }),
      action: { kind: "wait", until: due },
    },
    {
      name: "one of a secret that does not verify is replaced",
      given: row({ graph: subscription({ notificationUrl: LOST }) }),
      action: { kind: "replace", id: "1", drift: "secret", order: "create first" },
    },
    {
      name: "one with another certificate is given the present one at once",
      given: row({ graph: subscription({ certificateId: "former" }) }),
      goal: { ...URLS, certificateId: "present" },
      action: { kind: "renew", id: "1", reason: "certificate", givesCertificate: true },
    },
    {
      name: "one whose certificate is not known too",
      given: row({ graph: subscription() }),
      goal: { ...URLS, certificateId: "present" },
      action: { kind: "renew", id: "1", reason: "certificate", givesCertificate: true },
    },
    {
      name: "one with another certificate that is due is given it with that",
      given: row({ graph: subscription({ certificateId: "former" }) }),
      goal: { ...URLS, certificateId: "present" },
      at: due,
      action: { kind: "renew", id: "1", reason: "due", givesCertificate: true },
    },
    {
      name: "one whose certificate cannot be changed is kept alive with the one it has",
      given: row({ failures: 1, graph: subscription({ certificateId: "former" }) }),
      goal: { ...URLS, certificateId: "present" },
      at: due,
      action: { kind: "renew", id: "1", reason: "due" },
    },
    {
      name: "one that Graph takes only once gives way to what has taken its place",
      given: row({ path: ONE_ONLY, wants: [SUPERSEDED], graph: subscription() }),
      action: { kind: "give way", id: "1" },
    },
    {
      name: "and is not made again",
      given: row({ path: ONE_ONLY, wants: [SUPERSEDED] }),
      action: { kind: "wait", until: NOW + DAY },
    },
    {
      name: "one that Graph takes besides another stays until its definition is forgotten",
      given: row({ wants: [SUPERSEDED], graph: subscription() }),
      action: { kind: "wait", until: due },
    },
    {
      name: "one that has to be replaced is, even when it is to be renewed",
      given: row({ graph: subscription({ changeTypes: ["created"], isRenewalAsked: true }) }),
      action: { kind: "replace", id: "1", drift: "change types", order: "create first" },
    },
    {
      name: "one whose replacement fails is not renewed before it is due",
      given: row({ failures: 3, graph: subscription({ changeTypes: ["created"] }) }),
      action: { kind: "replace", id: "1", drift: "change types", order: "create first" },
    },
    {
      name: "one whose replacement fails is kept alive meanwhile",
      given: row({ failures: 3, graph: subscription({ changeTypes: ["created"] }) }),
      at: due,
      action: { kind: "renew", id: "1", reason: "due" },
    },
    {
      name: "one with the change types of several declarations stays",
      given: row({
        ...wanting(["deleted"], ["updated"]),
        graph: subscription({ changeTypes: ["updated", "deleted"] }),
      }),
      action: { kind: "wait", until: due },
    },
    {
      name: "what an interrupted creation made is looked for",
      given: row({ createStartedAt: NOW - 1 }),
      action: { kind: "find" },
    },
    {
      name: "what an interrupted replacement made is looked for",
      given: row({ createStartedAt: 0, graph: subscription({ changeTypes: ["created"] }) }),
      action: { kind: "find" },
    },
    {
      name: "what an interrupted creation made is looked for before another is renewed or replaced",
      given: row({
        createStartedAt: NOW,
        graph: subscription({ expiresAt: NOW - 1, notificationUrl: ELSEWHERE }),
      }),
      action: { kind: "find" },
    },
    {
      name: "one that nobody wants is removed",
      given: row({ wants: [], graph: subscription() }),
      action: { kind: "remove", id: "1" },
    },
    {
      name: "an expired one that nobody wants is removed, in case Graph still has it",
      given: row({ wants: [], graph: subscription({ expiresAt: NOW - 1 }) }),
      action: { kind: "remove", id: "1" },
    },
    {
      name: "a row that nobody wants and that never had one is removed",
      given: row({ wants: [] }),
      action: { kind: "remove", id: undefined },
    },
    {
      name: "what an interrupted creation made is looked for also when nobody wants it any more",
      given: row({ wants: [], createStartedAt: NOW - 1 }),
      action: { kind: "find" },
    },
  ])("$name", ({ given, goal = GOAL, at = NOW, action }) => {
    expect(planSubscription(given, goal, at)).toEqual(action);
  });
});

describe("the renewal", () => {
  const KEYS = Array.from({ length: 1_000 }, (_, index) => `key-${index}-${(index * 7919) % 1009}`);

  it.each([
    { life: HOUR, least: 0.45, most: 0.55 },
    { life: DAY, least: 0.45, most: 0.55 },
    { life: DAY + 1, least: 0.6, most: 0.7334 },
    { life: 29 * DAY, least: 0.6, most: 0.7334 },
  ])("of a life of $life ms comes between $least and $most of it", ({ life, least, most }) => {
    const shares = KEYS.map((key) => (renewalAt(key, subscription({ expiresAt: NOW + life })) - NOW) / life);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...shares)).toBeLessThanOrEqual(most);
  });

  it("is spread over its range", () => {
    const graph = subscription({ expiresAt: NOW + 10 * HOUR });
    const earliest = NOW + 4.5 * HOUR;
    const tenths = KEYS.map((key) => Math.floor((renewalAt(key, graph) - earliest) / (HOUR / 10)));
    const counts = Array.from({ length: 10 }, (_, tenth) => tenths.filter((each) => each === tenth).length);
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(200);
  });

  it("is the same for a key at every start, in whole milliseconds", () => {
    const graph = subscription({ expiresAt: NOW + 1_234_567 });
    expect(renewalAt("key", graph)).toBe(renewalAt("key", graph));
    expect(Number.isInteger(renewalAt("key", graph))).toBe(true);
  });

  it("counts from when the life was granted", () => {
    const later = subscription({ grantedAt: NOW + DAY, expiresAt: NOW + 7 * DAY });
    expect(renewalAt("key", later)).toBe(renewalAt("key", subscription()) + DAY);
  });
});
