import { parseChangeType } from "./change-type.ts";
import { isJsonObject, sanitizeJson, type JsonObject } from "./json.ts";
import { LIFECYCLE_EVENTS, type DeliveryItem, type LifecycleEvent } from "./notification.ts";

/** A delivery larger than this is refused before it is parsed. Microsoft documents no size; 4 MiB is ours. */
export const MAX_DELIVERY_BYTES: number = 4 * 1024 * 1024;

/**
 * More items than this are refused. The smallest real item has about 400 bytes, so a delivery from Graph meets
 * {@link MAX_DELIVERY_BYTES} first; the limit bounds the work a forged one can cause.
 */
export const MAX_DELIVERY_ITEMS = 10_000;

/**
 * Validation tokens of one delivery that are looked at. Graph sends one for each tenant with resource data in it; the
 * limit bounds the work a forged delivery can cause.
 */
export const MAX_DELIVERY_TOKENS = 1_000;

/** One POST's content, item by item. */
export interface Delivery {
  readonly kind: "delivery";
  readonly items: readonly DeliveryItem[];
  /** As they came, not verified; none where no item includes resource data. */
  readonly tokens: readonly string[];
}

/** Content Graph never sends; nothing in it can be trusted or handled. */
export interface UnreadableDelivery {
  readonly kind: "unreadable";
  readonly reason: "not-an-object" | "no-value" | "too-many-items";
}

/**
 * Reads a parsed body into typed items. Lenient where Graph is: unknown properties are kept and ignored, enum
 * members may have any case, a lifecycle item may lack `changeType` and carry `organizationId` or `resourceData`.
 *
 * Own `__proto__` keys are removed from `body` in place. Never throws.
 *
 * @see https://learn.microsoft.com/graph/api/resources/changenotificationcollection
 */
export function parseDelivery(body: unknown): Delivery | UnreadableDelivery {
  if (!isJsonObject(body)) return { kind: "unreadable", reason: "not-an-object" };
  const { value, validationTokens } = body;
  if (!Array.isArray(value)) return { kind: "unreadable", reason: "no-value" };
  if (value.length > MAX_DELIVERY_ITEMS) return { kind: "unreadable", reason: "too-many-items" };
  return {
    kind: "delivery",
    items: value.map((item: unknown) => parseItem(item)),
    tokens: parseTokens(validationTokens),
  };
}

function parseTokens(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const some: readonly unknown[] = value.slice(0, MAX_DELIVERY_TOKENS);
  return some.filter((token) => typeof token === "string");
}

/** Reads one item; also one taken from the inbox again, which has lost its client state. */
export function parseItem(item: unknown): DeliveryItem {
  if (!isJsonObject(item)) return { kind: "malformed", reason: "not-an-object" };
  if (!sanitizeJson(item)) return { kind: "malformed", reason: "too-deep" };

  const subscriptionId = text(item["subscriptionId"]);
  if (subscriptionId === undefined) return { kind: "malformed", reason: "no-subscription-id" };
  const tenantId = tenantIdOf(item);
  if (tenantId === undefined) return { kind: "malformed", reason: "no-tenant-id" };

  const header = {
    id: text(item["id"]),
    subscriptionId,
    subscriptionExpiresAt: instant(item["subscriptionExpirationDateTime"]),
    tenantId,
    clientState: text(item["clientState"]),
    raw: withoutClientState(item),
  };
  const event = text(item["lifecycleEvent"]);
  if (event !== undefined) return { kind: "lifecycle", event: canonicalEvent(event), ...header };

  const change = text(item["changeType"]);
  if (change === undefined) return { kind: "malformed", reason: "no-change-type" };
  const changeType = parseChangeType(change);
  if (changeType === undefined) return { kind: "malformed", reason: "unknown-change-type" };
  const resourceData = item["resourceData"];
  return {
    kind: "notification",
    changeType,
    resource: text(item["resource"]),
    resourceData: isJsonObject(resourceData) ? resourceData : undefined,
    ...header,
  };
}

/** In lower case. Lifecycle items really sent carry `organizationId` only: https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/3103 */
export function tenantIdOf(item: JsonObject): string | undefined {
  return (text(item["tenantId"]) ?? text(item["organizationId"]))?.toLowerCase();
}

function canonicalEvent(event: string): LifecycleEvent {
  const lower = event.toLowerCase();
  return LIFECYCLE_EVENTS.find((known) => known.toLowerCase() === lower) ?? event;
}

function withoutClientState(item: JsonObject): JsonObject {
  // Not by assignment, which a name such as `toString` would take for the prototype's.
  return Object.fromEntries(Object.entries(item).filter(([key]) => key.toLowerCase() !== "clientstate"));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function instant(value: unknown): number | undefined {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
