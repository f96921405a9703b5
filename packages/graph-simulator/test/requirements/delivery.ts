import type { Requirement } from "./requirement.ts";

const WEBHOOKS = "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks";
const OVERVIEW = "https://learn.microsoft.com/graph/change-notifications-overview";
const NOTIFICATION_COLLECTION =
  "https://learn.microsoft.com/graph/api/resources/changenotificationcollection";
const SUBSCRIPTION = "https://learn.microsoft.com/graph/api/resources/subscription";

export const DELIVERY_REQUIREMENTS = [
  {
    id: "url-query-preserved",
    source: `${SUBSCRIPTION}#properties`,
    behaviour: "The query string of the notification URL is part of every delivery",
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
  {
    id: "delivery-mixed",
    source: NOTIFICATION_COLLECTION,
    behaviour: "One delivery may carry notifications of several subscriptions, tenants and apps",
  },
  {
    id: "delivery-latency",
    source: `${OVERVIEW}#latency`,
    behaviour: "Each resource has an average and a maximum latency",
  },
  {
    id: "endpoint-slow",
    source: WEBHOOKS,
    behaviour:
      "An endpoint of which more than 10% of responses take over 3 s in 10 minutes gets new notifications 10 minutes late",
  },
  {
    id: "endpoint-slow-ends",
    source: WEBHOOKS,
    behaviour: "An endpoint is slow no more once less than 10% of its responses are, in 10 minutes",
  },
  {
    id: "endpoint-drop",
    source: WEBHOOKS,
    behaviour:
      "An endpoint of which more than 15% of responses take over 10 s in 10 minutes has new notifications dropped for good",
  },
  {
    id: "endpoint-drop-ends",
    source: WEBHOOKS,
    behaviour:
      "Samples are sent to an endpoint that is dropped; it is so no more once less than 15% are too slow",
  },
] as const satisfies readonly Requirement[];
