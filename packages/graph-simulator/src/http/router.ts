import { PathPattern, unknownSegment, type PathParams } from "./path.ts";
import { refuse, type Refusal, type Reply } from "./reply.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Answers one kind of request. */
export type Handler<Request> = (request: Request, params: PathParams) => Reply | Promise<Reply>;

interface Route<Request> {
  readonly method: Method;
  readonly pattern: PathPattern;
  readonly handler: Handler<Request>;
}

/**
 * Finds the handler of a method and path. A path with fewer holes wins: `users/delta` is no user. Of several the
 * first does.
 */
export class Router<Request> {
  readonly #routes: Route<Request>[] = [];

  /** @param pattern for example `users/{id}`; OData keys are written as segments */
  add(method: Method, pattern: string, handler: Handler<Request>): this {
    const route: Route<Request> = { method, pattern: new PathPattern(pattern), handler };
    const at = this.#routes.findIndex((other) => other.pattern.holeCount > route.pattern.holeCount);
    this.#routes.splice(at === -1 ? this.#routes.length : at, 0, route);
    return this;
  }

  /** Answers the request, or refuses a path or method no route has. */
  async route(method: string, segments: readonly string[], request: Request): Promise<Reply> {
    let pathIsKnown = false;
    for (const { method: routeMethod, pattern, handler } of this.#routes) {
      const params = pattern.match(segments);
      if (params && routeMethod === method) return handler(request, params);
      pathIsKnown ||= params !== undefined;
    }
    return pathIsKnown ? methodNotAllowed() : this.#unknownPath(segments);
  }

  #unknownPath(segments: readonly string[]): Refusal {
    const patterns = this.#routes.map((route) => route.pattern);
    const segment = unknownSegment(patterns, segments) ?? segments.at(-1) ?? "";
    return refuse(400, "BadRequest", `Resource not found for the segment '${segment}'.`);
  }
}

function methodNotAllowed(): Refusal {
  return refuse(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
}
