import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import {
  MAX_DELIVERY_BYTES,
  MAX_DELIVERY_ITEMS,
  MAX_DELIVERY_TOKENS,
  parseDelivery,
  parseItem,
} from "./delivery.ts";
import type { DeliveryItem } from "./notification.ts";

const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";

/** The items of a recorded delivery, and the same as Graph sent them. */
function recorded(name: string): { items: readonly DeliveryItem[]; sent: Record<string, unknown>[] } {
  const url = new URL(`../../test/fixtures/${name}.json`, import.meta.url);
  const { delivery }: { delivery: { value: Record<string, unknown>[] } } = JSON.parse(
    readFileSync(url, "utf8"),
  );
  const parsed = parseDelivery(structuredClone(delivery));
  return { items: parsed.kind === "delivery" ? parsed.items : [], sent: delivery.value };
}

function item(properties: Record<string, unknown> = {}): Record<string, unknown> {
  return { subscriptionId: "s", tenantId: TENANT, changeType: "updated", ...properties };
}

function without(property: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item()).filter(([key]) => key !== property));
}

describe("a recorded delivery", () => {
  it.each([
    {
      name: "outlook-message",
      expected: [
        {
          kind: "notification",
          changeType: "created",
          id: "lsgTZMr9KwAAA",
          subscriptionId: "7f105c7d-2dc5-4530-97cd-4e7ae6534c07",
          subscriptionExpiresAt: Date.UTC(2016, 2, 19, 22, 11, 9, 952),
          tenantId: TENANT,
          clientState: "secretClientValue",
          resource:
            "users/622eaaff-0683-4862-9de4-f2ec83c2bd98@84bd8158-6d4d-4958-8b9f-9d6445542f95/messages/AAMkAGUwNjQ4ZjIxAAA=",
          resourceData: { "@odata.etag": 'W/"CQAAABYAAADkrWGo7bouTKlsgTZMr9KwAAAUWRHf"' },
        },
      ],
    },
    {
      name: "directory-user",
      expected: [
        {
          kind: "notification",
          changeType: "updated",
          id: undefined,
          subscriptionExpiresAt: Date.UTC(2022, 4, 24, 23, 21, 19, 355),
          tenantId: TENANT,
          resource: "Users/4D3BF6A0-6B2B-4B3C-9F83-8D2B5D6A1F10",
          resourceData: { organizationId: TENANT, sequenceNumber: 1000 },
        },
      ],
    },
    {
      name: "teams-chat-message",
      expected: [
        {
          kind: "notification",
          changeType: "created",
          subscriptionExpiresAt: Date.UTC(2021, 1, 2, 18, 30, 34, 909),
          resource:
            "chats('19:8ea0e38b-efb3-4757-924a-5f94061cf8c2_97f62344-57dc-409c-88ad-c4af14158ff5@unq.gbl.spaces')/messages('1612289765949')",
        },
      ],
    },
    {
      name: "encrypted-channel-reply",
      expected: [
        {
          kind: "notification",
          changeType: "created",
          resourceData: { id: "1565293727947" },
          raw: {
            changeType: "Created",
            encryptedContent: { dataKey: "a2V5", dataSignature: "c2lnbmF0dXJl" },
          },
        },
      ],
    },
    {
      name: "lifecycle-documented",
      expected: [
        {
          kind: "lifecycle",
          event: "subscriptionRemoved",
          subscriptionId: "e3898f08-5cd0-4a6a-80fc-6addbfb73b7b",
          subscriptionExpiresAt: Date.UTC(2019, 2, 20, 11),
          tenantId: TENANT,
          clientState: "secretClientValue",
        },
      ],
    },
    {
      name: "lifecycle-received",
      expected: [
        {
          kind: "lifecycle",
          event: "reauthorizationRequired",
          subscriptionId: "e3898f08-5cd0-4a6a-80fc-6addbfb73b7b",
          subscriptionExpiresAt: Date.UTC(2026, 3, 29, 16, 8, 45, 574),
          tenantId: TENANT,
          clientState: "secretClientValue",
        },
      ],
    },
    {
      name: "drive-item",
      expected: [
        {
          kind: "notification",
          changeType: "updated",
          subscriptionId: "101010111",
          resource: "/me/drive/root",
          resourceData: undefined,
        },
        { kind: "notification", changeType: "updated", subscriptionId: "222020202" },
      ],
    },
    {
      name: "presence",
      expected: [
        {
          kind: "notification",
          changeType: "updated",
          resource: "communications/presences/fc913b8d-28fc-4f91-9d1d-2a4c6a5f6a6b",
        },
      ],
    },
  ])("is read: $name", ({ name, expected }) => {
    const { items, sent } = recorded(name);
    expect(items).toHaveLength(expected.length);
    expect(items).toMatchObject(expected);
    expect(items.map((each) => "raw" in each && each.raw)).toEqual(
      sent.map((each) => Object.fromEntries(Object.entries(each).filter(([key]) => key !== "clientState"))),
    );
  });
});

