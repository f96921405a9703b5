import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";

import { MAX_BODY_BYTES, readBody } from "./body.ts";
import { exchange, type Answering } from "./exchange.ts";

/** What makes the server speak HTTPS: PEM texts. */
export interface ServerTls {
  readonly key: string;
  readonly cert: string;
}

export interface HttpServerOptions extends Answering {
  readonly host: string;
  /** Without, plain HTTP. */
  readonly tls?: ServerTls | undefined;
  /** 0 for any free port. */
  readonly port: number;
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
  try {
    const answer = await exchange(
      {
        method: message.method ?? "GET",
        target: message.url ?? "/",
        headers: message.headers,
        body: await readBody(message, MAX_BODY_BYTES),
        origin: `${scheme(options)}://${message.headers.host ?? options.host}`,
      },
      options,
    );
    if (answer.kind === "cut") {
      message.socket.resetAndDestroy();
      return;
    }
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body ?? undefined);
  } catch {
    // The client went away before its request was whole: there is nobody to answer.
    response.destroy();
  }
}

function scheme({ tls }: HttpServerOptions): "http" | "https" {
  return tls ? "https" : "http";
}
