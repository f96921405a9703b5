import { textOf, type JsonObject } from "../http/json.ts";
import { refuse, type Refusal } from "../http/reply.ts";
import { grantLifetime, type GrantedLifetime } from "./lifetime.ts";
import { notificationUrlRefusal } from "./notification-url.ts";
import { matchResource } from "./subscribable-resources.ts";
import type { Subscription } from "./subscription.ts";

/** What a request changes of a subscription, once a new endpoint proves itself. */
export interface SubscriptionUpdate {
  readonly kind: "update";
  readonly changes: Partial<Pick<Subscription, "expiresAt" | "notificationUrl">>;
}

/**
 * Reads the body of `PATCH /subscriptions/{id}`. Properties that cannot be changed are passed over.
 *
 * @param now epoch milliseconds
 * @see https://learn.microsoft.com/graph/api/subscription-update
 */
export function parseUpdate(
  body: JsonObject,
  current: Subscription,
  now: number,
): SubscriptionUpdate | Refusal {
  const expirationDateTime = textOf(body, "expirationDateTime");
  const notificationUrl = textOf(body, "notificationUrl");
  if (expirationDateTime === undefined && notificationUrl === undefined) {
    return refuse(
      400,
      "InvalidRequest",
      "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property and its value.",
    );
  }
  const urlRefusal =
    notificationUrl === undefined ? undefined : notificationUrlRefusal("notificationUrl", notificationUrl);
  if (urlRefusal) return urlRefusal;
  const urlChange = notificationUrl === undefined ? {} : { notificationUrl };
  if (expirationDateTime === undefined) return { kind: "update", changes: urlChange };
  const lifetime = readLifetime(expirationDateTime, current, now);
  if (lifetime.kind === "refused") return lifetime;
  return { kind: "update", changes: { ...urlChange, expiresAt: lifetime.expiresAt } };
}

function readLifetime(
  expirationDateTime: string,
  current: Subscription,
  now: number,
): GrantedLifetime | Refusal {
  const match = matchResource(current.resource);
  if (match.kind === "refused") return match;
  return grantLifetime({
    operation: "Update",
    expirationDateTime,
    resource: match.resource,
    hasLifecycleUrl: current.lifecycleNotificationUrl !== null,
    now,
  });
}
