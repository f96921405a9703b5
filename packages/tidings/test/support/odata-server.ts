import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { isJsonObject } from "../../src/core/json.ts";

/** A request as the API behind sees it, whether it came alone or in a batch. */
export interface ODataRequest {
  readonly method: string;
  /** Below the version, with its query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Where the server is. */
  readonly origin: string;
}

export interface ODataReply {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ODataServer {
  readonly origin: string;
  readonly baseUrl: string;
  /** Each HTTP request: what it carried, one or many. In order of arrival. */
  readonly exchanges: (readonly ODataRequest[])[];
}

/**
 * An API below `/v1.0` with `$batch`, as Graph documents it: the answers of a batch come in another order than its
 * requests, each header in any case, and a batch that is malformed is refused as a whole.
 *
 * @param answerBatch what to say to a whole batch in place of running it
 * @see https://learn.microsoft.com/graph/json-batching
 */
export async function serveOData(
  answer: (request: ODataRequest) => ODataReply | Promise<ODataReply>,
  answerBatch: () => ODataReply | undefined = () => undefined,
): Promise<ODataServer> {
  const exchanges: (readonly ODataRequest[])[] = [];
  let origin = "";

  async function reply(request: IncomingMessage): Promise<ODataReply> {
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const path = (request.url ?? "").replace("/v1.0/", "");
    if (path !== "$batch") {
      const alone = { method: request.method ?? "", path, headers, body, origin };
      exchanges.push([alone]);
      return answer(alone);
    }
    const parts = batchOf(body).map((part) => ({ ...part, origin }));
    exchanges.push(parts);
    if (parts.length === 0 || parts.length > 20)
      return { status: 400, body: { error: { code: "BadRequest" } } };
    const whole = answerBatch();
    if (whole !== undefined) return whole;
    const responses = await Promise.all(
      parts.map(async (part, index) => {
        const { status = 200, headers: given = {}, body: answered } = await answer(part);
        const cased = Object.fromEntries(
          Object.entries(given).map(([name, value]) => [index % 2 === 0 ? name : name.toUpperCase(), value]),
        );
        return { id: part.id, status, headers: cased, body: answered };
      }),
    );
    return { body: { responses: responses.toReversed() } };
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status = 200, headers, body } = await reply(request);
    response.writeHead(status, { connection: "close", ...headers });
    response.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
  }

  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected the server to listen");
  origin = `http://127.0.0.1:${address.port}`;
  return { origin, baseUrl: `${origin}/v1.0`, exchanges };
}

function batchOf(body: unknown): (Omit<ODataRequest, "origin"> & { readonly id: string })[] {
  const requests = isJsonObject(body) ? body["requests"] : undefined;
  if (!Array.isArray(requests)) return [];
  return requests.map((request: unknown) => {
    const { id, method, url, headers, body: sent } = isJsonObject(request) ? request : {};
    if (
      typeof id !== "string" ||
      typeof method !== "string" ||
      typeof url !== "string" ||
      !url.startsWith("/")
    )
      throw new Error(`Expected a request of a batch, got ${JSON.stringify(request)}`);
    const names = isJsonObject(headers) ? Object.entries(headers) : [];
    const lower = Object.fromEntries(
      names.map(([name, value]) => [name.toLowerCase(), typeof value === "string" ? value : ""]),
    );
    if (sent !== undefined && lower["content-type"] === undefined)
      throw new Error(`Expected a Content-Type beside the body of ${url}`);
    return { id, method, path: url.slice(1), headers: lower, body: sent };
  });
}

/** The paths of each HTTP request. */
export function pathsOf({ exchanges }: ODataServer): string[][] {
  return exchanges.map((requests) => requests.map(({ path }) => path));
}
