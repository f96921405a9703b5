import type { Requirement } from "./requirement.ts";

export const LISTINGS_REQUIREMENTS = [
  {
    id: "query-filter",
    source: "https://learn.microsoft.com/graph/query-parameters",
    behaviour: "$filter, $orderby, $top, $count and $select choose what a listing answers",
  },
  {
    id: "prefer-page-size",
    source: "https://learn.microsoft.com/graph/delta-query-messages",
    behaviour: "Prefer: odata.maxpagesize sets the page size of a mailbox's delta query",
  },
] as const satisfies readonly Requirement[];
