import { blamedClaim, graphClaims, plainClaims, type BudgetClaim } from "../core/budget-claims.ts";
import {
  GraphAnswerError,
  GraphThrottledError,
  GraphUnreachableError,
  TidingsError,
  type GraphRefusedError,
} from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Credential } from "../core/ports/credential.ts";
import { AccessTokens } from "./access-tokens.ts";
import { Batcher, type BatchCall } from "./batcher.ts";
import { resolveBatch, runBatch, type BatchRequest, type BatchResult } from "./batch.ts";
import { Budgets } from "./budgets.ts";
import { resyncOf, type DeltaStep } from "./delta.ts";
import { exchange, type Answer, type Fetch } from "./exchange.ts";
import { isSuccess, refusalOf } from "./refusal.ts";
import { parseRetryAfter } from "./retry-after.ts";

export interface GraphClientOptions {
  readonly credential: Credential;
  /** What tokens are asked for, such as `https://graph.microsoft.com/.default`. */
  readonly scope: string;
  /** Where requests go, with the version: `https://graph.microsoft.com/v1.0`. Tokens go to its host alone. */
  readonly baseUrl: string;
  readonly clock: Clock;
  /**
   * `graph` keeps requests within Graph's documented limits; `none` only obeys the `Retry-After` of answers.
   * @default "graph"
   */
  readonly limits?: "graph" | "none" | undefined;
  /** For one exchange, milliseconds. @default 60_000 */
  readonly timeoutMs?: number | undefined;
  /** Most bytes of an answer, unpacked. @default 32 MiB */
  readonly maxAnswerBytes?: number | undefined;
  /** Ends every request when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** What requests are sent with, such as one that goes through a proxy. @default the platform's */
  readonly fetch?: Fetch | undefined;
}

/** Whose call it is, and how long it may wait for its turn. */
export interface GraphCallOptions {
  /** @default the tenant the credential signs in to */
  readonly tenantId?: string | undefined;
  /** Who is signed in, as the `credential` function is told. @default the app itself */
  readonly userId?: string | undefined;
  /**
   * Gives the call up, which then rejects with the signal's reason; in a batch, once that is answered. What was sent may
   * have been done all the same.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Most time to wait for Graph's limits before sending, in milliseconds; 0 to wait not at all.
   * @default 5 min
   */
  readonly maxWaitMs?: number | undefined;
  /**
   * When the answer matters, epoch milliseconds: of calls that wait for one limit the soonest goes first.
   * @default now
   */
  readonly dueAt?: number | undefined;
}

export interface GraphRequestOptions extends GraphCallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What apps may do with Graph. */
export type Graph = Pick<GraphClient, "get" | "request" | "pages" | "batch" | "delta">;

/** Creating a subscription waits for two handshakes of 10 s each, so less than this would give up too early. */
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const DEFAULT_MAX_WAIT_MS = 5 * 60_000;

/** A request that was throttled so often is refused for good: somebody else uses up what Graph allows. */
const MAX_REPEATS = 8;

interface Call extends BatchCall, GraphCallOptions {
  readonly tenantId: string | undefined;
}

/**
 * An authenticated client of one OData API.
 *
 * Requests wait for the API's limits, and go again when it says that there were too many. They are not repeated after
 * any other refusal.
 */
export class GraphClient {
  readonly #options: GraphClientOptions;
  readonly #tokens: AccessTokens;
  readonly #budgets: Budgets;
  readonly #batcher: Batcher;
  /** Without a trailing slash. */
  readonly #root: URL;

