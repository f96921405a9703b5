import type { Requirement } from "./requirement.ts";

export const GRAPH_API_REQUIREMENTS = [
  {
    id: "bearer-required",
    source: "https://learn.microsoft.com/graph/auth/auth-concepts",
    behaviour: "A Graph request without a valid access token is answered 401",
  },
  {
    id: "error-shape",
    source: "https://learn.microsoft.com/graph/errors",
    behaviour: "An error is {error: {code, message, innerError}} with the request id",
  },
  {
    id: "paging",
    source: "https://learn.microsoft.com/graph/paging",
    behaviour: "A listing longer than a page has an @odata.nextLink, its last page has none",
  },
  {
    id: "query-filter",
    source: "https://learn.microsoft.com/graph/query-parameters",
    behaviour: "$filter, $orderby, $top, $count and $select choose what a listing answers",
  },
  {
    id: "prefer-page-size",
    source: "https://learn.microsoft.com/graph/delta-query-messages",
    behaviour: "Prefer: odata.maxpagesize sets the page size of a mailbox's listings",
  },
] as const satisfies readonly Requirement[];
