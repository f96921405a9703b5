import { guidFor } from "./random.ts";

/** An organisation: what Entra calls a tenant. */
export interface Tenant {
  /** GUID in lower case. */
  readonly id: string;
  /** Primary domain, for example `contoso.onmicrosoft.com`; the token endpoint takes it in place of the id. */
  readonly domain: string;
}

/** An app registration which may ask for app-only tokens. */
export interface AppRegistration {
  /** GUID in lower case. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly displayName: string;
  /** The tenants that have consented to the app. */
  readonly tenantIds: readonly string[];
  /** Application permissions, written into the token's `roles`. */
  readonly roles: readonly string[];
  /** The version of tokens the app accepts, which are those it is sent with resource data. */
  readonly requestedAccessTokenVersion: AccessTokenVersion;
  /** Whether Entra gives tokens for the app only to who was assigned a role of it. */
  readonly appRoleAssignmentRequired: boolean;
}

export type AccessTokenVersion = 1 | 2;

/** Who a request comes from, read from its access token. */
export interface Caller {
  readonly tenantId: string;
  readonly applicationId: string;
  /** Object id of the user, or of the app's service principal in the tenant: the `creatorId` of what they create. */
  readonly objectId: string;
  /** Application permissions; none in a delegated token. */
  readonly permissions: readonly string[];
  /** Epoch milliseconds: how long the token authorizes what is created with it. */
  readonly tokenExpiresAt: number;
  /** Who the app acts for, when the token is delegated. */
  readonly user?: SignedInUser;
}

/** The user of a delegated token. */
export interface SignedInUser {
  /** Object id in lower case. */
  readonly id: string;
  /** Delegated permissions. */
  readonly scopes: readonly string[];
  readonly isGlobalAdministrator: boolean;
}

/** The tenants and app registrations the simulator knows. Fixed from the start. */
export class Tenancy {
  readonly #tenants: readonly Tenant[];
  readonly #apps: readonly AppRegistration[];

  constructor(tenants: readonly Tenant[], apps: readonly AppRegistration[]) {
    this.#tenants = tenants;
    this.#apps = apps;
  }

  /** @param idOrDomain in any case */
  findTenant(idOrDomain: string): Tenant | undefined {
    const wanted = idOrDomain.toLowerCase();
    return this.#tenants.find((tenant) => tenant.id === wanted || tenant.domain.toLowerCase() === wanted);
  }

  /** The app, when the tenant has consented to it. */
  findApp(clientId: string, tenant: Tenant): AppRegistration | undefined {
    const wanted = clientId.toLowerCase();
    return this.#apps.find((app) => app.clientId === wanted && app.tenantIds.includes(tenant.id));
  }

  /** The version of the tokens others are given for an app; 1 where the app is not known. */
  accessTokenVersionOf(clientId: string): AccessTokenVersion {
    return this.#registration(clientId)?.requestedAccessTokenVersion ?? 1;
  }

  /** Whether there is no token for the app for who was not assigned a role of it. */
  refusesUnassigned(clientId: string): boolean {
    return this.#registration(clientId)?.appRoleAssignmentRequired ?? false;
  }

  #registration(clientId: string): AppRegistration | undefined {
    return this.#apps.find((app) => app.clientId === clientId);
  }
}

/** Object id of the app's service principal in a tenant: always the same for the same pair. */
export function servicePrincipalId(clientId: string, tenantId: string): string {
  return guidFor(`service principal ${clientId} in ${tenantId}`);
}
