import { GraphRefusedError, GraphUnreachableError, type GraphRefusal } from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";
import type { Credential } from "../core/ports/credential.ts";
import type { Clock } from "../core/ports/clock.ts";
import { AccessTokens } from "./access-tokens.ts";
import { parseRetryAfter } from "./retry-after.ts";

export interface GraphClientOptions {
  readonly credential: Credential;
  /** What tokens are asked for, such as `https://graph.microsoft.com/.default`. */
  readonly scope: string;
  /** Where requests go, with the version: `https://graph.microsoft.com/v1.0`. Tokens go to its host alone. */
  readonly baseUrl: string;
  readonly clock: Clock;
  /** Ends every request when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export interface GraphRequestOptions {
  /** @default the tenant the credential signs in to */
  readonly tenantId?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Creating a subscription waits for two handshakes of 10 s each, so less than this would give up too early. */
const REQUEST_TIMEOUT_MS = 60_000;

/** An authenticated client of one OData API. */
export class GraphClient {
  readonly #options: GraphClientOptions;
  readonly #tokens: AccessTokens;
  readonly #origin: string;

  constructor(options: GraphClientOptions) {
    this.#options = options;
    this.#tokens = new AccessTokens(options.credential, options.scope, options.clock);
    this.#origin = new URL(options.baseUrl).origin;
  }

  /** The tenant the credential signs in to. @throws CredentialError */
  async tenantId(): Promise<string> {
    return this.#tokens.tenantId();
  }

  /**
   * Reads one resource.
   * @returns its JSON, or undefined when Graph answers 404
   * @throws GraphRefusedError, GraphUnreachableError, CredentialError
   */
  async get(path: string, options: GraphRequestOptions = {}): Promise<unknown> {
    try {
      return await this.request("GET", path, options);
    } catch (error) {
      if (error instanceof GraphRefusedError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Reads a collection, page by page, item by item. @throws as `request` */
  async *pages(path: string, options: GraphRequestOptions = {}): AsyncGenerator {
    for (let next: string | undefined = path; next !== undefined;) {
      const page = await this.request("GET", next, options);
      if (!isJsonObject(page)) return;
      if (Array.isArray(page["value"])) yield* page["value"];
      const link = page["@odata.nextLink"];
      next = typeof link === "string" ? link : undefined;
    }
  }

  /**
   * Sends one request.
   *
   * @param path below `baseUrl`, or a whole URL on its host, as Graph's next links are
   * @returns the JSON of the answer, or undefined when it has no body
   * @throws GraphRefusedError, GraphUnreachableError, CredentialError; TypeError for a URL on another host
   */
  async request(method: string, path: string, options: GraphRequestOptions = {}): Promise<unknown> {
    const url = this.#urlOf(path);
    const { response, body } = await this.#send(method, url, options);
    if (response.ok) return body;
    if (response.status === 401) this.#tokens.drop(options.tenantId);
    const { status, headers } = response;
    throw new GraphRefusedError({
      method,
      path: url.pathname,
      status,
      ...errorOf(body),
      requestId: headers.get("request-id") ?? undefined,
      retryAfterMs: parseRetryAfter(headers.get("retry-after"), this.#options.clock.now()),
    });
  }

  async #send(
    method: string,
    url: URL,
    { tenantId, body, headers }: GraphRequestOptions,
  ): Promise<{ response: Response; body: unknown }> {
    const token = await this.#tokens.get(tenantId);
    try {
      const response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
        // A redirect could lead the token elsewhere.
        redirect: "error",
        signal: AbortSignal.any([
          AbortSignal.timeout(REQUEST_TIMEOUT_MS),
          this.#options.signal ?? new AbortController().signal,
        ]),
      });
      return { response, body: parseJson(await response.text()) };
    } catch (cause) {
      throw new GraphUnreachableError(method, url.pathname, { cause });
    }
  }

  #urlOf(path: string): URL {
    const { baseUrl } = this.#options;
    const isWhole = /^https?:\/\//i.test(path);
    const url = new URL(isWhole ? path : `${baseUrl.replace(/\/+$/, "")}/${path.replace(/^\//, "")}`);
    if (url.origin !== this.#origin) {
      throw new TypeError(
        `Expected a URL on ${this.#origin}, where the token belongs, got one on ${url.origin}`,
      );
    }
    return url;
  }
}

function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page in place of Graph's answer; the status says what matters.
    return undefined;
  }
}

/** @see https://learn.microsoft.com/graph/errors#json-representation */
function errorOf(body: unknown): Pick<GraphRefusal, "graphCode" | "graphMessage"> {
  const error = isJsonObject(body) && isJsonObject(body["error"]) ? body["error"] : {};
  const { code, message } = error;
  return {
    graphCode: typeof code === "string" ? code : undefined,
    graphMessage: typeof message === "string" ? message : undefined,
  };
}
