import { verifyClientState } from "../core/client-state.ts";
import type { HeardSubscription } from "../core/events.ts";
import { identityOf } from "../core/identity.ts";
import { LIFECYCLE_DECLARATION, type InboxItem } from "../core/inbox.ts";
import { laneOf } from "../core/lane.ts";
import type { DeliveryItem, LifecycleNotification, Notification } from "../core/notification.ts";
import type { Hash } from "../core/ports/hash.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import { resourceKeyOf } from "../core/resource-key.ts";
import { recipientsOf, type RefusalReason, type Route, type Routes } from "../core/route.ts";

export interface ScreenContext {
  readonly keyring: Keyring;
  readonly hash: Hash;
  readonly routes: Pick<Routes, "get">;
  readonly receivedAt: number;
  readonly source: string;
}

/**
 * One item's verdict: the inbox rows it becomes, one per declaration, and what it shows of its subscription; or why it
 * becomes none.
 */
export type Verdict =
  | { readonly kind: "accepted"; readonly items: readonly InboxItem[]; readonly heard: HeardSubscription }
  | { readonly kind: "refused"; readonly reason: RefusalReason };

/** Judges one item by itself: nothing about its neighbours matters. Fails closed. */
export function screenItem(item: DeliveryItem, context: ScreenContext): Verdict {
  if (item.kind === "malformed") return { kind: "refused", reason: item.reason };
  const subscriptionKey = verifyClientState(context.keyring, item);
  if (subscriptionKey === undefined) return { kind: "refused", reason: "client-state" };
  const route = context.routes.get(subscriptionKey);
  if (route === undefined) return { kind: "refused", reason: "unwanted" };
  const items =
    item.kind === "lifecycle"
      ? [lifecycleItem(item, route, context)]
      : notificationItems(item, route, context);
  return items.length === 0
    ? { kind: "refused", reason: "unwanted" }
    : { kind: "accepted", items, heard: heardFrom(item, route, context) };
}

function heardFrom(
  { subscriptionId, subscriptionExpiresAt }: Notification | LifecycleNotification,
  { subscriptionKey }: Route,
  { receivedAt }: ScreenContext,
): HeardSubscription {
  return {
    key: subscriptionKey,
    id: subscriptionId,
    heardAt: receivedAt,
    expiresAt: subscriptionExpiresAt,
  };
}

function notificationItems(notification: Notification, route: Route, context: ScreenContext): InboxItem[] {
  const { subscriptionKey, userId } = route;
  const resourceKey = resourceKeyOf(notification);
  const identity = identityOf(notification, { subscriptionKey, resourceKey }, context.hash);
  return recipientsOf(route, notification).map(({ declaration, params }) => ({
    declaration,
    subscriptionKey,
    lane: laneOf({ declaration, subscriptionKey, resourceKey }),
    identity,
    body:
      userId === undefined ? { raw: notification.raw, params } : { raw: notification.raw, params, userId },
    receivedAt: context.receivedAt,
    source: context.source,
  }));
}

/** Lifecycle notifications have no identity: two `missed` in a row may look alike and are two gaps. */
function lifecycleItem(
  { raw }: LifecycleNotification,
  { subscriptionKey }: Route,
  { receivedAt, source }: ScreenContext,
): InboxItem {
  return {
    declaration: LIFECYCLE_DECLARATION,
    subscriptionKey,
    lane: laneOf({ declaration: LIFECYCLE_DECLARATION, subscriptionKey, resourceKey: undefined }),
    identity: undefined,
    body: { raw, params: {} },
    receivedAt,
    source,
  };
}
