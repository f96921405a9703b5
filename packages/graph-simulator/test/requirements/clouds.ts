import type { Requirement } from "./requirement.ts";

const DEPLOYMENTS = "https://learn.microsoft.com/graph/deployments";
const OVERVIEW = "https://learn.microsoft.com/graph/change-notifications-overview";

export const CLOUDS_REQUIREMENTS = [
  {
    id: "cloud-roots",
    source: DEPLOYMENTS,
    behaviour: "Each national cloud has its own roots of Graph and of the login service",
  },
  {
    id: "cloud-resources",
    source: OVERVIEW,
    behaviour: "To Do tasks can be subscribed to in the global cloud only",
  },
  {
    id: "cloud-properties",
    source: DEPLOYMENTS,
    behaviour: "A subscription of a national cloud has no query options and no app id for tokens",
  },
] as const satisfies readonly Requirement[];
