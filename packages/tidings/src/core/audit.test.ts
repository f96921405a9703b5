import { describe, expect, it } from "vitest";
import { auditRow, type MarkedSubscription, type RowFinding } from "./audit.ts";
import { newSubscriptionRow, type GraphSubscription, type SubscriptionRow } from "./subscription.ts";

const MINUTE_MS = 60_000;
const LISTED_AT = 100 * MINUTE_MS;
const URL = "https://tidings.example/notifications/mark";

const GRAPH: GraphSubscription = {
  id: "1",
  changeTypes: ["updated"],
  notificationUrl: URL,
  grantedAt: 0,
  expiresAt: 500 * MINUTE_MS,
  isRenewalAsked: false,
};

const LISTED: MarkedSubscription = {
  id: "1",
  subscriptionKey: "key",
  resource: "users",
  changeTypes: ["updated"],
  notificationUrl: URL,
  expiresAt: GRAPH.expiresAt,
};

function row(properties: Partial<SubscriptionRow> = {}): SubscriptionRow {
  const target = { tenantId: "t", path: "users", query: "" };
  return { ...newSubscriptionRow("key", target, 0), graph: GRAPH, missingSince: null, ...properties };
}

describe("what a list says of a row", () => {
  it.each<{ name: string; of: SubscriptionRow; listed: MarkedSubscription[]; kind: RowFinding["kind"] }>([
    { name: "it lists what the row has", of: row(), listed: [LISTED], kind: "as expected" },
    {
      name: "it rounds its end another way",
      of: row(),
      listed: [{ ...LISTED, expiresAt: LISTED.expiresAt + MINUTE_MS }],
      kind: "as expected",
    },
    {
      name: "it lists nothing for a row without one",
      of: row({ graph: null }),
      listed: [],
      kind: "as expected",
    },
    {
      name: "it lists what a former one was as well",
      of: row({ formerIds: ["0"] }),
      listed: [LISTED, { ...LISTED, id: "0" }],
      kind: "as expected",
    },
    {
      name: "the row is being looked for anyway",
      of: row({ createStartedAt: 1 }),
      listed: [{ ...LISTED, id: "2" }],
      kind: "as expected",
    },
    {
      name: "the row was granted one since",
      of: row({ graph: { ...GRAPH, grantedAt: LISTED_AT } }),
      listed: [],
      kind: "as expected",
    },
    { name: "it does not list it", of: row(), listed: [], kind: "unlisted" },
    {
      name: "it lists it with another end",
      of: row(),
      listed: [{ ...LISTED, expiresAt: LISTED.expiresAt - MINUTE_MS - 1 }],
      kind: "unlisted",
    },
    {
      name: "it lists it with another URL",
      of: row(),
      listed: [{ ...LISTED, notificationUrl: `${URL}2` }],
      kind: "unlisted",
    },
    {
      name: "it lists it with other changes",
      of: row(),
      listed: [{ ...LISTED, changeTypes: ["deleted"] }],
      kind: "unlisted",
    },
    {
      name: "it lists one more",
      of: row(),
      listed: [LISTED, { ...LISTED, id: "2" }],
      kind: "differs",
    },
    { name: "it lists one the row lost", of: row({ graph: null }), listed: [LISTED], kind: "differs" },
  ])("is $kind when $name", ({ of, listed, kind }) => {
    expect(auditRow(of, listed, LISTED_AT).kind).toBe(kind);
  });
});
