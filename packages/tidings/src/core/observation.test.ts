import { describe, expect, it } from "vitest";
import type { HeardSubscription } from "./events.ts";
import { afterHearing } from "./observation.ts";
import { newSubscriptionRow, type SubscriptionRow } from "./subscription.ts";

const HOUR = 3_600_000;
const GRANTED_AT = Date.UTC(2026, 0, 10);
const EXPIRES_AT = GRANTED_AT + 72 * HOUR;
const NOW = GRANTED_AT + HOUR;

const ROW: SubscriptionRow = {
  ...newSubscriptionRow("key", { tenantId: "t", path: "users", query: "" }, GRANTED_AT),
  graph: {
    id: "present",
    changeTypes: ["updated"],
    notificationUrl: "https://tidings.example/notifications/mark",
    grantedAt: GRANTED_AT,
    expiresAt: EXPIRES_AT,
    isRenewalAsked: false,
  },
  formerIds: ["former"],
  missingSince: null,
  nextActionAt: GRANTED_AT + 48 * HOUR,
};

function heard(properties: Partial<HeardSubscription> = {}): HeardSubscription {
  return { key: "key", id: "present", heardAt: NOW, expiresAt: EXPIRES_AT, ...properties };
}

describe("what is heard of a subscription", () => {
  it.each<{ name: string; row?: SubscriptionRow; heard: HeardSubscription }>([
    { name: "the end that is known", heard: heard() },
    { name: "an end rounded another way", heard: heard({ expiresAt: EXPIRES_AT - 59_000 }) },
    { name: "no end", heard: heard({ expiresAt: undefined }) },
    {
      name: "an earlier end soon after a renewal: the notification may be as old as Graph tries for",
      heard: heard({ expiresAt: EXPIRES_AT - HOUR, heardAt: GRANTED_AT + 5 * HOUR }),
    },
    { name: "one that it had before, and that is still telling", heard: heard({ id: "former" }) },
    {
      name: "another while one is looked for already",
      row: { ...ROW, createStartedAt: NOW - 1 },
      heard: heard({ id: "other" }),
    },
  ])("changes nothing of a row: $name", ({ row = ROW, heard: each }) => {
    expect(afterHearing(row, each, NOW)).toBe(row);
  });

  it.each<{ name: string; heard: HeardSubscription }>([
    { name: "a later end, which somebody else asked for", heard: heard({ expiresAt: EXPIRES_AT + HOUR }) },
    {
      name: "an earlier end, long after it was granted",
      heard: heard({ expiresAt: EXPIRES_AT - HOUR, heardAt: GRANTED_AT + 5 * HOUR + 1 }),
    },
  ])("has it renewed, which tells what is so: $name", ({ heard: each }) => {
    const after = afterHearing(ROW, each, NOW);
    expect(after).toEqual({ ...ROW, graph: { ...ROW.graph, isRenewalAsked: true }, nextActionAt: NOW });
  });

  it("has it looked for when it is one that the row does not know", () => {
    const sought = { createStartedAt: NOW, nextActionAt: NOW };
    expect(afterHearing(ROW, heard({ id: "other" }), NOW)).toEqual({ ...ROW, ...sought });
    const without = { ...ROW, graph: null };
    expect(afterHearing(without, heard({ id: "other" }), NOW)).toEqual({ ...without, ...sought });
  });
});