  constructor(options: GraphClientOptions) {
    const { credential, scope, clock, baseUrl } = options;
    this.#options = options;
    this.#root = new URL(baseUrl.replace(/(?<!\/)\/+$/, ""));
    this.#tokens = new AccessTokens(credential, scope, clock);
    this.#budgets = new Budgets(clock);
    this.#batcher = new Batcher({
      clock,
      send: async (call) => this.#send(call),
      batchUrl: this.#urlOf("$batch"),
    });
  }

  /** The tenant the credential signs in to. @throws CredentialError */
  async tenantId(): Promise<string> {
    return this.#tokens.tenantId();
  }

  /** The app that the credential signs in as in a tenant. @throws CredentialError */
  async appId(tenantId: string): Promise<string> {
    return this.#tokens.appId({ tenantId });
  }

  /**
   * Reads one resource.
   *
   * @param path below `baseUrl`, such as `users/{id}?$select=displayName`, or a whole URL on its host
   * @returns its JSON, or undefined when Graph answers 404
   * @throws as `request`
   */
  async get(path: string, options: GraphRequestOptions = {}): Promise<unknown> {
    const call = this.#callOf("GET", path, options);
    const answer = await this.#answerTo(call);
    return answer.status === 404 ? undefined : this.#bodyOf(answer, call);
  }

  /**
   * Sends one request.
   *
   * @param path below `baseUrl`, or a whole URL on its host, as Graph's next links are
   * @returns the JSON of the answer, or undefined when it has no body
   * @throws GraphRefusedError, GraphUnreachableError, GraphAnswerError, GraphThrottledError, CredentialError; TypeError
   *   for a URL on another host
   */
  async request(method: string, path: string, options: GraphRequestOptions = {}): Promise<unknown> {
    const call = this.#callOf(method, path, options);
    return this.#bodyOf(await this.#answerTo(call), call);
  }

  /**
   * Reads a collection, page by page, item by item; the next page is asked for when it is needed.
   *
   * @throws as `request`
   * @see https://learn.microsoft.com/graph/paging
   */
  async *pages(path: string, options: GraphRequestOptions = {}): AsyncGenerator {
    for (let next: string | undefined = path; next !== undefined;) {
      const page = await this.request("GET", next, options);
      yield* itemsOf(page);
      next = this.#linkOf(page, "@odata.nextLink", next);
    }
  }

  /**
   * Sends any number of requests, in batches of up to 20 and within Graph's limits: never more than four of one mailbox
   * at a time. One that is throttled goes again in a later batch, and keeps no other waiting.
   *
   * @returns their results, in their order; one that fails does not make others fail
   * @throws TypeError for requests that make no sense; the signal's reason when it aborts
   * @see https://learn.microsoft.com/graph/json-batching
   */
  async batch(requests: readonly BatchRequest[], options: GraphCallOptions = {}): Promise<BatchResult[]> {
    const steps = resolveBatch(requests);
    const calls = requests.map(({ method = "GET", path, body, headers }) =>
      this.#batchCallOf(method, path, { ...options, body, headers }),
    );
    const results = await runBatch(steps, async (index): Promise<BatchResult> => {
      const call = calls[index];
      if (call === undefined) throw new RangeError(`Expected a request at ${index}, got none`);
      const answer = await this.#answerTo(call, true);
      if (!isSuccess(answer)) return { kind: "failed", error: this.#refusalOf(answer, call) };
      return { kind: "done", status: answer.status, headers: answer.headers, body: answer.body };
    });
    options.signal?.throwIfAborted();
    return results;
  }

  /**
   * Follows a delta query: what there is the first time, and what has changed since when begun with the cursor of the
   * last step. Keep each step's cursor together with what you did with its items, and go on from it after a crash.
   * An item may come again, and the last one of an id wins.
   *
   * @param path such as `users/delta?$select=displayName`, or the cursor of an earlier step
   * @returns steps with items, then `end`; or `resync` when Graph has forgotten what came before
   * @throws as `request`
   * @see https://learn.microsoft.com/graph/delta-query-overview
   */
  async *delta(path: string, options: GraphRequestOptions = {}): AsyncGenerator<DeltaStep, void, void> {
    for (let next: string | undefined = path; next !== undefined;) {
      const call = this.#callOf("GET", next, options);
      const answer = await this.#answerTo(call);
      const resync = resyncOf(answer, this.#root.origin);
      if (resync !== undefined) {
        yield resync;
        return;
      }
      const page = this.#bodyOf(answer, call);
      const items = itemsOf(page);
      const deltaLink = this.#linkOf(page, "@odata.deltaLink", next);
      next = this.#linkOf(page, "@odata.nextLink", next);
      if (deltaLink !== undefined) {
        yield { kind: "end", items, cursor: deltaLink };
        return;
      }
      // Without either link there is nothing to begin the next round with.
      if (next === undefined) throw new GraphAnswerError("GET", call.url.pathname, "incomplete");
      yield { kind: "page", items, cursor: next };
    }
  }

  /**
   * Reads one resource in a batch with others that are asked for at the same time.
   *
   * @param onSent called when it leaves: what changes from then on may be missing
   * @returns undefined when it is gone: 404, or 410
   * @throws as `request`
   */
  async getTogether(
    path: string,
    options: GraphCallOptions & { readonly onSent?: () => void },
  ): Promise<unknown> {
    const call = { ...this.#batchCallOf("GET", path, options), onSent: options.onSent };
    const answer = await this.#answerTo(call, true);
    return answer.status === 404 || answer.status === 410 ? undefined : this.#bodyOf(answer, call);
  }

  /**
   * Sends one request in a batch with others that are sent at the same time: for what comes in great numbers.
   *
   * @returns as `request`
   * @throws as `request`
   */
  async requestTogether(method: string, path: string, options: GraphRequestOptions = {}): Promise<unknown> {
    const call = this.#batchCallOf(method, path, options);
    return this.#bodyOf(await this.#answerTo(call, true), call);
  }

  /**
   * Waits for the budgets, sends, and learns from the answer; again while Graph says that there were too many.
   *
   * @throws GraphThrottledError when it was never sent; what `exchange` throws
   */
  async #perform(call: Call, isTogether: boolean): Promise<Answer> {
    const { clock } = this.#options;
    const claims = await this.#claimsOf(call);
    const startedAt = clock.now();
    const giveUpAt = startedAt + (call.maxWaitMs ?? DEFAULT_MAX_WAIT_MS);
    const signal = anySignal([call.signal, this.#options.signal]);
    const terms = { dueAt: call.dueAt ?? startedAt, giveUpAt, signal };
    let last: Answer | undefined;
    for (let repeats = 0; repeats <= MAX_REPEATS; repeats += 1) {
      if ((await this.#budgets.claim(claims, terms)) === "late") break;
      const sentAt = clock.now();
      try {
        last = await (isTogether ? this.#batcher.submit(call) : this.#send(call));
      } finally {
        this.#budgets.release(claims);
      }
      if (!this.#learn(claims, last, sentAt) || !mayRepeat(call, last)) break;
    }
    if (last !== undefined) return last;
    const waitMs = this.#budgets.parkedUntil(claims) - clock.now();
    throw new GraphThrottledError(call.method, call.url.pathname, waitMs > 0 ? waitMs : undefined);
  }

  /** What aborted says why: the caller's signal with its reason, the client's as an API that cannot be reached. */
  async #answerTo(call: Call, isTogether: boolean = false): Promise<Answer> {
    try {
      return await this.#perform(call, isTogether);
    } catch (cause) {
      call.signal?.throwIfAborted();
      if (cause instanceof TidingsError) throw cause;
      throw new GraphUnreachableError(call.method, call.url.pathname, { cause });
    }
  }

  /** @returns whether Graph refused because there were too many */
  #learn(claims: readonly BudgetClaim[], { status, headers }: Answer, sentAt: number): boolean {
    const retryAfterMs = parseRetryAfter(headers.get("retry-after"), this.#options.clock.now());
    // Without `Retry-After` a 503 is somebody's trouble, and no word about how much we ask for.
    const isThrottled = status === 429 || ((status === 503 || status === 504) && retryAfterMs !== undefined);
    if (!isThrottled) return false;
    const blamed = blamedClaim(claims, headers.get("x-ms-throttle-scope") ?? undefined);
    if (blamed === undefined) return true;
    if (retryAfterMs === undefined) this.#budgets.slowDown(blamed, sentAt);
    else this.#budgets.park(blamed, retryAfterMs);
    return true;
  }

  async #claimsOf({ method, url, tenantId }: Call): Promise<readonly BudgetClaim[]> {
    // The tenant by its name and as the credential's own has one budget.
    const limited = { tenantId: tenantId ?? (await this.#tokens.knownTenantId()) ?? "" };
    if (this.#options.limits === "none") return plainClaims(limited);
    return graphClaims({ ...limited, method, path: `${url.pathname}${url.search}`.replace(VERSION, "") });
  }

  async #send({
    method,
    url,
    tenantId,
    userId,
    headers,
    body,
    signal,
  }: BatchCall & GraphCallOptions): Promise<Answer> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES } = this.#options;
    const authorized = new Headers(headers);
    authorized.set("authorization", `Bearer ${await this.#tokens.get({ tenantId, userId })}`);
    const answer = await exchange(
      url,
      { method, headers: authorized, body: body === undefined ? null : JSON.stringify(body) },
      { timeoutMs, maxAnswerBytes, signals: [signal, this.#options.signal], fetch: this.#options.fetch },
    );
    if (answer.status === 401) this.#tokens.drop({ tenantId, userId });
    return answer;
  }

  #callOf(method: string, path: string, { body, headers: given, ...rest }: GraphRequestOptions): Call {
    const headers = new Headers({
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...given,
    });
    return {
      tenantId: undefined,
      ...rest,
      method: method.toUpperCase(),
      url: this.#urlOf(path),
      headers,
      body,
    };
  }

  /** @throws TypeError for what cannot be named in a batch: its URLs are relative to the base URL */
  #batchCallOf(method: string, path: string, options: GraphRequestOptions): Call {
    const call = this.#callOf(method, path, options);
    if (call.url.pathname.startsWith(`${this.#root.pathname}/`)) return call;
    throw new TypeError(
      `Expected a URL below ${this.#root.href} in a batch, got one at ${call.url.pathname}`,
    );
  }

  #bodyOf(answer: Answer, call: Call): unknown {
    if (isSuccess(answer)) return answer.body;
    throw this.#refusalOf(answer, call);
  }

  #refusalOf(answer: Answer, { method, url }: Call): GraphRefusedError {
    return refusalOf(answer, method, url.pathname, this.#options.clock.now());
  }

  /** @throws TypeError for a URL on another host */
  #urlOf(path: string): URL {
    const isWhole = /^https?:\/\//i.test(path);
    const url = new URL(isWhole ? path : `${this.#root.href}/${path.replace(/^\//, "")}`);
    if (url.origin === this.#root.origin) return url;
    throw new TypeError(
      `Expected a URL on ${this.#root.origin}, where the token belongs, got one on ${url.origin}`,
    );
  }

  /** A link of an answer. @throws GraphAnswerError when it leads to another host */
  #linkOf(page: unknown, name: string, from: string): string | undefined {
    const link = isJsonObject(page) ? page[name] : undefined;
    if (typeof link !== "string") return undefined;
    if (URL.parse(link)?.origin === this.#root.origin) return link;
    throw new GraphAnswerError("GET", this.#urlOf(from).pathname, "foreign-link");
  }
}

const VERSION = /^\/(?:v1\.0|beta)\//;

/** What was refused with 429 was not done; after another refusal only a read is sure to have done nothing. */
function mayRepeat({ method }: Call, { status }: Answer): boolean {
  return status === 429 || method === "GET";
}

function itemsOf(page: unknown): readonly unknown[] {
  const value = isJsonObject(page) ? page["value"] : undefined;
  return Array.isArray(value) ? value : [];
}

function anySignal(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}
