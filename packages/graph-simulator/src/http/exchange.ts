import type { IncomingHttpHeaders } from "node:http";

import type { Body } from "./body.ts";
import { errorBody, refuse, type Reply, type ReplyHeaders, type RequestIdentity } from "./reply.ts";

/** A request with its whole body. */
export interface HttpRequest extends RequestIdentity {
  readonly method: string;
  /** Without query, percent escapes as sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** UTF-8. */
  readonly body: string;
  /** Scheme and host the client used, for absolute links in answers. */
  readonly origin: string;
}

/** The connection is cut without an answer. */
export interface Cut {
  readonly kind: "cut";
}

/** What answers requests, however they come. */
export interface Answering {
  /** Epoch milliseconds, for the `date` of answers. */
  readonly now: () => number;
  readonly newRequestId: () => string;
  readonly answer: (request: HttpRequest) => Promise<Reply | Cut>;
}

/** A request as a transport brings it. */
export interface IncomingRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
  readonly origin: string;
}

/** A response as a transport takes it away. */
export interface OutgoingResponse {
  readonly kind: "response";
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: string | null;
}

/** Answers one request: the way all of them go, over HTTP or within the process. */
export async function exchange(
  incoming: IncomingRequest,
  answering: Answering,
): Promise<OutgoingResponse | Cut> {
  const requestId = answering.newRequestId();
  const clientRequestId = headerOf(incoming.headers, "client-request-id") ?? requestId;
  const identity: RequestIdentity = { requestId, clientRequestId, at: answering.now() };
  const reply = await replyTo(incoming, identity, answering);
  return reply.kind === "cut" ? reply : render(reply, identity);
}

async function replyTo(
  incoming: IncomingRequest,
  identity: RequestIdentity,
  answering: Answering,
): Promise<Reply | Cut> {
  const { method, target, headers, body, origin } = incoming;
  if (body.kind === "too-large") {
    return refuse(413, "RequestEntityTooLarge", `The request body is larger than ${body.limitBytes} bytes.`);
  }
  const queryAt = target.indexOf("?");
  try {
    return await answering.answer({
      ...identity,
      method,
      path: queryAt === -1 ? target : target.slice(0, queryAt),
      query: new URLSearchParams(queryAt === -1 ? "" : target.slice(queryAt + 1)),
      headers,
      body: body.text,
      origin,
    });
  } catch (cause) {
    // A handler that is wrong must not end the server.
    const reason = cause instanceof Error ? cause.message : String(cause);
    return refuse(500, "generalException", `The simulator failed: ${reason}`);
  }
}

function render(reply: Reply, identity: RequestIdentity): OutgoingResponse {
  const headers = {
    "request-id": identity.requestId,
    "client-request-id": identity.clientRequestId,
    date: new Date(identity.at).toUTCString(),
    ...reply.headers,
  };
  if (reply.kind === "empty") return { kind: "response", status: reply.status, headers, body: null };
  if (reply.kind === "text") {
    return {
      kind: "response",
      status: reply.status,
      headers: { ...headers, "content-type": reply.contentType },
      body: reply.body,
    };
  }
  return {
    kind: "response",
    status: reply.status,
    headers: { ...headers, "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(reply.kind === "json" ? reply.body : errorBody(reply, identity)),
  };
}

/** The header's value, the first when it was sent twice. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
