import { describe, expect, it } from "vitest";

import { Random } from "../random.ts";
import { TamperingPlan } from "../rich/tampering.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { EntityChange } from "./entity-change.ts";
import { NotificationWriter } from "./notification-writer.ts";

const SUBSCRIPTION: Subscription = {
  id: "s",
  tenantId: "t",
  applicationId: "a",
  creatorId: "c",
  isDelegated: false,
  resourceName: "message",
  family: "other",
  resource: "users/u/messages",
  topic: "users/u/messages",
  query: "",
  filter: null,
  changeType: "updated",
  changeTypes: ["updated"],
  select: null,
  notificationUrl: "https://endpoint.example/",
  lifecycleNotificationUrl: null,
  clientState: null,
  expiresAt: Date.UTC(2026, 0, 1),
  authorizedUntil: Date.UTC(2026, 0, 1),
  updatedAt: null,
  reauthorizedAt: null,
  includeResourceData: null,
  encryptionCertificate: null,
  encryptionCertificateId: null,
  latestSupportedTlsVersion: "v1_2",
  notificationQueryOptions: null,
  notificationUrlAppId: null,
};

const CHANGE: EntityChange = {
  tenantId: "t",
  changeType: "updated",
  resource: "resource",
  entityId: "1",
  topics: [],
  resourceData: { id: "1" },
};

function write(properties: Partial<Subscription>): object {
  const writer = new NotificationWriter({ random: new Random("1"), tampering: new TamperingPlan() });
  return writer.write("n", { ...SUBSCRIPTION, ...properties }, CHANGE).body;
}

describe("a notification", () => {
  it.each(["presence", "onlineMeeting"])("of the kind %s names the organization too", (resourceName) => {
    expect(write({ resourceName })).toMatchObject({ tenantId: "t", organizationId: "t" });
  });

  it("of any other kind does not", () => {
    expect(write({})).toMatchObject({ tenantId: "t", organizationId: undefined });
  });

  it("is sent without resource data where none was asked for, whatever certificate there is", () => {
    const certificate = { encryptionCertificate: "AA==", encryptionCertificateId: "1" };
    expect(write({ ...certificate, includeResourceData: false })).not.toHaveProperty("encryptedContent");
  });
});