describe("a delivery", () => {
  it.each([
    [null, "not-an-object"],
    [undefined, "not-an-object"],
    ["text", "not-an-object"],
    [[], "not-an-object"],
    [{}, "no-value"],
    [{ value: null }, "no-value"],
    [{ value: { 0: item() } }, "no-value"],
    [{ Value: [item()] }, "no-value"],
  ])("is unreadable: %j, %s", (body, reason) => {
    expect(parseDelivery(body)).toEqual({ kind: "unreadable", reason });
  });

  it("may be empty", () => {
    expect(parseDelivery({ value: [] })).toEqual({ kind: "delivery", items: [], tokens: [] });
  });

  it.each([undefined, null, "a token", {}, [], [1, null, {}, ["a"]]])(
    "has no tokens when it says %j",
    (validationTokens) => {
      expect(parseDelivery({ value: [], validationTokens })).toMatchObject({ tokens: [] });
    },
  );

  // S2: of 1,000 and more tokens no more are looked at.
  it("has its tokens as they came, 1,000 at most", () => {
    const tokens = Array.from({ length: MAX_DELIVERY_TOKENS + 1 }, (_, n) => `token ${n}`);
    expect(parseDelivery({ value: [], validationTokens: tokens })).toMatchObject({
      tokens: tokens.slice(0, 1_000),
    });
  });

  it("has at most 10,000 items", () => {
    const most = Array.from({ length: MAX_DELIVERY_ITEMS }, () => null);
    expect(parseDelivery({ value: most })).toMatchObject({ kind: "delivery", items: { length: 10_000 } });
    expect(parseDelivery({ value: [...most, null] })).toEqual({
      kind: "unreadable",
      reason: "too-many-items",
    });
  });

  it("has at most 4 MiB", () => {
    expect(MAX_DELIVERY_BYTES).toBe(4_194_304);
  });

  it("is read item by item: a bad one leaves its neighbours alone", () => {
    const delivery = parseDelivery({
      value: [item({ id: "1" }), null, without("subscriptionId"), item({ id: "2" })],
    });
    expect(delivery).toMatchObject({
      items: [
        { kind: "notification", id: "1" },
        { kind: "malformed", reason: "not-an-object" },
        { kind: "malformed", reason: "no-subscription-id" },
        { kind: "notification", id: "2" },
      ],
    });
  });
});

