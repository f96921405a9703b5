import type { Clock } from "../clock.ts";
import type { Cloud } from "../cloud.ts";
import type { SignedInUser, Tenancy, Tenant } from "../tenancy.ts";
import type { AccessTokens } from "./access-token.ts";

/** Who signs in, and to what. */
export interface SignInRequest {
  /** Object id or user principal name. */
  readonly user: string;
  /** Delegated permissions the user has consented to. */
  readonly scopes: readonly string[];
  /** @default the first app */
  readonly clientId?: string | undefined;
  /**
   * GUID or domain.
   * @default the first tenant
   */
  readonly tenantId?: string | undefined;
  /** @default false */
  readonly isGlobalAdministrator?: boolean | undefined;
}

export interface SignInOptions {
  readonly tenancy: Tenancy;
  readonly accessTokens: AccessTokens;
  readonly clock: Clock;
  readonly cloud: Cloud;
  /** The object id of a user, by id or principal name. */
  readonly findUserId: (tenant: Tenant, user: string) => string | undefined;
  readonly defaultClientId: string;
  readonly defaultTenantId: string;
}

/**
 * Gives delegated tokens as if a user had signed in: what a browser does in between is not modelled.
 *
 * @throws TypeError when tenant, app or user are not known
 */
export async function signIn(request: SignInRequest, options: SignInOptions): Promise<string> {
  const { tenancy, accessTokens, clock, cloud, findUserId } = options;
  const { tenantId = options.defaultTenantId, clientId = options.defaultClientId, user } = request;
  const tenant = tenancy.findTenant(tenantId);
  if (!tenant) throw new TypeError(`Expected a known tenant, got ${tenantId}`);
  const app = tenancy.findApp(clientId, tenant);
  if (!app) throw new TypeError(`Expected an app of the tenant, got ${clientId}`);
  const id = findUserId(tenant, user);
  if (id === undefined) throw new TypeError(`Expected a user of the tenant, got ${user}`);
  const signedIn: SignedInUser = {
    id,
    scopes: request.scopes,
    isGlobalAdministrator: request.isGlobalAdministrator ?? false,
  };
  return accessTokens.issue({ tenant, app, audience: cloud.graphRoot, now: clock.now(), user: signedIn });
}
