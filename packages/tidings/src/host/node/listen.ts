import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { BodyRoom } from "./body-room.ts";
import { Connections, type ConnectionLimits } from "./connections.ts";
import { FailedRequests } from "./failed-requests.ts";
import { createNodeHandler, type Receiving } from "./node-handler.ts";

export interface ListenOptions {
  /** @default 3000; 0 takes any free one */
  readonly port?: number | undefined;
  /** Address to listen on. @default every address of the machine */
  readonly hostname?: string | undefined;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Where this machine reaches it. */
  readonly url: string;
  /** Takes no more requests and ends idle connections; resolves when all have ended. Idempotent. */
  close(): Promise<void>;
}

const DEFAULT_PORT = 3000;

/** How long a request may take to come, and how often that is looked at. Node's own limits are minutes. */
export const PATIENCE = {
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;

/** What a request's head may have. Node's own limit of the size can be raised from outside. */
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_HEADERS = 64;
/** Longer than proxies keep a connection that does nothing, which would else use one that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
interface Limits extends ConnectionLimits {
  readonly patience?: { readonly [Name in keyof typeof PATIENCE]: number };
  readonly maxBodyBytes?: number;
}

/** Listens for an app, which may not have started yet: handshakes are answered, deliveries get 503 until it has. */
export async function listen(
  tidings: Receiving,
  { port = DEFAULT_PORT, hostname }: ListenOptions = {},
  limits: Limits = {},
): Promise<Listening> {
  const { patience = PATIENCE } = limits;
  const failed = new FailedRequests(() => performance.now());
  const handler = createNodeHandler(tidings, {
    room: new BodyRoom(limits.maxBodyBytes),
    isLast: (request, status) =>
      connections.isSpent(request) || (isFailure(status) && failed.note(addressOf(request))),
  });
  const options = { ...patience, keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MAX_HEADER_BYTES };
  const server = createServer(options, (request, response) => {
    if (connections.begin(request, response)) void handler(request, response);
  });
  const connections = new Connections(server, limits);
  server.maxHeadersCount = MAX_HEADERS;
  server.listen(port, hostname);
  await once(server, "listening");
  const taken = portOf(server);
  return { port: taken, url: `http://127.0.0.1:${taken}`, close: async () => close(server) };
}

/** By the sender's fault; that deliveries cannot be stored is ours. */
function isFailure(status: number): boolean {
  return status >= 400 && status < 500;
}

function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? "";
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new TypeError("Expected a TCP server that listens");
  return address.port;
}

/** How long a connection may take to end its request; one that only stays open is not waited for. */
const CLOSE_GRACE_MS = 1_000;

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(timer);
}
