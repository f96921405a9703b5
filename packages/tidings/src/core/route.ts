import type { DeliveryItem, Notification } from "./notification.ts";
import type { SubscriptionRow, Want } from "./subscription.ts";

/** Where the notifications of one desired subscription go. Plain data: it is also sent to other threads. */
export interface Route {
  readonly subscriptionKey: string;
  /** Who is signed in, for a subscription of `me`. */
  readonly userId?: string | undefined;
  /** Its notifications include resource data, and come with tokens that prove who sent them. */
  readonly isRich?: true | undefined;
  /** Tokens go on with every item: whoever reads them later knows what includes resource data. */
  readonly keepsTokens?: true | undefined;
  readonly wants: readonly Want[];
}

export function routeOf(row: SubscriptionRow): Route {
  const { key, userId, isRich, wants } = row;
  return {
    subscriptionKey: key,
    wants,
    ...(userId === undefined ? {} : { userId }),
    ...(isRich === undefined ? {} : { isRich }),
  };
}

/** Looks up a route by subscription key. */
export interface Routes {
  /**
   * False while a process has yet to say what it declares: what is not found may only not be known, so it must come
   * again rather than be refused.
   */
  readonly isComplete: boolean;
  /** What is at hand; there may be others. */
  get(subscriptionKey: string): Route | undefined;
  /** Those there are, by their keys. @throws StoreError */
  find(subscriptionKeys: Iterable<string>): Promise<ReadonlyMap<string, Route>>;
}

/** Routes that follow the desired subscriptions. */
export interface RouteTable extends Routes {
  /** Resolves when every receiver knows it. */
  set(route: Route): Promise<void>;
  delete(subscriptionKey: string): Promise<void>;
  /** What is declared is known by now. */
  complete(): Promise<void>;
}

/**
 * The declarations a notification is for: those of its subscription that ask for its change type. What an earlier
 * definition asked for counts no more once a later one has taken over.
 */
export function recipientsOf(route: Route, { changeType }: Notification): readonly Want[] {
  return route.wants.filter(
    (want) => want.supersededBy === undefined && want.changeTypes.includes(changeType),
  );
}

/** Why an item of a delivery was not written down. */
export type RefusalReason =
  | Extract<DeliveryItem, { kind: "malformed" }>["reason"]
  /** Missing, forged, or of another tenant. */
  | "client-state"
  /** Authentic, but nobody wants it any more. */
  | "unwanted";
