/** Requests to the directory that cost other than 1; `*` stands for one id. */
const BASE_UNITS: Readonly<Record<string, number>> = {
  "GET applications": 2,
  "GET applications/*/extensionProperties": 2,
  "GET contracts": 3,
  "GET domains/*/domainNameReferences": 4,
  "GET groups/*/members": 3,
  "GET groups/*/transitiveMembers": 5,
  "GET me/licenseDetails": 2,
  "GET me/memberOf": 2,
  "GET me/ownedObjects": 2,
  "GET me/transitiveMemberOf": 2,
  "GET oauth2PermissionGrants": 2,
  "GET oauth2PermissionGrants/*": 2,
  "GET servicePrincipals/*/appRoleAssignments": 2,
  "GET subscribedSkus": 3,
  "GET users": 2,
  "GET users/*/licenseDetails": 2,
  "GET users/*/memberOf": 2,
  "GET users/*/ownedObjects": 2,
  "GET users/*/transitiveMemberOf": 2,
};

/**
 * What a read of the directory costs, in resource units; never less than 1.
 *
 * @param segments of its path, canonical
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
export function resourceUnits(method: string, segments: readonly string[], query: URLSearchParams): number {
  const pattern = segments.map((segment, index) => (index === 1 ? "*" : segment));
  const base =
    BASE_UNITS[`${method} ${segments.join("/")}`] ?? BASE_UNITS[`${method} ${pattern.join("/")}`] ?? 1;
  const top = Number(query.get("$top") ?? Infinity);
  const units = base - (query.has("$select") ? 1 : 0) + (query.has("$expand") ? 1 : 0) - (top < 20 ? 1 : 0);
  return Math.max(1, units);
}
