import type { ChangeType } from "./change-type.ts";
import type { JsonObject } from "./json.ts";

/** The lifecycle events Microsoft documents; others are kept as they came. */
export const LIFECYCLE_EVENTS = ["reauthorizationRequired", "subscriptionRemoved", "missed"] as const;

export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number] | (string & {});

/** What every item of a delivery carries, whatever it tells. */
interface ItemHeader {
  /** Graph's id of the notification; optional in its contract. */
  readonly id: string | undefined;
  /** Id of the Graph subscription that caused it. */
  readonly subscriptionId: string;
  /** When that subscription expires, epoch milliseconds, as Graph saw it when it sent the item. */
  readonly subscriptionExpiresAt: number | undefined;
  /** Tenant of the resource, lower case. */
  readonly tenantId: string;
  /** The echoed secret, not yet verified. Never stored, never handed on. */
  readonly clientState: string | undefined;
  /** The item as it came, without its client state. */
  readonly raw: JsonObject;
}

/**
 * One item that says something changed.
 * @see https://learn.microsoft.com/graph/api/resources/changenotification
 */
export interface Notification extends ItemHeader {
  readonly kind: "notification";
  readonly changeType: ChangeType;
  /** Path of the changed resource as Graph spelled it; absent when the payload was put elsewhere. */
  readonly resource: string | undefined;
  readonly resourceData: JsonObject | undefined;
}

/**
 * One item about the subscription itself.
 * @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events
 */
export interface LifecycleNotification extends ItemHeader {
  readonly kind: "lifecycle";
  readonly event: LifecycleEvent;
}

/** An item that is neither; it is counted, and its neighbours are unaffected. */
export interface MalformedItem {
  readonly kind: "malformed";
  readonly reason: MalformedReason;
}

export type MalformedReason =
  | "not-an-object"
  | "too-deep"
  | "no-subscription-id"
  | "no-tenant-id"
  | "no-change-type"
  | "unknown-change-type";

export type DeliveryItem = Notification | LifecycleNotification | MalformedItem;
