import type { Requirement } from "./requirement.ts";

const WEBHOOKS = "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks";
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
] as const satisfies readonly Requirement[];
