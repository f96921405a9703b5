import { textOf, type JsonObject } from "../http/json.ts";
import { refuse, type Refusal } from "../http/reply.ts";
import { checkCertificate } from "./certificate-check.ts";
import { grantLifetime, type GrantedLifetime } from "./lifetime.ts";
import { lifetimeRules } from "./lifetime-rules.ts";
import { notificationUrlRefusal } from "./notification-url.ts";
import { resourceNamed } from "./subscribable-resources.ts";
import type { Subscription } from "./subscription.ts";
import type { SubscriptionSettings } from "./subscription-options.ts";

/** What a request changes of a subscription, once a new endpoint proves itself. */
export interface SubscriptionUpdate {
  readonly kind: "update";
  readonly changes: SubscriptionChanges;
}

type SubscriptionChanges = Partial<
  Pick<Subscription, "expiresAt" | "notificationUrl" | "encryptionCertificate" | "encryptionCertificateId">
>;

export interface UpdateContext {
  readonly current: Subscription;
  readonly settings: SubscriptionSettings;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What an update may say; of the rest, it depends on the settings. */
const UPDATABLE: ReadonlySet<string> = new Set([
  "id",
  "expirationDateTime",
  "notificationUrl",
  "encryptionCertificate",
  "encryptionCertificateId",
]);

/**
 * Reads the body of `PATCH /subscriptions/{id}`.
 *
 * @see https://learn.microsoft.com/graph/api/subscription-update
 */
export function parseUpdate(body: JsonObject, context: UpdateContext): SubscriptionUpdate | Refusal {
  const refusal = checkContent(body, context) ?? checkUrl(body) ?? checkEncryption(body, context);
  if (refusal) return refusal;
  const lifetime = readLifetime(body, context);
  if (lifetime?.kind === "refused") return lifetime;
  const notificationUrl = textOf(body, "notificationUrl");
  const encryptionCertificate = textOf(body, "encryptionCertificate");
  const encryptionCertificateId = textOf(body, "encryptionCertificateId");
  return {
    kind: "update",
    changes: {
      ...(lifetime && { expiresAt: lifetime.expiresAt }),
      ...(notificationUrl !== undefined && { notificationUrl }),
      ...(encryptionCertificate !== undefined && { encryptionCertificate }),
      ...(encryptionCertificateId !== undefined && { encryptionCertificateId }),
    },
  };
}

function checkContent(body: JsonObject, { settings }: UpdateContext): Refusal | undefined {
  const fixed = Object.keys(body).find((name) => !name.startsWith("@odata.") && !UPDATABLE.has(name));
  if (fixed !== undefined && settings.fixedProperties === "refuse") {
    // guess: that they cannot be updated is documented, that they are refused is not.
    return refuse(400, "InvalidRequest", `The property '${fixed}' of a subscription cannot be updated.`);
  }
  const isEnough =
    textOf(body, "expirationDateTime") !== undefined ||
    textOf(body, "notificationUrl") !== undefined ||
    (settings.certificateAlone === "allow" && textOf(body, "encryptionCertificate") !== undefined);
  if (isEnough) return undefined;
  return refuse(
    400,
    "InvalidRequest",
    "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property and its value.",
  );
}

function checkUrl(body: JsonObject): Refusal | undefined {
  const notificationUrl = textOf(body, "notificationUrl");
  return notificationUrl === undefined
    ? undefined
    : notificationUrlRefusal("notificationUrl", notificationUrl);
}

function checkEncryption(body: JsonObject, { settings, now }: UpdateContext): Refusal | undefined {
  return checkCertificate({
    certificate: textOf(body, "encryptionCertificate"),
    certificateId: textOf(body, "encryptionCertificateId"),
    expired: settings.expiredCertificate,
    now,
  });
}

function readLifetime(
  body: JsonObject,
  { current, settings, now }: UpdateContext,
): GrantedLifetime | Refusal | undefined {
  const expirationDateTime = textOf(body, "expirationDateTime");
  if (expirationDateTime === undefined) return undefined;
  const resource = resourceNamed(current.resourceName);
  return grantLifetime({
    operation: "Update",
    expirationDateTime,
    resource,
    ...lifetimeRules(resource, current.includeResourceData === true, settings),
    hasLifecycleUrl: current.lifecycleNotificationUrl !== null,
    now,
  });
}
