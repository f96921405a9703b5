import type { IncomingMessage, ServerResponse } from "node:http";
import { ANSWERS, type Answer, type ReceivedRequest } from "../../core/answer.ts";
import { BodyCollector, type BoundedBody } from "../../core/body.ts";
import { MAX_DELIVERY_BYTES } from "../../core/delivery.ts";
import { BodyRoom } from "./body-room.ts";

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
  return createNodeHandler(tidings, { room: new BodyRoom(), isLast: () => false });
}

export interface NodeHandlerParts {
  readonly room: BodyRoom;
  /** Whether the connection ends with this answer. */
  readonly isLast: (request: IncomingMessage, status: number) => boolean;
}

export function createNodeHandler(tidings: Receiving, { room, isLast }: NodeHandlerParts): NodeHandler {
  return async (request, response, next) => {
    const url = originalUrl(request);
    if (!tidings.serves(url)) {
      if (next === undefined) send(response, ANSWERS.notFound, isLast(request, 404) || hasBody(request));
      else next();
      return;
    }
    try {
      const answer = await answerTo(tidings, { request, url, room });
      send(response, answer, isLast(request, answer.status));
    } catch {
      // The sender broke off in the middle of its request: there is nobody to answer.
      response.destroy();
    }
  };
}

interface Asked {
  readonly request: IncomingMessage;
  readonly url: string;
  readonly room: BodyRoom;
}

async function answerTo(tidings: Receiving, { request, url, room }: Asked): Promise<Answer> {
  const { method = "GET", headers } = request;
  const startedAt = performance.now();
  const body = parsedBody(request) ?? (await readBody(request, room));
  if (body.kind === "too-large") return ANSWERS.tooLarge;
  if (body.kind === "gave-way") return closing(ANSWERS.unavailable);
  const ageMs = (): number => performance.now() - startedAt;
  return tidings.receive({ method, url, headers, body: body.bytes, ageMs });
}

async function readBody(
  request: IncomingMessage,
  room: BodyRoom,
): Promise<BoundedBody | { readonly kind: "gave-way" }> {
  const body = new BodyCollector(MAX_DELIVERY_BYTES);
  if (!body.allows(request.headers["content-length"])) return { kind: "too-large" };
  const { promise, resolve, reject } = Promise.withResolvers<BoundedBody | { readonly kind: "gave-way" }>();
  const stop = (kind: "too-large" | "gave-way"): void => {
    // Not destroyed: the answer goes over its socket.
    request.pause().off("data", take);
    resolve({ kind });
  };
  const place = room.enter(() => stop("gave-way"));
  const take = (chunk: Buffer): void => {
    if (body.add(chunk)) place.grow(chunk.byteLength);
    else stop("too-large");
  };
  // By events: an iterator costs a promise for each step.
  request
    .on("data", take)
    .on("end", () => resolve(body.end()))
    .on("error", reject);
  return promise.finally(() => place.leave());
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

/** Which nobody reads: it would be waited for, however long it is. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

function send(response: ServerResponse, answer: Answer, isLast: boolean): void {
  const { status, headers, body } = isLast ? closing(answer) : answer;
  response.writeHead(status, headers).end(body);
}

function closing(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, connection: "close" } };
}
