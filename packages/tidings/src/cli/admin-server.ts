import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PATIENCE, type Listening } from "../host/node/listen.ts";
import { portError } from "./listen-on.ts";

/** Answers a web-standard request. Never rejects. */
export type Answering = (request: Request) => Promise<Response>;

const LOOPBACK = "127.0.0.1";

const MAX_CONNECTIONS = 128;

/** Listens on this machine only. @param port 0 for any free one @throws CliError when the port cannot be taken */
export async function listenForAdmin(answer: Answering, port: number): Promise<Listening> {
  const server = createServer(PATIENCE, (request, response) => void respond(answer, request, response));
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, LOOPBACK);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw portError(cause, port, "Set TIDINGS_ADMIN_PORT or --admin-port to another, or leave it out.");
  }
  const taken = portOf(server);
  return { port: taken, url: `http://${LOOPBACK}:${taken}`, close: async () => close(server) };
}

async function respond(
  answer: Answering,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request = toRequest(incoming);
  if (request === undefined) {
    outgoing.writeHead(400, { connection: "close" }).end();
    return;
  }
  try {
    const { status, headers, body } = await answer(request);
    // What was not read of the request's body is not waited for.
    if (!incoming.complete) outgoing.setHeader("connection", "close");
    outgoing.writeHead(status, Object.fromEntries(headers));
    if (body === null) outgoing.end();
    else await pipeline(Readable.fromWeb(body), outgoing);
  } catch {
    // The reader went away, or was dropped by the API: there is nobody to tell.
    outgoing.destroy();
  }
}

/** @returns undefined for what no web request can be, such as the method TRACE */
function toRequest(incoming: IncomingMessage): Request | undefined {
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  try {
    return new Request(new URL(url, `http://${LOOPBACK}`), {
      method,
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
      // The socket must outlive a body that is not read to its end: the answer goes over it.
      ...(hasBody
        ? { body: ReadableStream.from(incoming.iterator({ destroyOnReturn: false })), duplex: "half" }
        : {}),
    });
  } catch {
    return undefined;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new TypeError("Expected a TCP server that listens");
  return address.port;
}

/** Streams of events never end by themselves, so nothing is waited for. */
async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
