import { allowsOnlyOne, rowOf } from "./catalogue/catalogue.ts";
import type { SubscriptionUrls } from "./mark.ts";
import { wantedChangeTypes, type GraphSubscription, type SubscriptionRow } from "./subscription.ts";

/** What to do about one desired subscription at one moment. */
export type SubscriptionAction =
  /** Nothing until then. */
  | { readonly kind: "wait"; readonly until: number }
  /** An earlier creation or removal ended unknown: look at Graph for what it left. */
  | { readonly kind: "find" }
  | { readonly kind: "create" }
  /** What it should be can only be had by another. */
  | { readonly kind: "replace"; readonly id: string; readonly drift: Drift; readonly order: ReplaceOrder }
  | { readonly kind: "renew"; readonly id: string; readonly reason: "due" | "asked" }
  /** No declaration wants it any more. */
  | { readonly kind: "remove"; readonly id: string | undefined };

/** In what a subscription differs from what is wanted. */
export type Drift = "change types" | "endpoint";

/** Where Graph takes only one for a thing, nothing is told of it in between. */
export type ReplaceOrder = "create first" | "delete first";

/**
 * Decides from the row alone what to do now. Level-triggered: acting on the answer and asking again ends in `wait`,
 * whatever was missed between.
 */
export function planSubscription(
  row: SubscriptionRow,
  urls: SubscriptionUrls,
  now: number,
): SubscriptionAction {
  const { graph } = row;
  if (row.createStartedAt !== null) return { kind: "find" };
  if (row.wants.length === 0) return { kind: "remove", id: graph?.id };
  if (graph === null) return { kind: "create" };
  const renewAt = graph.isRenewalAsked ? now : renewalAt(row.key, graph);
  const mustRenew = renewAt <= now;
  const drift = driftOf(row, urls);
  // While a replacement fails, what is there is kept alive. Of one that is over, what was lost is found out first.
  const isOver = graph.expiresAt <= now;
  if (drift !== undefined && !isOver && !(mustRenew && row.failures > 0)) {
    return { kind: "replace", id: graph.id, drift, order: replaceOrder(row.path) };
  }
  // One that should have ended is renewed too: Graph's clock may be behind ours, and its answer says if it is gone.
  if (mustRenew) return { kind: "renew", id: graph.id, reason: graph.isRenewalAsked ? "asked" : "due" };
  return { kind: "wait", until: renewAt };
}

/**
 * In what the row's subscription, or another, differs from what is wanted; undefined when in nothing, or when there is
 * none. Change types and the lifecycle URL cannot be PATCHed, and both URLs carry the same endpoint.
 *
 * @see https://learn.microsoft.com/graph/api/subscription-update#request-body
 */
export function driftOf(
  row: SubscriptionRow,
  urls: SubscriptionUrls,
  remote: Pick<GraphSubscription, "notificationUrl" | "changeTypes"> | null = row.graph,
): Drift | undefined {
  if (remote === null) return undefined;
  if (remote.notificationUrl !== urls.notificationUrl) return "endpoint";
  return remote.changeTypes.join() === wantedChangeTypes(row).join() ? undefined : "change types";
}

function replaceOrder(path: string): ReplaceOrder {
  const row = rowOf(path);
  return row !== undefined && allowsOnlyOne(row) ? "delete first" : "create first";
}

const DAY_MS = 24 * 3_600_000;

/**
 * When to renew: after two thirds of the life granted, or half of it for lives of a day or less, ±10 % of that by
 * the key, so that subscriptions made in one burst are not renewed in one.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#renew-a-subscription
 */
export function renewalAt(key: string, { grantedAt, expiresAt }: GraphSubscription): number {
  const life = expiresAt - grantedAt;
  const share = life <= DAY_MS ? 1 / 2 : 2 / 3;
  return Math.round(grantedAt + life * share * (0.9 + 0.2 * fractionOf(key)));
}

/** A number in [0, 1) that is always the same for a key: the key is a hash, so its digits are spread evenly. */
function fractionOf(key: string): number {
  const modulus = 1_000_003;
  let rest = 0;
  for (let index = 0; index < key.length; index += 1) rest = (rest * 64 + key.charCodeAt(index)) % modulus;
  return rest / modulus;
}
