import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { toNodeHandler, type Receiving } from "./node-handler.ts";

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

/** Graph keeps some dozens; more than this are strangers', and cost memory. */
const MAX_CONNECTIONS = 2_000;

interface Limits {
  readonly patience?: { readonly [Name in keyof typeof PATIENCE]: number };
  readonly maxConnections?: number;
}

/** Listens for an app, which may not have started yet: handshakes are answered, deliveries get 503 until it has. */
export async function listen(
  tidings: Receiving,
  { port = DEFAULT_PORT, hostname }: ListenOptions = {},
  { patience = PATIENCE, maxConnections = MAX_CONNECTIONS }: Limits = {},
): Promise<Listening> {
  const handler = toNodeHandler(tidings);
  const server = createServer(patience, (request, response) => void handler(request, response));
  server.maxConnections = maxConnections;
  server.listen(port, hostname);
  await once(server, "listening");
  const taken = portOf(server);
  return { port: taken, url: `http://127.0.0.1:${taken}`, close: async () => close(server) };
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
