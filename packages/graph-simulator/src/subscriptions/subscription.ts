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
  /** Object id of the service principal that made it. */
  readonly creatorId: string;
  /** Graph's name of what changes, for example `message`. */
  readonly resourceName: string;
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
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly clientState: string | null;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly latestSupportedTlsVersion: string;
  readonly notificationQueryOptions: string | null;
  readonly notificationUrlAppId: string | null;
}

/** The properties of a subscription on the wire, in the order Graph answers them. */
export function subscriptionBody(subscription: Subscription): JsonObject {
  return {
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
    includeResourceData: null,
    latestSupportedTlsVersion: subscription.latestSupportedTlsVersion,
    encryptionCertificate: null,
    encryptionCertificateId: null,
    notificationUrlAppId: subscription.notificationUrlAppId,
  };
}
