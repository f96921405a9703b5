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
] as const satisfies readonly Requirement[];
