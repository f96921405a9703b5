import { allowsOnlyOne, rowOf } from "./catalogue/catalogue.ts";
import { endpointOfUrl } from "./mark.ts";
import type { SubscriptionGoal } from "./subscription-goal.ts";
import { wantedChangeTypes, type GraphSubscription, type SubscriptionRow } from "./subscription.ts";

/** What to do about one desired subscription at one moment. */
export type SubscriptionAction =
  /** Nothing until then. */
  | { readonly kind: "wait"; readonly until: number }
  /** An earlier creation or removal ended unknown: look at Graph for what it left. */
  | { readonly kind: "find" }
  | { readonly kind: "create" }
  /** What it should be can only be had by another. */
  | {
      readonly kind: "replace";
      readonly id: string;
      readonly drift: ReplacedDrift;
      readonly order: ReplaceOrder;
    }
  | {
      readonly kind: "renew";
      readonly id: string;
      readonly reason: "due" | "asked" | "certificate";
      /** Graph is given the present certificate with it. */
      readonly givesCertificate?: true;
    }
  /** Another has taken its place, where Graph takes only one: it is removed there, and wanted again if that fails. */
  | { readonly kind: "give way"; readonly id: string }
  /** No declaration wants it any more. */
  | { readonly kind: "remove"; readonly id: string | undefined };

/** In what a subscription differs from what is wanted. `secret`: what it was signed with is no good any more. */
export type Drift = "change types" | "endpoint" | "secret" | "certificate";

/** What a renewal cannot mend. */
export type ReplacedDrift = Exclude<Drift, "certificate">;

/** Where Graph takes only one for a thing, nothing is told of it in between. */
export type ReplaceOrder = "create first" | "delete first";

/**
 * Decides from the row alone what to do now. Level-triggered: acting on the answer and asking again ends in `wait`,
 * whatever was missed between.
 */
export function planSubscription(
  row: SubscriptionRow,
  goal: SubscriptionGoal,
  now: number,
): SubscriptionAction {
  const { graph } = row;
  if (row.createStartedAt !== null) return { kind: "find" };
  if (row.wants.length === 0) return { kind: "remove", id: graph?.id };
  if (givesWay(row))
    return graph === null ? { kind: "wait", until: now + DAY_MS } : { kind: "give way", id: graph.id };
  if (graph === null) return { kind: "create" };
  const renewAt = graph.isRenewalAsked ? now : renewalAt(row.key, graph);
  const mustRenew = renewAt <= now;
  const drift = driftOf(row, goal);
  // While a change fails, what is there is kept alive. Of one that is over, what was lost is found out first.
  const isOver = graph.expiresAt <= now;
  const isMended = drift !== undefined && !(mustRenew && row.failures > 0);
  if (isMended && drift !== "certificate" && !isOver) {
    return { kind: "replace", id: graph.id, drift, order: replaceOrder(row.path) };
  }
  const certificate = isMended && drift === "certificate" ? ({ givesCertificate: true } as const) : {};
  // One that should have ended is renewed too: Graph's clock may be behind ours, and its answer says if it is gone.
  if (mustRenew) {
    return { kind: "renew", id: graph.id, reason: graph.isRenewalAsked ? "asked" : "due", ...certificate };
  }
  if (drift === "certificate") return { kind: "renew", id: graph.id, reason: drift, ...certificate };
  return { kind: "wait", until: renewAt };
}

/**
 * Whether another has taken the row's place. Where Graph takes more than one they live side by side until the earlier
 * definition is forgotten; where it takes one only, the later one has it at once.
 */
export function givesWay({ path, wants }: Pick<SubscriptionRow, "path" | "wants">): boolean {
  const isSuperseded = wants.length > 0 && wants.every(({ supersededBy }) => supersededBy !== undefined);
  return isSuperseded && isOneOnly(path);
}

/** Whether Graph takes only one subscription to a thing of this kind. */
export function isOneOnly(path: string): boolean {
  const row = rowOf(path);
  return row !== undefined && allowsOnlyOne(row);
}

/**
 * In what the row's subscription, or another, differs from what is wanted; undefined when in nothing, or when there is
 * none. Change types, the client state and the lifecycle URL cannot be PATCHed, and both URLs carry the same endpoint
 * and mark; the certificate can.
 *
 * @see https://learn.microsoft.com/graph/api/subscription-update#request-body
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#managing-encryption-keys
 */
export function driftOf(
  row: SubscriptionRow,
  goal: SubscriptionGoal,
  remote: Pick<GraphSubscription, "notificationUrl" | "changeTypes" | "certificateId"> | null = row.graph,
): Drift | undefined {
  if (remote === null) return undefined;
  const { notificationUrl: url, changeTypes, certificateId } = remote;
  if (url !== goal.notificationUrl && goal.isFormerUrl?.(url) !== true) {
    return endpointOfUrl(url) === endpointOfUrl(goal.notificationUrl) ? "secret" : "endpoint";
  }
  if (changeTypes.join() !== wantedChangeTypes(row).join()) return "change types";
  if (goal.certificateId === undefined || certificateId === goal.certificateId) return undefined;
  return "certificate";
}

function replaceOrder(path: string): ReplaceOrder {
  return isOneOnly(path) ? "delete first" : "create first";
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
