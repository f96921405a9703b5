import type { Requirement } from "./requirement.ts";

const OVERVIEW = "https://learn.microsoft.com/graph/change-notifications-overview";
const SUBSCRIPTION = "https://learn.microsoft.com/graph/api/resources/subscription";
const LIST = "https://learn.microsoft.com/graph/api/subscription-list";

export const SUBSCRIPTION_LIMITS_REQUIREMENTS = [
  {
    id: "quota-entra",
    source: `${OVERVIEW}#azure-ad-resource-limitations`,
    behaviour:
      "Users and groups: 50,000 subscriptions an app, 1,000 a tenant, 100 an app in a tenant; 403 beyond",
  },
  {
    id: "quota-outlook",
    source: `${OVERVIEW}#outlook-resource-limitations`,
    behaviour: "A mailbox has at most 1,000 active subscriptions of all apps",
  },
  {
    id: "quota-teams",
    source: "https://learn.microsoft.com/graph/teams-change-notification-in-microsoft-teams-overview",
    behaviour: "One subscription an app and Teams resource, 10,000 an organization; 403 beyond",
  },
  {
    id: "quota-call-records",
    source: OVERVIEW,
    behaviour: "Call records: 100 subscriptions an organization",
  },
  {
    id: "quota-approvals",
    source: OVERVIEW,
    behaviour: "Approvals: one subscription an app in a tenant",
  },
  {
    id: "presence-one",
    source: "https://learn.microsoft.com/graph/changenotifications-for-presence",
    behaviour: "Presence: one subscription an app and user",
  },
  {
    id: "list-delegated",
    source: LIST,
    behaviour: "A delegated list has the app's subscriptions of the signed-in user",
  },
  {
    id: "list-read-all",
    source: LIST,
    behaviour:
      "With Subscription.Read.All, a user sees those of all apps for himself, an administrator for all users",
  },
  {
    id: "outlook-own-mailbox",
    source: "https://learn.microsoft.com/graph/change-notifications-outlook-resources-overview",
    behaviour: "With a delegated token, Outlook subscriptions are to the signed-in user's own mailbox",
  },
  {
    id: "read-permission",
    source: "https://learn.microsoft.com/graph/api/subscription-post-subscriptions#permissions",
    behaviour: "Subscribing needs a read permission; one to write does not do",
  },
  {
    id: "tls-1-2",
    source: `${SUBSCRIPTION}#properties`,
    behaviour: "Endpoints are called with TLS 1.2, the default of latestSupportedTlsVersion",
  },
] as const satisfies readonly Requirement[];
