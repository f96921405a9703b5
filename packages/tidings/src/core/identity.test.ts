import { describe, expect, it } from "vitest";

import { etagOf, identityOf } from "./identity.ts";
import type { JsonObject } from "./json.ts";
import type { Notification } from "./notification.ts";

interface Told {
  readonly changeType?: Notification["changeType"];
  readonly id?: string | undefined;
  readonly subscriptionId?: string;
  readonly subscriptionKey?: string;
  readonly resourceKey?: string | undefined;
  readonly resourceData?: JsonObject | undefined;
  readonly encryptedContent?: JsonObject;
  readonly isRich?: true;
}

/** The identity before it is hashed, so that what differs is seen. */
function identify({ subscriptionKey = "key", isRich, encryptedContent, ...told }: Told): string | undefined {
  const notification: Notification = {
    kind: "notification",
    changeType: told.changeType ?? "updated",
    id: told.id,
    subscriptionId: told.subscriptionId ?? "subscription",
    subscriptionExpiresAt: undefined,
    tenantId: "tenant",
    clientState: undefined,
    raw: { encryptedContent },
    resource: "users/1",
    resourceData: told.resourceData,
  };
  const resourceKey = "resourceKey" in told ? told.resourceKey : "users/1";
  return identityOf(notification, { subscriptionKey, resourceKey, isRich }, (text) => text);
}

const ETAG = { "@odata.etag": 'W/"1"' };
const CONTENT = {
  data: "data",
  dataSignature: "signature",
  dataKey: "key",
  encryptionCertificateId: "id",
  encryptionCertificateThumbprint: "thumbprint",
};
const RICH = { isRich: true, encryptedContent: CONTENT, resourceData: ETAG, id: "a" } as const;
const SEQUENCE = { sequenceNumber: 7, eventTime: "2022-05-24T22:24:31.3062901Z" };

describe("two notifications are one", () => {
  it.each<{ name: string; one: Told; other: Told }>([
    {
      name: "with one etag, whatever their ids",
      one: { resourceData: ETAG, id: "a" },
      other: { resourceData: ETAG, id: "b" },
    },
    {
      name: "with one etag, from a subscription and the one that replaced it",
      one: { resourceData: ETAG, subscriptionId: "old" },
      other: { resourceData: ETAG, subscriptionId: "new" },
    },
    {
      name: "with one sequence number and time",
      one: { resourceData: SEQUENCE },
      other: { resourceData: SEQUENCE, id: "b" },
    },
    {
      name: "with one sequence number and no time",
      one: { resourceData: { sequenceNumber: 7 } },
      other: { resourceData: { sequenceNumber: 7, eventTime: null } },
    },
    { name: "with one id and no version", one: { id: "a" }, other: { id: "a" } },
    {
      name: "with one id, when they do not say what changed",
      one: { id: "a", resourceKey: undefined, resourceData: ETAG },
      other: { id: "a", resourceKey: undefined },
    },
  ])("$name", ({ one, other }) => {
    expect(identify(one)).toBeDefined();
    expect(identify(one)).toBe(identify(other));
  });
});

