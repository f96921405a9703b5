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
}

/** Who a request comes from, read from its access token. */
export interface Caller {
  readonly tenantId: string;
  readonly applicationId: string;
  /** Object id of the app's service principal in the tenant; the `creatorId` of what the app creates. */
  readonly objectId: string;
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
}

/** Object id of the app's service principal in a tenant: always the same for the same pair. */
export function servicePrincipalId(clientId: string, tenantId: string): string {
  return guidFor(`service principal ${clientId} in ${tenantId}`);
}
