import type { Socket } from "node:net";
import type { BaseOptions } from "@platformatic/kafka";
import { KafkaError, type KafkaFault } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import { toKafkaError } from "./failure.ts";

/** Between attempts of the library's own, in milliseconds; it doubles each time. */
const RETRY_DELAY = { firstMs: 50, maxMs: 1_000 };
/** How long a connection may take, in milliseconds: another broker may be there. */
const CONNECT_LIMIT_MS = 5_000;
/** Longer than any deadline of ours: the library must not give up first. */
const REQUEST_LIMIT_MS = 3_600_000;

/** Trying again at once is of no use; whoever called may do so later. */
const HOPELESS: ReadonlySet<KafkaFault> = new Set(["no-topic", "unauthenticated", "unauthorized", "refused"]);

/** A topic made just now takes a moment to be known to every broker: 0.4 s or so of attempts. */
const NEW_TOPIC_ATTEMPTS = 4;

/** What the library's clients have in common. */
export interface LibraryClient {
  readonly connections: Iterable<readonly [string, { readonly socket: Socket | undefined }]>;
  close(force: boolean): Promise<void>;
}

/** How a client of the library is made so that it goes on for as long as we wait, and no longer. */
export type GuardedOptions = Pick<
  BaseOptions,
  "retries" | "retryDelay" | "connectTimeout" | "requestTimeout"
>;

/**
 * A client of the library under our own deadlines. Left to itself it nests its retries, for minutes, or waits for ever.
 * Here it tries again as long as we wait, ends at once when there is no hope, and is discarded after any failure: what
 * it knows of the cluster, and of what it has written, begins anew.
 *
 * @see https://github.com/platformatic/kafka/issues/402
 */
export class GuardedClient<Client extends LibraryClient> {
  readonly client: Client;
  readonly #clock: Clock;
  readonly #ended = Promise.withResolvers<never>();
  #lastError: unknown;
  #isDiscarded = false;

  constructor(clock: Clock, create: (options: GuardedOptions) => Client) {
    this.#clock = clock;
    // Those who wait are told; that nobody waits is no failure.
    this.#ended.promise.catch(() => {});
    this.client = create({
      retries: Number.MAX_SAFE_INTEGER,
      retryDelay: (...[, , attempt, , error]) => this.#note(attempt, error),
      connectTimeout: CONNECT_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
    });
  }

  get isDiscarded(): boolean {
    return this.#isDiscarded;
  }

  /** Does work with the client. @throws KafkaError; the client is discarded then */
  async run<Result>(ms: number, work: (client: Client) => Promise<Result>): Promise<Result> {
    const over = new AbortController();
    const late = this.#clock.sleep(ms, over.signal).then(() => {
      throw this.#lastError === undefined
        ? new KafkaError("late", `${ms} ms`)
        : toKafkaError(this.#lastError);
    });
    const working = work(this.client);
    try {
      return await Promise.race([working, this.#ended.promise, late]);
    } catch (error) {
      this.discard();
      throw toKafkaError(error);
    } finally {
      over.abort();
      for (const unheard of [working, late]) unheard.catch(() => {});
    }
  }

  /** Lets the client take its leave, if it can in this time. Idempotent. */
  async close(ms: number): Promise<void> {
    if (this.#isDiscarded) return;
    const over = new AbortController();
    await Promise.race([this.client.close(true), this.#clock.sleep(ms, over.signal)]).catch(() => {});
    over.abort();
    this.discard();
  }

  /** Ends all that is under way; those who wait for it are told why. Idempotent. */
  discard(reason: KafkaError = new KafkaError("closed")): void {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    this.#ended.reject(reason);
    const sockets = [...this.client.connections].map(([, { socket }]) => socket);
    this.client.close(true).catch(() => {});
    // Closing waits until all is sent, which a broker that does not read never lets happen.
    for (const socket of sockets) socket?.destroy();
  }

  /** @returns how long to wait before the next attempt */
  #note(attempt: number, error: unknown): number {
    this.#lastError = error;
    const failure = toKafkaError(error);
    const isNew = failure.fault === "no-topic" && attempt < NEW_TOPIC_ATTEMPTS;
    if (HOPELESS.has(failure.fault) && !isNew) this.discard(failure);
    return Math.min(RETRY_DELAY.firstMs * 2 ** (attempt - 1), RETRY_DELAY.maxMs);
  }
}
