import type { Cloud } from "../cloud.ts";
import { formatInstant } from "../instant.ts";
import type { JsonObject } from "../http/json.ts";
import type { Filter } from "../odata/filter.ts";
import type { ChangeType } from "./change-type.ts";

/**
 * A subscription as the simulator keeps it. It lives while `expiresAt` is ahead of the simulator's clock.
 *
 * @see https://learn.microsoft.com/graph/api/resources/subscription
 */
export interface Subscription {
  readonly id: string;
  readonly tenantId: string;
  /** The app that made it; only that app sees it. */
  readonly applicationId: string;
  /** Object id of the user, or of the service principal, that made it. */
  readonly creatorId: string;
  /** Whether a user made it, through the app. */
  readonly isDelegated: boolean;
  /** Graph's name of what changes, for example `message`. */
  readonly resourceName: string;
  readonly family: "teams" | "other";
  /** As the app wrote it. */
  readonly resource: string;
  /** The same resource in one spelling: what changes are matched with. */
  readonly topic: string;
  /** What follows the `?` of the resource, without what has no effect; or the empty string. */
  readonly query: string;
  /** Which entities it is told of; all when it is `null`. */
  readonly filter: Filter | null;
  /** As the app wrote it. */
  readonly changeType: string;
  /** The same, each once. */
  readonly changeTypes: readonly ChangeType[];
  /** The properties its `resource` selects; `null` when it selects none. */
  readonly select: readonly string[] | null;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly clientState: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Epoch milliseconds: the end of the access token it was last authorized with. */
  readonly authorizedUntil: number;
  /** Epoch milliseconds; `null` when it never was. */
  readonly updatedAt: number | null;
  /** Epoch milliseconds; `null` when it never was. */
  readonly reauthorizedAt: number | null;
  readonly includeResourceData: boolean | null;
  /** base64 of DER. */
  readonly encryptionCertificate: string | null;
  readonly encryptionCertificateId: string | null;
  readonly latestSupportedTlsVersion: string;
  readonly notificationQueryOptions: string | null;
  readonly notificationUrlAppId: string | null;
}

/**
 * The properties of a subscription on the wire, in the order Graph answers them. National clouds lack two of them.
 *
 * @see https://learn.microsoft.com/graph/api/resources/subscription#properties
 */
export function subscriptionBody(subscription: Subscription, cloud: Cloud): JsonObject {
  const body = {
    id: subscription.id,
    resource: subscription.resource,
    applicationId: subscription.applicationId,
    changeType: subscription.changeType,
    clientState: subscription.clientState,
    notificationUrl: subscription.notificationUrl,
    notificationQueryOptions: subscription.notificationQueryOptions,
    lifecycleNotificationUrl: subscription.lifecycleNotificationUrl,
    expirationDateTime: formatInstant(subscription.expiresAt),
    creatorId: subscription.creatorId,
    includeResourceData: subscription.includeResourceData,
    latestSupportedTlsVersion: subscription.latestSupportedTlsVersion,
    encryptionCertificate: subscription.encryptionCertificate,
    encryptionCertificateId: subscription.encryptionCertificateId,
    notificationUrlAppId: subscription.notificationUrlAppId,
  };
  const absent = cloud.absentSubscriptionProperties.map((name) => [name, undefined] as const);
  return { ...body, ...Object.fromEntries(absent) };
}
