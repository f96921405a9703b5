import type { BudgetLimit } from "./budget.ts";
import { ANY_REQUEST, GRAPH_SERVICES, type Allowance, type GraphService } from "./graph-services.ts";
import { canonicalSegments } from "./resource-path.ts";
import { resourceUnits } from "./resource-units.ts";

/** How far a limit reaches: the app in all tenants, the app in one tenant, or one thing in it, such as a mailbox. */
export type LimitScope = "app" | "tenant" | "resource";

/** A budget that a request needs before it may be sent. */
export interface BudgetClaim {
  /** Whose budget: the same text, the same budget. */
  readonly key: string;
  readonly scope: LimitScope;
  readonly limit: BudgetLimit;
  /** In the units of the limit. */
  readonly cost: number;
}

/** A request as limits see it. */
export interface LimitedRequest {
  /** In capitals. */
  readonly method: string;
  /** Below the version, with its query. */
  readonly path: string;
  readonly tenantId: string;
}

/** The rest is for whoever else uses the app registration, and for what Graph counts otherwise than we do. */
const SHARE = 0.7;

/** The budgets that a request to Graph needs, the widest first. */
export function graphClaims(request: LimitedRequest): readonly BudgetClaim[] {
  const segments = canonicalSegments(request.path);
  const { service, resource } = serviceOf(request.method, segments);
  const cost =
    service.unit === "resource-unit" ? resourceUnits(request.method, segments, queryOf(request.path)) : 1;
  return [
    { key: "all", scope: "app", limit: limitOf(ANY_REQUEST), cost: 1 },
    ...claimsOf(service, { tenantId: request.tenantId, resource, cost }),
  ];
}

/** What a request to an API needs whose limits are not known: nothing, but it can be parked, tenant by tenant. */
export function plainClaims({ tenantId }: Pick<LimitedRequest, "tenantId">): readonly BudgetClaim[] {
  return claimsOf(UNKNOWN_SERVICE, { tenantId, resource: "", cost: 1 });
}

/**
 * Which budget is to blame for a refusal: the one that Graph names, and the narrowest when it names none, since the
 * smallest limit is reached first.
 *
 * @param throttleScope Graph's `x-ms-throttle-scope`, such as `Tenant_Application/ReadWrite/{appId}/{tenantId}`
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
export function blamedClaim(
  claims: readonly BudgetClaim[],
  throttleScope: string | undefined,
): BudgetClaim | undefined {
  const [named = ""] = throttleScope?.toLowerCase().split("/") ?? [];
  const scope = SCOPE_OF_NAME.get(named);
  return claims.findLast((claim) => claim.scope === scope) ?? claims.at(-1);
}

const SCOPE_OF_NAME: ReadonlyMap<string, LimitScope> = new Map([
  ["application", "app"],
  ["tenant", "tenant"],
  ["tenant_application", "tenant"],
]);

const UNKNOWN_SERVICE: GraphService = { name: "other", paths: [] };

interface Found {
  readonly service: GraphService;
  readonly resource: string;
}

interface Pattern {
  readonly service: GraphService;
  readonly parts: readonly string[];
  /** Whether more may follow. */
  readonly isOpen: boolean;
}

const PATTERNS: readonly Pattern[] = GRAPH_SERVICES.flatMap((service) =>
  service.paths.map((path) => {
    const isOpen = path.endsWith("/**");
    return { service, isOpen, parts: (isOpen ? path.slice(0, -3) : path).split("/") };
  }),
);

function serviceOf(method: string, segments: readonly string[]): Found {
  for (const pattern of PATTERNS) {
    if (pattern.service.methods?.includes(method) === false) continue;
    const resource = matchPath(pattern, segments);
    if (resource !== undefined) return { service: pattern.service, resource };
  }
  return { service: UNKNOWN_SERVICE, resource: "" };
}

/** @returns the ids in the places of `{}`, in lower case; undefined when the path is another */
function matchPath({ parts, isOpen }: Pattern, segments: readonly string[]): string | undefined {
  if (isOpen ? segments.length < parts.length : segments.length !== parts.length) return undefined;
  const resource: string[] = [];
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? "";
    if (part === "{}") resource.push(segment.toLowerCase());
    else if (part !== "*" && part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return resource.join("/");
}

/** The tenant's is there also without a limit, so that it can be parked. */
function claimsOf(
  { name, app, tenant, resource: perResource, places }: GraphService,
  {
    tenantId,
    resource,
    cost,
  }: { readonly tenantId: string; readonly resource: string; readonly cost: number },
): readonly BudgetClaim[] {
  const claims: BudgetClaim[] = [];
  if (app !== undefined) claims.push({ key: name, scope: "app", limit: limitOf(app), cost });
  claims.push({ key: `${name}|${tenantId}`, scope: "tenant", limit: limitOf(tenant), cost });
  if (perResource !== undefined) {
    const limit = { ...limitOf(perResource), places };
    claims.push({ key: `${name}|${tenantId}|${resource}`, scope: "resource", limit, cost });
  }
  return claims;
}

function limitOf(allowance: Allowance | undefined): BudgetLimit {
  if (allowance === undefined) return {};
  const [units, windowMs] = allowance;
  return { pace: { units: Math.max(1, Math.floor(units * SHARE)), windowMs } };
}

function queryOf(path: string): URLSearchParams {
  const at = path.indexOf("?");
  return new URLSearchParams(at === -1 ? "" : path.slice(at));
}
