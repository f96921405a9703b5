import type { Requirement } from "./requirement.ts";

const NOTIFICATION = "https://learn.microsoft.com/graph/api/resources/changenotification";

export const NOTIFICATIONS_REQUIREMENTS = [
  {
    id: "notification-shape",
    source: NOTIFICATION,
    behaviour:
      "A notification names its subscription, expiry, client state, change type, resource and tenant",
  },
] as const satisfies readonly Requirement[];
