import type { IncomingMessage, ServerResponse } from "node:http";
import { ANSWERS, type Answer, type ReceivedRequest } from "../../core/answer.ts";
import { readBoundedBody } from "../../core/body.ts";
import { MAX_DELIVERY_BYTES } from "../../core/delivery.ts";

/** What a host needs of an app. */
export interface Receiving {
  receive(request: ReceivedRequest): Promise<Answer>;
}

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Translates Node's requests for an app: for `http.createServer`, Express (`app.use(toNodeHandler(tidings))`), Fastify
 * and their like. Mount it at the root and before any body parser. Never rejects.
 */
export function toNodeHandler(tidings: Receiving): NodeHandler {
  return async (request, response) => {
    try {
      send(response, await answer(tidings, request));
    } catch {
      // The sender broke off in the middle of its request: there is nobody to answer.
      response.destroy();
    }
  };
}

async function answer(tidings: Receiving, request: IncomingMessage): Promise<Answer> {
  const { method = "GET", headers } = request;
  // The socket must outlive a body that is not read to its end: the answer goes over it.
  const chunks = request.iterator({ destroyOnReturn: false });
  const body = await readBoundedBody(chunks, MAX_DELIVERY_BYTES, headers["content-length"]);
  if (body.kind === "too-large") return ANSWERS.tooLarge;
  return tidings.receive({ method, url: originalUrl(request), headers, body: body.bytes });
}

/** Express cuts its mount path off `url` and keeps the whole in `originalUrl`. */
function originalUrl(request: IncomingMessage): string {
  const original = "originalUrl" in request ? request.originalUrl : undefined;
  return typeof original === "string" ? original : (request.url ?? "/");
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers }).end(body);
}
