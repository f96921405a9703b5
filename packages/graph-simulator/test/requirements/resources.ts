import type { Requirement } from "./requirement.ts";

const OVERVIEW = "https://learn.microsoft.com/graph/change-notifications-overview";

export const RESOURCES_REQUIREMENTS = [
  {
    id: "user-changes",
    source: OVERVIEW,
    behaviour: "Creating, updating and soft-deleting a user is updated; only a permanent delete is deleted",
  },
] as const satisfies readonly Requirement[];
