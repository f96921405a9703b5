import type { Cloud } from "../cloud.ts";
import type { PathParams } from "../http/path.ts";
import { json, refuse, type Reply } from "../http/reply.ts";
import { Router } from "../http/router.ts";
import type { HttpRequest } from "../http/exchange.ts";
import type { Tenancy } from "../tenancy.ts";
import { instanceDiscovery, isSharedTenant, openIdConfiguration } from "./discovery.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { TokenEndpoint } from "./token-endpoint.ts";

export interface LoginApiOptions {
  readonly cloud: Cloud;
  readonly tenancy: Tenancy;
  readonly keys: SigningKeys;
  readonly tokens: TokenEndpoint;
}

/** Second segments of the login service's paths; no version of Graph has them. */
const LOGIN_SEGMENTS: ReadonlySet<string> = new Set(["oauth2", "discovery", "v2.0", ".well-known"]);

/** The login service: tokens, the keys they are signed with, and what clients ask before they believe either. */
export class LoginApi {
  readonly #options: LoginApiOptions;
  readonly #router: Router<HttpRequest> = new Router();

  constructor(options: LoginApiOptions) {
    this.#options = options;
    this.#router
      .add("POST", "{tenant}/oauth2/v2.0/token", (request, params) =>
        options.tokens.answer(params.get("tenant"), request),
      )
      .add("GET", "{tenant}/discovery/v2.0/keys", (request) => this.#keys(request))
      .add("GET", "{tenant}/discovery/keys", (request) => this.#keys(request))
      .add("GET", "{tenant}/discovery/instance", (request) => this.#instance(request))
      .add("GET", "{tenant}/v2.0/.well-known/openid-configuration", (request, params) =>
        this.#configuration(request, params, "2.0"),
      )
      .add("GET", "{tenant}/.well-known/openid-configuration", (request, params) =>
        this.#configuration(request, params, "1.0"),
      );
  }

  /** Whether a path is the login service's; every other is Graph's. */
  owns(segments: readonly string[]): boolean {
    return LOGIN_SEGMENTS.has(segments[1] ?? "");
  }

  answer(request: HttpRequest, segments: readonly string[]): Promise<Reply> {
    return this.#router.route(request.method, segments, request);
  }

  async #keys(request: HttpRequest): Promise<Reply> {
    return json(200, { keys: await this.#options.keys.published(request.at) });
  }

  #instance(request: HttpRequest): Reply {
    const { cloud } = this.#options;
    const asked = URL.parse(request.query.get("authorization_endpoint") ?? "");
    const isKnown =
      asked?.host === new URL(cloud.loginRoot).host || asked?.host === new URL(request.origin).host;
    if (!asked || !isKnown) {
      return json(400, {
        error: "invalid_instance",
        error_description: "AADSTS50049: Unknown or invalid instance.",
        error_codes: [50_049],
      });
    }
    return json(200, instanceDiscovery(cloud, request.origin, asked.pathname.split("/")[1] ?? "common"));
  }

  #configuration(request: HttpRequest, params: PathParams, version: "1.0" | "2.0"): Reply {
    const { cloud, tenancy } = this.#options;
    const name = params.get("tenant");
    const tenant = isSharedTenant(name) ? name.toLowerCase() : tenancy.findTenant(name)?.id;
    if (tenant === undefined)
      return refuse(400, "invalid_tenant", `AADSTS90002: Tenant '${name}' not found.`);
    return json(200, openIdConfiguration({ cloud, origin: request.origin, tenant, version }));
  }
}
