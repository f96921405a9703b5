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
  /** Those at hand. */
  readonly routes: Pick<Routes, "get">;
  readonly receivedAt: number;
  readonly source: string;
  /** Of the tokens of the delivery; undefined without any. Asked for items that need them. */
  readonly tokensKey: () => string | undefined;
}

/**
 * One item's verdict: the inbox rows it becomes, one per declaration, and what it shows of its subscription; or why it
 * becomes none.
 */
export type Verdict =
  | { readonly kind: "accepted"; readonly items: readonly InboxItem[]; readonly heard: HeardSubscription }
  | { readonly kind: "refused"; readonly reason: RefusalReason };

/** Verdicts in the order of the items, and the routes that were not at hand. */
export interface Screening {
  readonly verdicts: readonly Verdict[];
  /** Keys of client states that we issued, so no stranger can have them looked up. */
  readonly unknown: ReadonlySet<string>;
}

export function screenItems(items: readonly DeliveryItem[], context: ScreenContext): Screening {
  const unknown = new Set<string>();
  const get = (key: string): Route | undefined => {
    const route = context.routes.get(key);
    if (route === undefined) unknown.add(key);
    return route;
  };
  return { verdicts: items.map((item) => screenItem(item, { ...context, routes: { get } })), unknown };
}

/** Judges one item by itself: nothing about its neighbours matters. Fails closed. */
export function screenItem(item: DeliveryItem, context: ScreenContext): Verdict {
  if (item.kind === "malformed") return { kind: "refused", reason: item.reason };
  const subscriptionKey = verifyClientState(context.keyring, item);
  if (subscriptionKey === undefined) return { kind: "refused", reason: "client-state" };
  return screenProved(item, subscriptionKey, context);
}

/** Judges an item that is known to come from this subscription. */
export function screenProved(
  item: Notification | LifecycleNotification,
  subscriptionKey: string,
  context: Omit<ScreenContext, "keyring">,
): Verdict {
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
  { receivedAt }: Pick<ScreenContext, "receivedAt">,
): HeardSubscription {
  return {
    key: subscriptionKey,
    id: subscriptionId,
    heardAt: receivedAt,
    expiresAt: subscriptionExpiresAt,
  };
}

function notificationItems(
  notification: Notification,
  route: Route,
  context: Omit<ScreenContext, "keyring">,
): InboxItem[] {
  const { subscriptionKey, userId } = route;
  const { raw } = notification;
  const resourceKey = resourceKeyOf(notification);
  // Whatever its subscription says, encrypted content is not to be believed unproved.
  const isRich = route.isRich ?? ((raw["encryptedContent"] ?? null) === null ? undefined : true);
  const identity = identityOf(notification, { subscriptionKey, resourceKey, isRich }, context.hash);
  return recipientsOf(route, notification).map(({ declaration, params }) => ({
    declaration,
    subscriptionKey,
    lane: laneOf({ declaration, subscriptionKey, resourceKey }),
    identity,
    body: {
      raw,
      params,
      ...(userId === undefined ? {} : { userId }),
      ...(isRich === undefined ? {} : { isRich }),
    },
    receivedAt: context.receivedAt,
    source: context.source,
    tokensKey: isRich === undefined && route.keepsTokens === undefined ? undefined : context.tokensKey(),
  }));
}

/** Lifecycle notifications have no identity: two `missed` in a row may look alike and are two gaps. */
function lifecycleItem(
  { raw }: LifecycleNotification,
  { subscriptionKey }: Route,
  { receivedAt, source }: Pick<ScreenContext, "receivedAt" | "source">,
): InboxItem {
  return {
    declaration: LIFECYCLE_DECLARATION,
    subscriptionKey,
    lane: laneOf({ declaration: LIFECYCLE_DECLARATION, subscriptionKey, resourceKey: undefined }),
    identity: undefined,
    body: { raw, params: {} },
    receivedAt,
    source,
    tokensKey: undefined,
  };
}
