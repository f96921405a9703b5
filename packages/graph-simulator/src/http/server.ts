import { once } from "node:events";
import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";

import { MAX_BODY_BYTES, readBody } from "./body.ts";
import { errorBody, refuse, type Reply, type RequestIdentity } from "./reply.ts";

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

/** What makes the server speak HTTPS: PEM texts. */
export interface ServerTls {
  readonly key: string;
  readonly cert: string;
}

export interface HttpServerOptions {
  readonly host: string;
  /** Without, plain HTTP. */
  readonly tls?: ServerTls | undefined;
  /** 0 for any free port. */
  readonly port: number;
  /** Epoch milliseconds, for the `date` of answers. */
  readonly now: () => number;
  readonly newRequestId: () => string;
  readonly answer: (request: HttpRequest) => Reply | Promise<Reply>;
}

export interface HttpServer {
  readonly url: string;
  /** Stops listening and cuts the connections still open. */
  close(): Promise<void>;
}

/** @throws the system's error (`EADDRINUSE`, `EACCES`) when it cannot listen */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    void respond(message, response, options);
  };
  const server = options.tls ? createHttpsServer(options.tls, listener) : createHttpServer(listener);
  server.listen(options.port, options.host);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  return {
    url: `${scheme(options)}://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
): Promise<void> {
  const requestId = options.newRequestId();
  const clientRequestId = header(message.headers, "client-request-id") ?? requestId;
  const identity: RequestIdentity = { requestId, clientRequestId, at: options.now() };
  try {
    const reply = await replyTo(message, identity, options);
    write(response, reply, identity);
  } catch (cause) {
    // The client went away, or a handler is wrong; the first has nobody to answer, the second must not end the server.
    if (response.destroyed || message.destroyed) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    write(response, refuse(500, "generalException", `The simulator failed: ${reason}`), identity);
  }
}

async function replyTo(
  message: IncomingMessage,
  identity: RequestIdentity,
  options: HttpServerOptions,
): Promise<Reply> {
  const body = await readBody(message, MAX_BODY_BYTES);
  if (body.kind === "too-large") {
    return refuse(413, "RequestEntityTooLarge", `The request body is larger than ${body.limitBytes} bytes.`);
  }
  const target = message.url ?? "/";
  const queryAt = target.indexOf("?");
  return options.answer({
    ...identity,
    method: message.method ?? "GET",
    path: queryAt === -1 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt === -1 ? "" : target.slice(queryAt + 1)),
    headers: message.headers,
    body: body.text,
    origin: `${scheme(options)}://${message.headers.host ?? options.host}`,
  });
}

function scheme({ tls }: HttpServerOptions): "http" | "https" {
  return tls ? "https" : "http";
}

function write(response: ServerResponse, reply: Reply, identity: RequestIdentity): void {
  response.statusCode = reply.status;
  response.setHeader("request-id", identity.requestId);
  response.setHeader("client-request-id", identity.clientRequestId);
  response.setHeader("date", new Date(identity.at).toUTCString());
  if (reply.kind === "empty") {
    response.end();
    return;
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.end(JSON.stringify(reply.kind === "json" ? reply.body : errorBody(reply, identity)));
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
