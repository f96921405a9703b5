import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { isJsonObject, parseJson, type JsonObject } from "../src/http/json.ts";

/** A request as the endpoint saw it. */
export interface Received {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the endpoint answers; `hang` is no answer until the test says so. */
export type Answer = FullAnswer | "hang";

interface FullAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body?: string;
  readonly location?: string;
}

/** An endpoint for notifications: real HTTP, with answers a test can choose. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** All requests, oldest first. */
  readonly requests: readonly Received[];
  /** The requests that carried a validation token. */
  readonly handshakes: readonly Received[];
  /** The requests that carried notifications. */
  readonly deliveries: readonly Received[];
  /** All items of all deliveries, oldest first. */
  readonly notifications: readonly JsonObject[];
  /** Chooses the answers from now on; without an answer of its own, a request gets the usual one. */
  answerWith(answer: (request: Received) => Answer | undefined): void;
  /** Gives the requests that hang the usual answer. */
  release(): void;
  /** Resolves when the condition holds; it is asked after each request. */
  until(condition: () => boolean): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const requests: Received[] = [];
  const waiters: { condition: () => boolean; resolve: () => void }[] = [];
  const hanging: (() => void)[] = [];
  let choose: ((request: Received) => Answer | undefined) | undefined;

  const server = createServer((message, response) => {
    void handle(message, response);
  });
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const received = await receive(message);
    requests.push(received);
    const answer = choose?.(received) ?? usualAnswer(received);
    if (answer === "hang") hanging.push(() => write(response, usualAnswer(received)));
    else write(response, answer);
    for (const waiter of waiters) if (waiter.condition()) waiter.resolve();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const deliveries = (): readonly Received[] => requests.filter((request) => !isHandshake(request));
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get handshakes() {
      return requests.filter(isHandshake);
    },
    get deliveries() {
      return deliveries();
    },
    get notifications() {
      return deliveries().flatMap(itemsOf);
    },
    answerWith: (answer) => {
      choose = answer;
    },
    release: () => {
      for (const answer of hanging.splice(0)) answer();
    },
    until: (condition) =>
      condition() ? Promise.resolve() : new Promise((resolve) => waiters.push({ condition, resolve })),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function isHandshake(request: Received): boolean {
  return request.query.has("validationToken");
}

/** The items of a delivery's `value`. */
export function itemsOf(request: Received): readonly JsonObject[] {
  const body = parseJson(request.body);
  const value = isJsonObject(body) ? body["value"] : undefined;
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

async function receive(message: IncomingMessage): Promise<Received> {
  const target = message.url ?? "/";
  return {
    method: message.method ?? "",
    target,
    query: new URL(target, "http://receiver").searchParams,
    headers: message.headers,
    body: await text(message),
  };
}

function usualAnswer(request: Received): FullAnswer {
  const token = request.query.get("validationToken");
  return token === null ? { status: 202 } : { status: 200, contentType: "text/plain", body: token };
}

function write(response: ServerResponse, answer: FullAnswer): void {
  response.statusCode = answer.status;
  if (answer.contentType !== undefined) response.setHeader("content-type", answer.contentType);
  if (answer.location !== undefined) response.setHeader("location", answer.location);
  response.end(answer.body);
}
