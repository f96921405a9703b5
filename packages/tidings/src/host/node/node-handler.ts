import type { IncomingMessage, ServerResponse } from "node:http";
import { ANSWERS, type Answer, type ReceivedRequest } from "../../core/answer.ts";
import { BodyCollector, type BoundedBody } from "../../core/body.ts";
import { MAX_DELIVERY_BYTES } from "../../core/delivery.ts";

/** What a host needs of an app. */
export interface Receiving {
  /** Whether a request to this URL is one for it. */
  serves(url: string): boolean;
  receive(request: ReceivedRequest): Promise<Answer>;
}

/** @param next given by Express and its like: called for what is not ours, before anything of it is read */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: () => void,
) => Promise<void>;

/**
 * Translates Node's requests for an app: for `http.createServer`, Express (`app.use(toNodeHandler(tidings))`), Fastify
 * and their like. Mount it at the root. Never rejects.
 */
export function toNodeHandler(tidings: Receiving): NodeHandler {
  return async (request, response, next) => {
    const url = originalUrl(request);
    if (next !== undefined && !tidings.serves(url)) {
      next();
      return;
    }
    try {
      send(response, await answer(tidings, request, url));
    } catch {
      // The sender broke off in the middle of its request: there is nobody to answer.
      response.destroy();
    }
  };
}

async function answer(tidings: Receiving, request: IncomingMessage, url: string): Promise<Answer> {
  const { method = "GET", headers } = request;
  const startedAt = performance.now();
  const body = parsedBody(request) ?? (await readBody(request));
  if (body.kind === "too-large") return ANSWERS.tooLarge;
  const ageMs = (): number => performance.now() - startedAt;
  return tidings.receive({ method, url, headers, body: body.bytes, ageMs });
}

async function readBody(request: IncomingMessage): Promise<BoundedBody> {
  const body = new BodyCollector(MAX_DELIVERY_BYTES);
  if (!body.allows(request.headers["content-length"])) return { kind: "too-large" };
  // By events: an iterator costs a promise for each step.
  return new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      if (body.add(chunk)) return;
      // Not destroyed: the answer goes over its socket.
      request.pause();
      resolve({ kind: "too-large" });
    });
    request.on("end", () => resolve(body.end()));
    request.on("error", reject);
  });
}

/** What a body parser in front has read already, which cannot be read again. */
function parsedBody(request: IncomingMessage): BoundedBody | undefined {
  const body: unknown = "body" in request ? request.body : undefined;
  if (body === undefined || !request.readableEnded) return undefined;
  return { kind: "body", bytes: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)) };
}

/** Express cuts its mount path off `url` and keeps the whole in `originalUrl`. */
function originalUrl(request: IncomingMessage): string {
  const original = "originalUrl" in request ? request.originalUrl : undefined;
  return typeof original === "string" ? original : (request.url ?? "/");
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}
