import { describe, expect, it } from "vitest";
import { assertSinkFormat, toChangeRecord, toCloudEvent, toSinkText } from "./change-record.ts";
import type { Change } from "./change.ts";

const CHANGE: Change = {
  id: "1",
  idempotencyKey: "key",
  changeType: "updated",
  resource: "Users('1')/Messages('2')",
  resourceKey: "users/1/messages/2",
  resourceType: "#Microsoft.Graph.Message",
  params: { userId: "1" },
  tenantId: "tenant",
  subscriptionId: "subscription",
  subscriptionKey: "subscription-key",
  etag: 'W/"3"',
  data: undefined,
  raw: { id: "n", resource: "Users('1')/Messages('2')", encryptedContent: { data: "AAAA" } },
  receivedAt: Date.UTC(2026, 0, 1),
  source: "webhook",
  attempt: 3,
  redriven: false,
  mergedCount: 1,
  changeTypes: ["updated"],
  fetch: async () => undefined,
};

const RECORD = {
  version: 1,
  idempotencyKey: "key",
  changeType: "updated",
  changeTypes: ["updated"],
  mergedCount: 1,
  tenantId: "tenant",
  subscriptionId: "subscription",
  subscriptionKey: "subscription-key",
  resource: "Users('1')/Messages('2')",
  resourceKey: "users/1/messages/2",
  resourceType: "#Microsoft.Graph.Message",
  params: { userId: "1" },
  etag: 'W/"3"',
  receivedAt: "2026-01-01T00:00:00.000Z",
  source: "webhook",
  redriven: false,
  notification: { id: "n", resource: "Users('1')/Messages('2')" },
};

describe("a change, written by a sink", () => {
  it("is a record of what is known, without what only the app can decrypt", () => {
    const record = toChangeRecord(CHANGE, { kind: "none" });
    expect(JSON.parse(JSON.stringify(record))).toStrictEqual({ ...RECORD, dataFrom: "none" });
  });

  it.each([
    [{ kind: "fetch", data: { id: "2" } } as const, { dataFrom: "fetch", data: { id: "2" } }],
    [{ kind: "gone" } as const, { dataFrom: "gone" }],
    [
      { kind: "failed", error: "ERR_GRAPH_REFUSED" } as const,
      { dataFrom: "failed", dataError: "ERR_GRAPH_REFUSED" },
    ],
  ])("says where its data comes from: %o", (told, fields) => {
    expect(toChangeRecord(CHANGE, told)).toStrictEqual({ ...RECORD, ...fields });
  });

  it("leaves out what is not known", () => {
    const bare = {
      ...CHANGE,
      resource: undefined,
      resourceKey: undefined,
      resourceType: undefined,
      etag: undefined,
    };
    const record = toChangeRecord(bare, { kind: "none" });
    for (const name of ["resource", "resourceKey", "resourceType", "etag"])
      expect(record).not.toHaveProperty(name);
    expect(toCloudEvent(record)).not.toHaveProperty("subject");
    expect(toCloudEvent(record).type).toBe("com.microsoft.graph.resource.updated");
  });

  it("is the same inside a CloudEvent", () => {
    expect(JSON.parse(toSinkText(CHANGE, { kind: "none" }, "cloudevents"))).toStrictEqual({
      specversion: "1.0",
      id: "key",
      source: "/tenants/tenant/subscriptions/subscription-key",
      type: "com.microsoft.graph.message.updated",
      subject: "users/1/messages/2",
      time: "2026-01-01T00:00:00.000Z",
      datacontenttype: "application/json",
      data: { ...RECORD, dataFrom: "none" },
    });
  });

  it.each([
    ["#Microsoft.Graph.ChatMessage", "chatMessage"],
    ["#microsoft.graph.presence", "presence"],
    ["Microsoft.Graph.User", "user"],
    ["something else", "resource"],
  ])("has a type after Graph's: %s", (resourceType, name) => {
    const record = toChangeRecord({ ...CHANGE, resourceType }, { kind: "none" });
    expect(toCloudEvent(record).type).toBe(`com.microsoft.graph.${name}.updated`);
  });

  it("has a format of ours", () => {
    expect(() => assertSinkFormat(JSON.parse('"xml"'))).toThrow("got `xml`");
  });
});
