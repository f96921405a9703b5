import type { Requirement } from "./requirement.ts";

const THROTTLING = "https://learn.microsoft.com/graph/throttling";
const LIMITS = "https://learn.microsoft.com/graph/throttling-limits";
const DIRECTORY = "https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits";
const OVERVIEW = "https://learn.microsoft.com/graph/change-notifications-overview";

export const THROTTLING_REQUIREMENTS = [
  {
    id: "throttle-429",
    source: THROTTLING,
    behaviour: "A request beyond a limit is answered 429 TooManyRequests with a Retry-After",
  },
  {
    id: "throttle-logs-on",
    source: THROTTLING,
    behaviour: "Requests made while an app is throttled count too",
  },
  {
    id: "throttle-global",
    source: LIMITS,
    behaviour: "An app may make 130,000 requests in 10 seconds over all tenants",
  },
  {
    id: "throttle-first-limit",
    source: LIMITS,
    behaviour: "A request is counted against several limits; the first that is reached throttles",
  },
  {
    id: "throttle-subscriptions",
    source: OVERVIEW,
    behaviour: "The subscriptions API has limits of its own for writes, reads, reauthorize and list",
  },
  {
    id: "throttle-outlook",
    source: LIMITS,
    behaviour: "An app may make 10,000 requests to one mailbox in 10 minutes, and upload 150 MB in 5",
  },
  {
    id: "throttle-outlook-concurrency",
    source: LIMITS,
    behaviour: "An app may have 4 requests to one mailbox under way at once",
  },
  {
    id: "throttle-directory-units",
    source: DIRECTORY,
    behaviour:
      "Requests to the directory cost resource units, limited by app and tenant by the size of the tenant",
  },
  {
    id: "throttle-directory-writes",
    source: DIRECTORY,
    behaviour: "An app may make 3,000 writes to a directory in 2 minutes and 30 seconds",
  },
  {
    id: "throttle-directory-headers",
    source: DIRECTORY,
    behaviour:
      "x-ms-resource-unit tells the cost, x-ms-throttle-limit-percentage the use beyond 0.8, x-ms-throttle-scope who is throttled",
  },
  {
    id: "throttle-directory-priority",
    source: DIRECTORY,
    behaviour: "Requests of low priority are throttled first, those of high priority last",
  },
  {
    id: "throttle-teams",
    source: LIMITS,
    behaviour: "Teams limits requests by app, by app and tenant, and by team, channel or chat",
  },
  {
    id: "throttle-others",
    source: LIMITS,
    behaviour: "Presence, call records and security alerts have limits of their own",
  },
] as const satisfies readonly Requirement[];
