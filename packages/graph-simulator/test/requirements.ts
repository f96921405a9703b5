/** A sentence of Microsoft's documentation that the model relies on. */
export interface Requirement {
  readonly id: string;
  readonly source: `https://learn.microsoft.com/${string}`;
  readonly behaviour: string;
}

const WEBHOOKS = "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks";
const OVERVIEW = "https://learn.microsoft.com/graph/change-notifications-overview";
const SUBSCRIPTION = "https://learn.microsoft.com/graph/api/resources/subscription";
const NOTIFICATION = "https://learn.microsoft.com/graph/api/resources/changenotification";
const CREATE = "https://learn.microsoft.com/graph/api/subscription-post-subscriptions";
const LIFECYCLE = "https://learn.microsoft.com/graph/change-notifications-lifecycle-events";
const CREDENTIALS = "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow";

export const REQUIREMENTS = [
  {
    id: "token-client-credentials",
    source: CREDENTIALS,
    behaviour: "An app with a secret gets a bearer token that lives 3599 seconds",
  },
  {
    id: "token-errors",
    source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
    behaviour: "A refused token request names an AADSTS code in error_description",
  },
  {
    id: "bearer-required",
    source: "https://learn.microsoft.com/graph/auth/auth-concepts",
    behaviour: "A Graph request without a valid access token is answered 401",
  },
  {
    id: "error-shape",
    source: "https://learn.microsoft.com/graph/errors",
    behaviour: "An error is {error: {code, message, innerError}} with the request id",
  },
  {
    id: "paging",
    source: "https://learn.microsoft.com/graph/paging",
    behaviour: "A listing longer than a page has an @odata.nextLink, its last page has none",
  },
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
  {
    id: "handshake-request",
    source: `${WEBHOOKS}#notificationurl-validation`,
    behaviour: "The endpoint gets a POST of text/plain with the token in the query string",
  },
  {
    id: "handshake-exact",
    source: `${WEBHOOKS}#notificationurl-validation`,
    behaviour: "The answer must be 200, text/plain and the decoded token",
  },
  {
    id: "handshake-deadline",
    source: `${WEBHOOKS}#notificationurl-validation`,
    behaviour: "The endpoint must answer in time or the subscription is not created",
  },
  {
    id: "handshake-lifecycle",
    source: LIFECYCLE,
    behaviour: "The lifecycle endpoint is validated too, even when it is the same",
  },
  {
    id: "url-query-preserved",
    source: `${SUBSCRIPTION}#properties`,
    behaviour: "The query string of the notification URL is part of every delivery",
  },
  {
    id: "notification-shape",
    source: NOTIFICATION,
    behaviour:
      "A notification names its subscription, expiry, client state, change type, resource and tenant",
  },
  {
    id: "user-changes",
    source: OVERVIEW,
    behaviour: "Creating, updating and soft-deleting a user is updated; only a permanent delete is deleted",
  },
  {
    id: "batched-delivery",
    source: WEBHOOKS,
    behaviour: "One delivery may carry notifications of several subscriptions",
  },
  {
    id: "delivery-2xx",
    source: WEBHOOKS,
    behaviour: "A notification is delivered when the endpoint answers in the 2xx class",
  },
  {
    id: "delivery-timeout",
    source: WEBHOOKS,
    behaviour: "An endpoint that does not answer the first attempt in time is tried again, with more time",
  },
  {
    id: "delivery-retry",
    source: WEBHOOKS,
    behaviour: "A failed delivery is tried again with exponential backoff for up to 4 hours",
  },
] as const satisfies readonly Requirement[];

export type RequirementId = (typeof REQUIREMENTS)[number]["id"];

/** Cites a requirement in the title of a test that proves it: `[id]`. */
export function verifies(id: RequirementId): string {
  return `[${id}]`;
}
