import type { Requirement } from "./requirement.ts";

const WEBHOOKS = "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks";
const LIFECYCLE = "https://learn.microsoft.com/graph/change-notifications-lifecycle-events";

export const HANDSHAKE_REQUIREMENTS = [
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
] as const satisfies readonly Requirement[];
