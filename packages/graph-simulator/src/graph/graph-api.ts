import type { EventFeed } from "../events.ts";
import { pathSegments } from "../http/path.ts";
import { refuse, type Reply } from "../http/reply.ts";
import { Router } from "../http/router.ts";
import type { HttpRequest } from "../http/exchange.ts";
import type { AccessTokens } from "../login/access-token.ts";
import { authenticate } from "./authentication.ts";
import type { GraphRequest } from "./graph-request.ts";

/** The API versions served. They are the same here. */
const VERSIONS: ReadonlySet<string> = new Set(["v1.0", "beta"]);

/** The Graph API: authenticates a request and hands it to the route of its path. */
export class GraphApi {
  readonly router: Router<GraphRequest> = new Router();
  readonly #accessTokens: AccessTokens;
  readonly #events: EventFeed;

  constructor(accessTokens: AccessTokens, events: EventFeed) {
    this.#accessTokens = accessTokens;
    this.#events = events;
  }

  async answer(request: HttpRequest): Promise<Reply> {
    const reply = await this.#reply(request);
    if (reply.kind === "refused") {
      this.#events.emit("request:refused", { method: request.method, path: request.path, refusal: reply });
    }
    return reply;
  }

  async #reply(request: HttpRequest): Promise<Reply> {
    const [version = "", ...segments] = pathSegments(request.path);
    if (!VERSIONS.has(version)) return refuse(400, "BadRequest", `Invalid version: ${version}`);
    const authenticated = await authenticate(this.#accessTokens, {
      headers: request.headers,
      origin: request.origin,
      now: request.at,
    });
    if (authenticated.kind === "refused") return authenticated;
    const graphRequest: GraphRequest = {
      ...request,
      caller: authenticated.caller,
      root: `${request.origin}/${version}`,
    };
    return this.router.route(request.method, segments, graphRequest);
  }
}
