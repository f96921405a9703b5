import { textOf, type JsonObject } from "../http/json.ts";
import { refuse, type Refusal } from "../http/reply.ts";
import { richRefusal, selectedProperties } from "../rich/rich-support.ts";
import type { Caller } from "../tenancy.ts";
import { checkCertificate } from "./certificate-check.ts";
import { parseChangeTypes, type ChangeType } from "./change-type.ts";
import { grantLifetime } from "./lifetime.ts";
import { lifetimeRules } from "./lifetime-rules.ts";
import { notificationUrlRefusal } from "./notification-url.ts";
import type { SubscriptionSettings } from "./subscription-options.ts";
import { matchResource, type ResourceMatch } from "./subscribable-resources.ts";

/** Where a request to subscribe comes from. */
export interface CreateContext {
  readonly settings: SubscriptionSettings;
  readonly caller: Caller;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A subscription somebody may have, once its endpoints prove themselves. */
export interface SubscriptionDraft {
  readonly kind: "draft";
  readonly resource: string;
  readonly match: ResourceMatch;
  readonly changeType: string;
  readonly changeTypes: readonly ChangeType[];
  readonly select: readonly string[] | null;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly clientState: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly includeResourceData: boolean | null;
  readonly encryptionCertificate: string | null;
  readonly encryptionCertificateId: string | null;
  readonly latestSupportedTlsVersion: string;
  readonly notificationQueryOptions: string | null;
  readonly notificationUrlAppId: string | null;
}

const REQUIRED_PROPERTIES = ["changeType", "notificationUrl", "resource", "expirationDateTime"] as const;

const STRING_PROPERTIES: ReadonlySet<string> = new Set([
  ...REQUIRED_PROPERTIES,
  "id",
  "applicationId",
  "creatorId",
  "clientState",
  "lifecycleNotificationUrl",
  "encryptionCertificate",
  "encryptionCertificateId",
  "latestSupportedTlsVersion",
  "notificationQueryOptions",
  "notificationUrlAppId",
]);

/** Properties of a subscription that is delivered to browsers; for any other they are refused. */
const WEB_PUSH_PROPERTIES = [
  "vapidPublicKey",
  "webPushEncryptionP256dhPublicKey",
  "webPushEncryptionSecret",
] as const;

const MAX_CLIENT_STATE_LENGTH = 128;

/** The versions the service takes; it refuses the `v1_3` that the documentation lists. */
const TLS_VERSIONS: ReadonlySet<string> = new Set(["v1_0", "v1_1", "v1_2"]);

/**
 * Reads the body of `POST /subscriptions`.
 *
 * @see https://learn.microsoft.com/graph/api/subscription-post-subscriptions
 */
export function parseCreate(body: JsonObject, context: CreateContext): SubscriptionDraft | Refusal {
  const refusal =
    checkWebPush(body) ??
    checkShape(body) ??
    checkRequired(body) ??
    checkClientState(body) ??
    checkTlsVersion(body) ??
    checkUrls(body, context.settings);
  if (refusal) return refusal;

  const resource = textOf(body, "resource") ?? "";
  const match = matchResource(resource, context.caller.user?.id);
  if (match.kind === "refused") return match;
  const resourceRefusal = checkResourceData(body, match, context);
  if (resourceRefusal) return resourceRefusal;
  const changeType = textOf(body, "changeType") ?? "";
  const changeTypes = readChangeTypes(changeType, match);
  if ("kind" in changeTypes) return changeTypes;
  const lifecycleNotificationUrl = textOf(body, "lifecycleNotificationUrl") ?? null;
  const includeResourceData = readBoolean(body, "includeResourceData");
  const lifetime = grantLifetime({
    operation: "Create",
    expirationDateTime: textOf(body, "expirationDateTime") ?? "",
    resource: match.resource,
    ...lifetimeRules(match.resource, includeResourceData === true, context.settings),
    hasLifecycleUrl: lifecycleNotificationUrl !== null,
    now: context.now,
  });
  if (lifetime.kind === "refused") return lifetime;

  return {
    kind: "draft",
    resource,
    match,
    changeType,
    changeTypes,
    select: selectedProperties(match.query) ?? null,
    notificationUrl: textOf(body, "notificationUrl") ?? "",
    lifecycleNotificationUrl,
    clientState: textOf(body, "clientState") ?? null,
    expiresAt: lifetime.expiresAt,
    includeResourceData,
    encryptionCertificate: textOf(body, "encryptionCertificate") ?? null,
    encryptionCertificateId: textOf(body, "encryptionCertificateId") ?? null,
    latestSupportedTlsVersion: textOf(body, "latestSupportedTlsVersion") ?? "v1_2",
    notificationQueryOptions: textOf(body, "notificationQueryOptions") ?? null,
    notificationUrlAppId: textOf(body, "notificationUrlAppId") ?? null,
  };
}

function checkWebPush(body: JsonObject): Refusal | undefined {
  const property = WEB_PUSH_PROPERTIES.find((name) => body[name] !== undefined);
  // guess: a 400 is documented, Graph's sentence is not.
  return (
    property && refuse(400, "InvalidRequest", `${property} is only valid for a Web Push notificationUrl.`)
  );
}

function checkShape(body: JsonObject): Refusal | undefined {
  const isUnderstood = Object.entries(body).every(([name, value]) => {
    if (name.startsWith("@odata.") || value === null) return true;
    if (name === "includeResourceData") return typeof value === "boolean";
    return STRING_PROPERTIES.has(name) && typeof value === "string";
  });
  if (isUnderstood) return undefined;
  return refuse(
    400,
    "InvalidRequest",
    "Could not process subscription creation payload. Are all property names spelled and camelCased properly?",
  );
}

function checkRequired(body: JsonObject): Refusal | undefined {
  const missing = REQUIRED_PROPERTIES.find((name) => !textOf(body, name));
  return (
    missing && refuse(400, "InvalidRequest", `${missing} is a required property for subscription creation`)
  );
}

function checkClientState(body: JsonObject): Refusal | undefined {
  if ((textOf(body, "clientState")?.length ?? 0) <= MAX_CLIENT_STATE_LENGTH) return undefined;
  // guess: the limit is documented, Graph's sentence is not.
  return refuse(400, "InvalidRequest", `clientState must not exceed ${MAX_CLIENT_STATE_LENGTH} characters.`);
}

function checkTlsVersion(body: JsonObject): Refusal | undefined {
  const version = textOf(body, "latestSupportedTlsVersion");
  if (version === undefined || TLS_VERSIONS.has(version)) return undefined;
  return refuse(400, "ValidationError", "Invalid property value for LatestSupportedTlsVersion");
}

function checkUrls(body: JsonObject, settings: SubscriptionSettings): Refusal | undefined {
  for (const property of ["notificationUrl", "lifecycleNotificationUrl"]) {
    const url = textOf(body, property);
    const refusal = url === undefined ? undefined : notificationUrlRefusal(property, url);
    if (refusal) return refusal;
  }
  return settings.lifecycleUrlSameHost ? checkSameHost(body) : undefined;
}

function checkSameHost(body: JsonObject): Refusal | undefined {
  const [host, lifecycleHost] = ["notificationUrl", "lifecycleNotificationUrl"].map(
    (property) => URL.parse(textOf(body, property) ?? "")?.hostname,
  );
  if (lifecycleHost === undefined || lifecycleHost === host) return undefined;
  // guess: the rule was documented, Graph's sentence was not.
  return refuse(
    400,
    "InvalidRequest",
    "notificationUrl and lifecycleNotificationUrl must have the same host name.",
  );
}

function checkResourceData(
  body: JsonObject,
  match: ResourceMatch,
  { settings, now }: CreateContext,
): Refusal | undefined {
  const certificate = textOf(body, "encryptionCertificate");
  const certificateId = textOf(body, "encryptionCertificateId");
  if (body["includeResourceData"] === true) {
    const refusal = richRefusal(match);
    if (refusal) return refusal;
    const missing =
      certificate === undefined
        ? "encryptionCertificate"
        : certificateId === undefined && "encryptionCertificateId";
    if (missing) {
      // guess: that it is required is documented, Graph's sentence is not.
      return refuse(400, "InvalidRequest", `${missing} is required when includeResourceData is true.`);
    }
  }
  return checkCertificate({ certificate, certificateId, expired: settings.expiredCertificate, now });
}

function readChangeTypes(changeType: string, match: ResourceMatch): readonly ChangeType[] | Refusal {
  const changeTypes = parseChangeTypes(changeType);
  // guess: Graph's sentences for both are not known.
  if (!changeTypes) return refuse(400, "InvalidRequest", `Invalid changeType '${changeType}'.`);
  const allowed = match.resource.changeTypes;
  const excess = changeTypes.find((wanted) => !allowed.includes(wanted));
  if (excess === undefined) return changeTypes;
  return refuse(
    400,
    "InvalidRequest",
    `changeType '${excess}' is not supported for ${match.resource.name}; use '${allowed.join(",")}'.`,
  );
}

function readBoolean(body: JsonObject, name: string): boolean | null {
  const value = body[name];
  return typeof value === "boolean" ? value : null;
}
