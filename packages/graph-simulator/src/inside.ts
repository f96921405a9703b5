import type { HttpRequest } from "./http/exchange.ts";
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "./http/json.ts";
import type { Reply, RequestIdentity } from "./http/reply.ts";

/** What a simulator without a server calls itself; any other host will do in requests to its `fetch`. */
export const IN_PROCESS_URL = "http://graph-simulator.test";

/** A request nobody sent: it comes from within. */
export function insideRequest(
  request: { readonly method: string; readonly path: string; readonly body?: JsonObject | undefined },
  identity: Pick<RequestIdentity, "requestId" | "at">,
): HttpRequest {
  const { pathname, searchParams } = new URL(request.path, IN_PROCESS_URL);
  return {
    ...identity,
    clientRequestId: identity.requestId,
    method: request.method,
    path: pathname,
    query: searchParams,
    headers: request.body ? { "content-type": "application/json" } : {},
    body: request.body ? JSON.stringify(request.body) : "",
    origin: IN_PROCESS_URL,
  };
}

/**
 * The body of an answer from within; an empty object when it has none.
 *
 * @throws Error with Graph's own words when it is a refusal
 */
export function bodyOf(reply: Reply, what: string): JsonObject {
  if (reply.kind === "refused") {
    throw new Error(`Graph refused ${what}: ${reply.status} ${reply.code}: ${reply.message}`);
  }
  const body = reply.kind === "json" ? plain(reply.body) : undefined;
  return isJsonObject(body) ? body : {};
}

/** Typed data as JSON has it: it is checked like any other. */
export function plain(data: object): JsonValue | undefined {
  return parseJson(JSON.stringify(data));
}
