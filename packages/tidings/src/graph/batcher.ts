import { GraphAnswerError } from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Answer } from "./exchange.ts";
import { isSuccess, refusalOf } from "./refusal.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** Most requests of one batch. @see https://learn.microsoft.com/graph/json-batching#batch-size-limitations */
const MAX_BATCH_SIZE = 20;
/** How long the first waits for others: much less than a round trip, and enough for handlers that began together. */
const COLLECT_MS = 5;

/** What an API without batches says to one. */
const HAS_NO_BATCHES: ReadonlySet<number> = new Set([404, 405, 501]);

/** One request that may go with others. */
export interface BatchCall {
  readonly method: string;
  readonly url: URL;
  readonly tenantId: string | undefined;
  readonly userId?: string | undefined;
  readonly headers: Headers;
  readonly body: unknown;
  /** Called when it leaves: what changes at Graph from then on may be missing in the answer. */
  readonly onSent?: (() => void) | undefined;
}

export interface BatcherParts {
  readonly clock: Clock;
  /** Sends one request by itself. */
  readonly send: (call: BatchCall) => Promise<Answer>;
  /** Where batches of a call go. */
  readonly batchUrl: URL;
}

interface Collected {
  readonly call: BatchCall;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts requests of one token that come within {@link COLLECT_MS} into batches. What the requests may do beside each
 * other is not decided here: their budgets have let them go by now.
 *
 * @see https://learn.microsoft.com/graph/json-batching
 */
export class Batcher {
  readonly #parts: BatcherParts;
  readonly #open = new Map<string, Collected[]>();

  constructor(parts: BatcherParts) {
    this.#parts = parts;
  }

  /** @returns its own answer, when that of its batch is there. @throws as `send` */
  async submit(call: BatchCall): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const holder = `${call.tenantId ?? ""} ${call.userId ?? ""}`;
      const open = this.#open.get(holder);
      const collected = open ?? [];
      collected.push({ call, resolve, reject });
      if (collected.length === MAX_BATCH_SIZE) {
        this.#open.delete(holder);
        void this.#sendAll(collected);
      } else if (open === undefined) {
        this.#open.set(holder, collected);
        void this.#sendSoon(holder, collected);
      }
    });
  }

  async #sendSoon(holder: string, collected: Collected[]): Promise<void> {
    await this.#parts.clock.sleep(COLLECT_MS);
    // It may have gone already, full.
    if (this.#open.get(holder) !== collected) return;
    this.#open.delete(holder);
    await this.#sendAll(collected);
  }

  async #sendAll(collected: readonly Collected[]): Promise<void> {
    const { send } = this.#parts;
    for (const { call } of collected) call.onSent?.();
    const [first, ...others] = collected;
    if (first === undefined) return;
    if (others.length === 0) {
      first.resolve(send(first.call));
      return;
    }
    try {
      const answer = await send(this.#batchOf(collected));
      if (HAS_NO_BATCHES.has(answer.status)) this.#sendEach(collected);
      else this.#settle(collected, answer);
    } catch (error) {
      // Together they were too much; one of them may be so as well.
      const isTooLarge = error instanceof GraphAnswerError && error.fault === "too-large";
      const isRepeatable = ({ call }: Collected): boolean => isTooLarge && call.method === "GET";
      this.#sendEach(collected.filter((each) => isRepeatable(each)));
      for (const each of collected) if (!isRepeatable(each)) each.reject(error);
    }
  }

  #sendEach(collected: readonly Collected[]): void {
    for (const { call, resolve } of collected) resolve(this.#parts.send(call));
  }

  #settle(collected: readonly Collected[], answer: Answer): void {
    const now = this.#parts.clock.now();
    const { batchUrl } = this.#parts;
    if (isSuccess(answer)) {
      const answers = answersOf(answer, collected.length, now);
      for (const [index, { call, resolve, reject }] of collected.entries()) {
        const own = answers[index];
        if (own === undefined) reject(new GraphAnswerError(call.method, call.url.pathname, "incomplete"));
        else resolve(own);
      }
      return;
    }
    // Too many requests are too many for each of them. What else is wrong with a batch is not the word on any of them:
    // a 404 would say that something is gone.
    const isThrottled = answer.status === 429 || answer.status === 503 || answer.status === 504;
    for (const { resolve, reject } of collected) {
      if (isThrottled) resolve(answer);
      else reject(refusalOf(answer, "POST", batchUrl.pathname, now));
    }
  }

  #batchOf(collected: readonly Collected[]): BatchCall {
    const { batchUrl } = this.#parts;
    const root = batchUrl.pathname.replace(/\/\$batch$/, "");
    const requests = collected.map(({ call: { method, url, headers, body } }, index) => ({
      id: String(index + 1),
      method,
      url: `${url.pathname.slice(root.length)}${url.search}`,
      headers: Object.fromEntries(headers),
      ...(body === undefined ? {} : { body }),
    }));
    const { tenantId, userId } = collected[0]?.call ?? {};
    const headers = new Headers({ accept: "application/json", "content-type": "application/json" });
    return { method: "POST", url: batchUrl, tenantId, userId, headers, body: { requests } };
  }
}

/**
 * The answers in the order of the requests, undefined where one is missing. Those that were throttled come again
 * together, so each gets the longest wait of them.
 */
function answersOf(answer: Answer, count: number, now: number): readonly (Answer | undefined)[] {
  const listed = isJsonObject(answer.body) ? answer.body["responses"] : undefined;
  const responses: readonly unknown[] = Array.isArray(listed) ? listed : [];
  const byId = new Map(responses.map((response) => [idOf(response), parseResponse(response)]));
  const answers = Array.from({ length: count }, (_, index) => byId.get(String(index + 1)));
  const throttled = answers.filter((each) => each?.status === 429);
  const waits = throttled.flatMap(
    (each) => parseRetryAfter(each?.headers.get("retry-after") ?? null, now) ?? [],
  );
  if (waits.length === 0) return answers;
  for (const each of throttled) each?.headers.set("retry-after", String(Math.max(...waits) / 1000));
  return answers;
}

function idOf(response: unknown): unknown {
  return isJsonObject(response) ? response["id"] : undefined;
}

function parseResponse(response: unknown): Answer | undefined {
  if (!isJsonObject(response) || typeof response["status"] !== "number") return undefined;
  const headers = new Headers();
  if (isJsonObject(response["headers"])) {
    for (const [name, value] of Object.entries(response["headers"]))
      if (typeof value === "string" || typeof value === "number") headers.set(name, String(value));
  }
  return { status: response["status"], headers, body: response["body"] ?? undefined };
}
