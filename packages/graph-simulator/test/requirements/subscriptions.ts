import type { Requirement } from "./requirement.ts";

const WEBHOOKS = "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks";
const SUBSCRIPTION = "https://learn.microsoft.com/graph/api/resources/subscription";
const CREATE = "https://learn.microsoft.com/graph/api/subscription-post-subscriptions";
const LIFECYCLE = "https://learn.microsoft.com/graph/change-notifications-lifecycle-events";

export const SUBSCRIPTIONS_REQUIREMENTS = [
  {
    id: "create-201",
    source: CREATE,
    behaviour: "Creating a subscription answers 201 and the subscription",
  },
  {
    id: "create-required",
    source: CREATE,
    behaviour: "changeType, notificationUrl, resource and expirationDateTime are required",
  },
  {
    id: "client-state-128",
    source: `${SUBSCRIPTION}#properties`,
    behaviour: "clientState has at most 128 characters",
  },
  {
    id: "client-state-hidden-in-list",
    source: "https://learn.microsoft.com/graph/api/subscription-list",
    behaviour: "clientState is null in a list of subscriptions",
  },
  {
    id: "https-only",
    source: `${SUBSCRIPTION}#properties`,
    behaviour: "The notification URL must use HTTPS",
  },
  {
    id: "lifetime-maximum",
    source: `${SUBSCRIPTION}#subscription-lifetime`,
    behaviour: "An expiry beyond the maximum of the resource is refused, not shortened",
  },
  {
    id: "lifetime-minimum",
    source: `${SUBSCRIPTION}#properties`,
    behaviour: "An expiry less than 45 minutes ahead is moved out to 45 minutes",
  },
  {
    id: "lifecycle-url-required",
    source: LIFECYCLE,
    behaviour: "Teams subscriptions longer than an hour need a lifecycleNotificationUrl",
  },
  {
    id: "change-type-updated-only",
    source: `${SUBSCRIPTION}#properties`,
    behaviour: "Drive root items and lists support only the change type updated",
  },
  {
    id: "web-push-refused",
    source: `${SUBSCRIPTION}#properties`,
    behaviour: "Web Push properties are refused for an ordinary webhook",
  },
  {
    id: "duplicate-409",
    source: WEBHOOKS,
    behaviour: "A second subscription for the same change type and resource is answered 409",
  },
  {
    id: "update-needs-one",
    source: "https://learn.microsoft.com/graph/api/subscription-update",
    behaviour: "An update must contain expirationDateTime or notificationUrl",
  },
  {
    id: "update-gone-404",
    source: "https://learn.microsoft.com/graph/api/subscription-update",
    behaviour: "Updating a subscription that is gone is answered 404",
  },
  {
    id: "delete-204",
    source: "https://learn.microsoft.com/graph/api/subscription-delete",
    behaviour: "Deleting a subscription answers 204",
  },
  {
    id: "subscription-expires",
    source: `${SUBSCRIPTION}#subscription-lifetime`,
    behaviour: "A subscription that is not renewed is gone when its time is over",
  },
  {
    id: "list-own-only",
    source: "https://learn.microsoft.com/graph/api/subscription-list",
    behaviour: "An app sees its own subscriptions of the token's tenant",
  },
] as const satisfies readonly Requirement[];
