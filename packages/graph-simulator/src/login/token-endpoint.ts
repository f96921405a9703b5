import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import { json, type Reply } from "../http/reply.ts";
import type { HttpRequest } from "../http/exchange.ts";
import type { Tenancy, Tenant } from "../tenancy.ts";
import type { AccessTokens } from "./access-token.ts";

export interface TokenEndpointOptions {
  readonly tenancy: Tenancy;
  readonly accessTokens: AccessTokens;
  readonly clock: Clock;
  readonly events: EventFeed;
}

/** One refusal of Entra's: a status, an OAuth error and an AADSTS code with its text. */
interface LoginRefusal {
  readonly status: number;
  readonly error: string;
  readonly code: number;
  readonly text: string;
}

const REQUIRED_PARAMETERS = ["grant_type", "client_id", "client_secret", "scope"] as const;

/**
 * `POST /{tenant}/oauth2/v2.0/token`: the client credentials grant with a secret.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
  }

  /** @param tenantName GUID or domain, from the path */
  async answer(tenantName: string, request: HttpRequest): Promise<Reply> {
    const tenant = this.#options.tenancy.findTenant(tenantName);
    if (!tenant) return this.#refuse(request, unknownTenant(tenantName));
    const form = new URLSearchParams(request.body);
    const missing = REQUIRED_PARAMETERS.find((name) => !form.get(name));
    if (missing) return this.#refuse(request, missingParameter(missing));
    return this.#grant(tenant, form, request);
  }

  async #grant(tenant: Tenant, form: URLSearchParams, request: HttpRequest): Promise<Reply> {
    const { tenancy, accessTokens, clock, events } = this.#options;
    const grantType = form.get("grant_type") ?? "";
    if (grantType !== "client_credentials") return this.#refuse(request, unsupportedGrant(grantType));
    const clientId = form.get("client_id") ?? "";
    const app = tenancy.findApp(clientId, tenant);
    if (!app) return this.#refuse(request, unknownApp(clientId, tenant));
    if (form.get("client_secret") !== app.clientSecret) return this.#refuse(request, wrongSecret(clientId));
    const scope = form.get("scope") ?? "";
    if (!scope.endsWith("/.default")) return this.#refuse(request, wrongScope(scope));

    const audience = scope.slice(0, -"/.default".length);
    const token = await accessTokens.issue({ tenant, app, audience, now: clock.now() });
    events.emit("token:issued", { tenantId: tenant.id, clientId: app.clientId });
    return json(
      200,
      {
        token_type: "Bearer",
        expires_in: accessTokens.lifetimeS,
        ext_expires_in: accessTokens.lifetimeS,
        access_token: token,
      },
      { "cache-control": "no-store, no-cache", pragma: "no-cache" },
    );
  }

  #refuse(request: HttpRequest, refusal: LoginRefusal): Reply {
    const timestamp = new Date(request.at).toISOString().replace("T", " ").replace(/\..*/, "Z");
    const ids = `Trace ID: ${request.requestId} Correlation ID: ${request.clientRequestId}`;
    return json(refusal.status, {
      error: refusal.error,
      error_description: `AADSTS${refusal.code}: ${refusal.text} ${ids} Timestamp: ${timestamp}`,
      error_codes: [refusal.code],
      timestamp,
      trace_id: request.requestId,
      correlation_id: request.clientRequestId,
    });
  }
}

function unknownTenant(name: string): LoginRefusal {
  return {
    status: 400,
    error: "invalid_request",
    code: 90002,
    text: `Tenant '${name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
  };
}

function missingParameter(name: string): LoginRefusal {
  return {
    status: 400,
    error: "invalid_request",
    code: 900144,
    text: `The request body must contain the following parameter: '${name}'.`,
  };
}

function unsupportedGrant(grantType: string): LoginRefusal {
  return {
    status: 400,
    error: "unsupported_grant_type",
    code: 70003,
    text: `The app requested an unsupported grant type '${grantType}'.`,
  };
}

function unknownApp(clientId: string, tenant: Tenant): LoginRefusal {
  return {
    status: 400,
    error: "unauthorized_client",
    code: 700016,
    text: `Application with identifier '${clientId}' was not found in the directory '${tenant.domain}'.`,
  };
}

function wrongSecret(clientId: string): LoginRefusal {
  return {
    status: 401,
    error: "invalid_client",
    code: 7000215,
    text: `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
  };
}

function wrongScope(scope: string): LoginRefusal {
  return {
    status: 400,
    error: "invalid_scope",
    code: 1002012,
    text: `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
  };
}
