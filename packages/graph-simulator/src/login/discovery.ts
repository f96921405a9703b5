import type { Cloud } from "../cloud.ts";
import type { JsonObject } from "../http/json.ts";

/** Names of no tenant: whoever signs in there may be of any. */
const SHARED_TENANTS: ReadonlySet<string> = new Set(["common", "organizations", "consumers"]);

export function isSharedTenant(name: string): boolean {
  return SHARED_TENANTS.has(name.toLowerCase());
}

export interface OpenIdConfigurationRequest {
  readonly cloud: Cloud;
  /** Address of the simulator, as the client wrote it. */
  readonly origin: string;
  /** A tenant's id, or `common` and its like. */
  readonly tenant: string;
  readonly version: "1.0" | "2.0";
}

/**
 * What the login service says of itself. Endpoints are the simulator's, the issuer is Microsoft's: it is what the
 * tokens carry, and what clients compare.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#fetch-the-openid-configuration-document
 */
export function openIdConfiguration(request: OpenIdConfigurationRequest): JsonObject {
  const { cloud, origin, tenant, version } = request;
  const issuerTenant = isSharedTenant(tenant) ? "{tenantid}" : tenant;
  const root = `${origin}/${tenant}`;
  const isV2 = version === "2.0";
  return {
    token_endpoint: `${root}/oauth2/${isV2 ? "v2.0/" : ""}token`,
    token_endpoint_auth_methods_supported: ["client_secret_post"],
    jwks_uri: `${root}/discovery/${isV2 ? "v2.0/" : ""}keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token", "token id_token"],
    issuer: isV2 ? `${cloud.loginRoot}/${issuerTenant}/v2.0` : `${cloud.issuerRoot}${issuerTenant}/`,
    authorization_endpoint: `${root}/oauth2/${isV2 ? "v2.0/" : ""}authorize`,
    tenant_region_scope: isSharedTenant(tenant) ? null : "EU",
    cloud_instance_name: new URL(cloud.loginRoot).host.replace(/^login\./, ""),
    msgraph_host: new URL(cloud.graphRoot).host,
  };
}

/**
 * The answer to "is this host a login service?", which MSAL asks of the global cloud before it believes a host that is
 * not on its list.
 */
export function instanceDiscovery(cloud: Cloud, origin: string, tenant: string): JsonObject {
  const hosts = [new URL(cloud.loginRoot).host, new URL(origin).host];
  return {
    tenant_discovery_endpoint: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: hosts.map((host) => ({ preferred_network: host, preferred_cache: host, aliases: [host] })),
  };
}
