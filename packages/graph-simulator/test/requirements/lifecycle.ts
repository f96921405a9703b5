import type { Requirement } from "./requirement.ts";

const LIFECYCLE = "https://learn.microsoft.com/graph/change-notifications-lifecycle-events";

export const LIFECYCLE_REQUIREMENTS = [
  {
    id: "lifecycle-shape",
    source: `${LIFECYCLE}#structure-of-a-lifecycle-notification`,
    behaviour:
      "A lifecycle notification has subscription, expiry, tenant, client state and lifecycleEvent, and nothing of a resource",
  },
  {
    id: "lifecycle-url-only",
    source: `${LIFECYCLE}#configure-your-subscription-to-receive-lifecycle-notifications`,
    behaviour: "A subscription without a lifecycleNotificationUrl gets no lifecycle notifications",
  },
  {
    id: "lifecycle-url-fixed",
    source: `${LIFECYCLE}#configure-your-subscription-to-receive-lifecycle-notifications`,
    behaviour: "An update does not add a lifecycleNotificationUrl",
  },
  {
    id: "lifecycle-supported",
    source: `${LIFECYCLE}#supported-resources`,
    behaviour: "All resources are challenged; removal and loss are told of some only",
  },
  {
    id: "lifecycle-batched",
    source: `${LIFECYCLE}#structure-of-a-lifecycle-notification`,
    behaviour: "Lifecycle notifications travel together, each with an event of its own",
  },
  {
    id: "challenge-token",
    source: `${LIFECYCLE}#reauthorizationrequired-notifications`,
    behaviour: "An app is challenged when its access token is about to expire",
  },
  {
    id: "challenge-expiry",
    source: `${LIFECYCLE}#reauthorizationrequired-notifications`,
    behaviour: "An app is challenged when its subscription is about to expire",
  },
  {
    id: "challenge-growing",
    source: `${LIFECYCLE}#reauthorizationrequired-notifications`,
    behaviour: "Challenges come more often as the end comes nearer, at last every 15 minutes",
  },
  {
    id: "challenge-pause",
    source: `${LIFECYCLE}#reauthorizationrequired-notifications`,
    behaviour: "Delivery pauses until the app reauthorizes or renews, and then resumes",
  },
  {
    id: "reauthorize-204",
    source: "https://learn.microsoft.com/graph/api/subscription-reauthorize",
    behaviour: "POST /subscriptions/{id}/reauthorize answers 204 and no body, and leaves the expiry as it is",
  },
  {
    id: "reauthorize-apart",
    source: `${LIFECYCLE}#responding-to-reauthorizationrequired-notifications`,
    behaviour:
      "An update and a reauthorization of one subscription within 10 minutes can make its state inconsistent",
  },
  {
    id: "subscription-removed",
    source: `${LIFECYCLE}#subscriptionremoved-notifications`,
    behaviour: "subscriptionRemoved tells that Graph removed the subscription: it must be created again",
  },
  {
    id: "missed",
    source: `${LIFECYCLE}#missed-notifications`,
    behaviour: "missed tells that notifications were not delivered",
  },
] as const satisfies readonly Requirement[];
