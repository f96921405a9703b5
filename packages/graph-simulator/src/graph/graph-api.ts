import type { EventFeed } from "../events.ts";
import type { ServiceGate } from "../faults/service-gate.ts";
import type { Cut, HttpRequest } from "../http/exchange.ts";
import { pathSegments } from "../http/path.ts";
import { refuse, type Reply } from "../http/reply.ts";
import { Router } from "../http/router.ts";
import type { AccessTokens } from "../login/access-token.ts";
import type { Random } from "../random.ts";
import type { Throttle } from "../throttling/throttle.ts";
import { authenticate, type GraphIdentity } from "./authentication.ts";
import { Batch } from "./batch.ts";
import type { GraphRequest } from "./graph-request.ts";

/** The API versions served. They are the same here. */
const VERSIONS: ReadonlySet<string> = new Set(["v1.0", "beta"]);

export interface GraphApiOptions {
  readonly accessTokens: AccessTokens;
  readonly identity: GraphIdentity;
  readonly gate: ServiceGate;
  readonly throttle: Throttle;
  readonly events: EventFeed;
  readonly random: Random;
}

/**
 * The Graph API: lets a request through the gate, authenticates it, counts it against the limits, and hands it to the
 * route of its path. Each request of a batch goes the same way, but for the token, which is the batch's.
 */
export class GraphApi {
  readonly router: Router<GraphRequest> = new Router();
  readonly #options: GraphApiOptions;

  constructor(options: GraphApiOptions) {
    this.#options = options;
    const batch = new Batch({
      random: options.random,
      answerPart: (request) => this.#answerPart(request),
    });
    this.router.add("POST", "$batch", (request) => batch.answer(request));
  }

  async answer(request: HttpRequest): Promise<Reply | Cut> {
    return this.#told(
      request,
      (await this.#options.gate.meet("graph", request)) ?? (await this.#authenticated(request)),
    );
  }

  /** Answers who needs no token and has no limits: the people who work in a tenant. */
  answerInside(request: GraphRequest): Promise<Reply> {
    const [, ...segments] = pathSegments(request.path);
    return this.router.route(request.method, segments, request);
  }

  async #authenticated(request: HttpRequest): Promise<Reply> {
    const [version = ""] = pathSegments(request.path);
    if (!VERSIONS.has(version)) return refuse(400, "BadRequest", `Invalid version: ${version}`);
    const { accessTokens, identity } = this.#options;
    const authenticated = await authenticate(accessTokens, identity, {
      headers: request.headers,
      origin: request.origin,
      now: request.at,
    });
    if (authenticated.kind === "refused") return authenticated;
    return this.#limited({
      ...request,
      caller: authenticated.caller,
      root: `${request.origin}/${version}`,
    });
  }

  async #answerPart(request: GraphRequest): Promise<Reply> {
    const met = await this.#options.gate.meet("graph", request);
    const reply =
      met?.kind === "cut"
        ? refuse(504, "GatewayTimeout", "The service did not answer in time.")
        : (met ?? (await this.#limited(request)));
    this.#told(request, reply);
    return reply;
  }

  #limited(request: GraphRequest): Promise<Reply> {
    const [, ...segments] = pathSegments(request.path);
    const route = async (): Promise<Reply> => {
      await this.#options.gate.linger("graph", request);
      return this.router.route(request.method, segments, request);
    };
    // A batch is no request to a service; what is in it is.
    return segments[0] === "$batch" ? route() : this.#options.throttle.pass(request, segments, route);
  }

  #told<Answer extends Reply | Cut>(request: HttpRequest, reply: Answer): Answer {
    if (reply.kind === "refused") {
      const { method, path } = request;
      this.#options.events.emit("request:refused", { method, path, refusal: reply });
    }
    return reply;
  }
}