describe("two notifications are two", () => {
  it.each<{ name: string; one: Told; other: Told }>([
    {
      name: "with one id and two etags",
      one: { id: "a", resourceData: ETAG },
      other: { id: "a", resourceData: { "@odata.etag": 'W/"2"' } },
    },
    {
      name: "with one etag on two resources",
      one: { resourceData: ETAG },
      other: { resourceData: ETAG, resourceKey: "users/2" },
    },
    {
      name: "with one etag and two change types",
      one: { resourceData: ETAG },
      other: { resourceData: ETAG, changeType: "deleted" },
    },
    {
      name: "with one etag and two desired subscriptions",
      one: { resourceData: ETAG },
      other: { resourceData: ETAG, subscriptionKey: "other" },
    },
    {
      name: "with one etag and two ids of the thing, when the path names no thing",
      one: { resourceData: { ...ETAG, id: "1" } },
      other: { resourceData: { ...ETAG, id: "2" } },
    },
    {
      name: "with two sequence numbers",
      one: { resourceData: SEQUENCE },
      other: { resourceData: { ...SEQUENCE, sequenceNumber: 8 } },
    },
    {
      name: "with one sequence number at two times",
      one: { resourceData: SEQUENCE },
      other: { resourceData: { ...SEQUENCE, eventTime: "2022-05-24T22:24:32Z" } },
    },
    {
      name: "with an etag that reads like a sequence number",
      one: { resourceData: { "@odata.etag": "sequence 7 " } },
      other: { resourceData: { sequenceNumber: 7 } },
    },
    { name: "with two ids and no version", one: { id: "a" }, other: { id: "b" } },
    {
      name: "with one id in two subscriptions at Graph",
      one: { id: "a" },
      other: { id: "a", subscriptionId: "other" },
    },
    { name: "with one id and two change types", one: { id: "a" }, other: { id: "a", changeType: "created" } },
    { name: "with one id on two resources", one: { id: "a" }, other: { id: "a", resourceKey: "users/2" } },
    {
      name: "with one id in two desired subscriptions",
      one: { id: "a" },
      other: { id: "a", subscriptionKey: "other" },
    },
    // Microsoft's samples show 0 for different events: https://learn.microsoft.com/azure/event-grid/microsoft-entra-events
    {
      name: "with the sequence number 0 and two ids",
      one: { id: "a", resourceData: { ...SEQUENCE, sequenceNumber: 0 } },
      other: { id: "b", resourceData: { ...SEQUENCE, sequenceNumber: 0 } },
    },
  ])("$name", ({ one, other }) => {
    expect(identify(one)).toBeDefined();
    expect(identify(one)).not.toBe(identify(other));
  });
});

describe("a notification cannot be recognised", () => {
  it.each<{ name: string; told: Told }>([
    { name: "without version and id", told: {} },
    { name: "with resource data that tell no version", told: { resourceData: { id: "1" } } },
    { name: "with an empty etag", told: { resourceData: { "@odata.etag": "" } } },
    { name: "with an etag that is no text", told: { resourceData: { "@odata.etag": 1 } } },
    { name: "with the sequence number 0", told: { resourceData: { sequenceNumber: 0 } } },
    { name: "with a sequence number that is no number", told: { resourceData: { sequenceNumber: "7" } } },
    {
      name: "with a version of it is not said what",
      told: { resourceKey: undefined, resourceData: { ...ETAG, ...SEQUENCE } },
    },
  ])("$name", ({ told }) => {
    expect(identify(told)).toBeUndefined();
  });
});

it.each<[data: JsonObject | undefined, etag: string | undefined]>([
  [ETAG, 'W/"1"'],
  [{}, undefined],
  [{ "@odata.etag": "" }, undefined],
  [{ "@odata.etag": 1 }, undefined],
  [undefined, undefined],
])("the etag of %j is %j", (resourceData, etag) => {
  expect(etagOf(resourceData)).toBe(etag);
});

describe("a notification with resource data", () => {
  it("is the same one when it comes again, and has an identity of its own", () => {
    expect(identify(RICH)).toBeDefined();
    expect(identify({ ...RICH, id: "b" })).toBe(identify(RICH));
    expect(identify(RICH)).not.toBe(identify({ resourceData: ETAG, id: "a" }));
  });

  // What is not proved yet must not take the place of an authentic one that is still to come.
  it.each(["data", "dataSignature", "dataKey"])("is another one with another %s", (name) => {
    const forged = { ...RICH, encryptedContent: { ...CONTENT, [name]: "other" } };
    expect(identify(forged)).not.toBe(identify(RICH));
    expect(identify({ ...forged, resourceData: {} })).not.toBe(identify({ ...RICH, resourceData: {} }));
  });

  it("has no identity without all of it", () => {
    expect(identify({ isRich: true, resourceData: ETAG, id: "a" })).toBeUndefined();
    expect(identify({ ...RICH, encryptedContent: { ...CONTENT, data: null } })).toBeUndefined();
  });
});
