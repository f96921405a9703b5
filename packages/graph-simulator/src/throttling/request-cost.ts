import { PathPattern } from "../http/path.ts";
import type { Limit, LimitedRequest } from "./limits.ts";

/**
 * What requests to the directory cost when it is not 1.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
const BASE_COSTS: readonly (readonly [string, string, number])[] = [
  ["GET", "applications", 2],
  ["GET", "applications/{id}/extensionProperties", 2],
  ["GET", "contracts", 3],
  ["POST", "directoryObjects/getByIds", 3],
  ["GET", "domains/{id}/domainNameReferences", 4],
  ["GET", "groups/{id}/members", 3],
  ["GET", "groups/{id}/transitiveMembers", 5],
  ["GET", "users/{id}/licenseDetails", 2],
  ["GET", "users/{id}/memberOf", 2],
  ["GET", "users/{id}/ownedObjects", 2],
  ["GET", "users/{id}/transitiveMemberOf", 2],
  ["GET", "oauth2PermissionGrants", 2],
  ["GET", "oauth2PermissionGrants/{id}", 2],
  ["GET", "servicePrincipals/{id}/appRoleAssignments", 2],
  ["GET", "subscribedSkus", 3],
  ["GET", "users", 2],
];

const PATTERNS = BASE_COSTS.map(([method, path, cost]) => ({ method, pattern: new PathPattern(path), cost }));

/** What a request takes from a limit. */
export function requestCost(unit: Limit["unit"], request: LimitedRequest): number {
  switch (unit) {
    case "byte":
      return request.bodyBytes;
    case "write":
      return request.method === "GET" ? 0 : 1;
    case "resource-unit":
      return resourceUnits(request);
    case "request":
    case undefined:
      return 1;
  }
}

/** What a request to the directory costs; never less than 1. */
export function resourceUnits({ method, segments, query }: LimitedRequest): number {
  const row = PATTERNS.find((known) => known.method === method && known.pattern.match(segments));
  const top = Number(query.get("$top") ?? Number.NaN);
  const cost =
    (row?.cost ?? 1) - (query.has("$select") ? 1 : 0) + (query.has("$expand") ? 1 : 0) - (top < 20 ? 1 : 0);
  return Math.max(cost, 1);
}