describe("an item", () => {
  it.each([
    ["text", "not-an-object"],
    [[], "not-an-object"],
    [without("subscriptionId"), "no-subscription-id"],
    [item({ subscriptionId: "" }), "no-subscription-id"],
    [item({ subscriptionId: 7 }), "no-subscription-id"],
    [without("tenantId"), "no-tenant-id"],
    [item({ tenantId: null, organizationId: "" }), "no-tenant-id"],
    [without("changeType"), "no-change-type"],
    [item({ changeType: null }), "no-change-type"],
    [item({ changeType: "unknownFutureValue" }), "unknown-change-type"],
    [item({ changeType: "created,updated" }), "unknown-change-type"],
  ])("is malformed: %j, %s", (value, reason) => {
    expect(parseItem(value)).toEqual({ kind: "malformed", reason });
  });

  // https://learn.microsoft.com/graph/change-notifications-delivery-event-hubs
  it("that tests an event hub is malformed", () => {
    const text = "Validation: Testing client application reachability for subscription Request-Id: 1";
    const probe = { subscriptionId: "NA", clientState: "NA", changeType: text, resource: "NA" };
    expect(parseItem(probe)).toEqual({ kind: "malformed", reason: "no-tenant-id" });
    expect(parseItem({ ...probe, tenantId: "NA" })).toEqual({
      kind: "malformed",
      reason: "unknown-change-type",
    });
  });

  it("that nests too deep is malformed", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 40; level += 1) deep = [deep];
    expect(parseItem(item({ resourceData: { deep } }))).toEqual({ kind: "malformed", reason: "too-deep" });
  });

  it("loses an own __proto__, wherever it stands", () => {
    const parsed = parseItem(
      JSON.parse(
        `{"subscriptionId":"s","tenantId":"t","changeType":"updated","__proto__":{"a":1},"resourceData":{"__proto__":{"id":"x"}}}`,
      ),
    );
    expect(parsed).toMatchObject({ kind: "notification", resourceData: {} });
    expect(JSON.stringify(parsed)).not.toContain("__proto__");
    expect(Reflect.has(parsed, "a")).toBe(false);
  });

  it("keeps what nobody knows, in its raw form", () => {
    const value = item({ id: "1", sequence: null, future: { x: [1] } });
    expect(parseItem(value)).toMatchObject({ raw: value });
  });

  it.each(["clientState", "ClientState", "clientstate"])("hands on no %s", (property) => {
    const parsed = parseItem(item({ [property]: "secret", resource: "users/1" }));
    expect(parsed).toMatchObject({ raw: item({ resource: "users/1" }) });
    expect("raw" in parsed && parsed.raw).not.toHaveProperty(property);
  });

  it("read from the inbox again is the same but for its client state", () => {
    const first = parseItem(item({ id: "1", clientState: "secret", resourceData: { id: "x" } }));
    const again = parseItem("raw" in first ? first.raw : undefined);
    expect(again).toEqual({ ...first, clientState: undefined });
  });

  it.each([
    [{ tenantId: TENANT.toUpperCase() }, TENANT],
    [{ tenantId: undefined, organizationId: TENANT.toUpperCase() }, TENANT],
    [{ tenantId: "", organizationId: TENANT }, TENANT],
    [{ tenantId: TENANT, organizationId: "another" }, TENANT],
  ])("of %j belongs to tenant %s", (properties, tenantId) => {
    expect(parseItem(item(properties))).toMatchObject({ kind: "notification", tenantId });
  });

  it.each([
    ["2026-04-29T16:08:45.5745035+00:00", Date.UTC(2026, 3, 29, 16, 8, 45, 574)],
    ["2019-09-18T00:52:45.9696658+00:00", Date.UTC(2019, 8, 18, 0, 52, 45, 969)],
    ["2024-02-08T04:18:58.0463343-08:00", Date.UTC(2024, 1, 8, 12, 18, 58, 46)],
    ["NA", undefined],
    ["", undefined],
    [null, undefined],
    [1_700_000_000_000, undefined],
  ])("tells when its subscription ends: %j is %j", (subscriptionExpirationDateTime, at) => {
    expect(parseItem(item({ subscriptionExpirationDateTime }))).toHaveProperty("subscriptionExpiresAt", at);
  });

  it.each([
    [{ id: "" }, "id"],
    [{ id: null }, "id"],
    [{ id: 1 }, "id"],
    [{ clientState: "" }, "clientState"],
    [{ clientState: { secret: 1 } }, "clientState"],
    [{ resource: "" }, "resource"],
    [{ resource: null }, "resource"],
    [{ resourceData: null }, "resourceData"],
    [{ resourceData: [] }, "resourceData"],
    [{ resourceData: "text" }, "resourceData"],
  ])("of %j has no %s", (properties, property) => {
    expect(parseItem(item(properties))).toHaveProperty(property, undefined);
  });

  it.each([
    ["missed", "missed"],
    ["Missed", "missed"],
    ["SUBSCRIPTIONREMOVED", "subscriptionRemoved"],
    ["reauthorizationrequired", "reauthorizationRequired"],
    ["somethingNew", "somethingNew"],
  ])("with the lifecycle event %s is about the subscription: %s", (lifecycleEvent, event) => {
    expect(parseItem({ ...without("changeType"), lifecycleEvent })).toMatchObject({
      kind: "lifecycle",
      event,
    });
  });

  it("with both an event and a change type is about the subscription", () => {
    expect(parseItem(item({ lifecycleEvent: "missed" }))).toMatchObject({ kind: "lifecycle" });
  });

  it.each([null, "", 7])("with the lifecycle event %j tells of a change", (lifecycleEvent) => {
    expect(parseItem(item({ lifecycleEvent }))).toMatchObject({ kind: "notification" });
  });
});
