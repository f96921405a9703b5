import { KafkaError } from "../core/errors.ts";
import type { ForwardedRecord, ForwardInbox, InboxParts, InboxProvider } from "../core/ports/inbox.ts";
import type { KafkaProducer } from "../core/ports/kafka.ts";
import { assertConnection, type KafkaConnection } from "./connection.ts";
import { createProducer, type KafkaCompression } from "./producer.ts";
import { assertTopic, describeTopic } from "./topic.ts";

export interface KafkaInboxOptions extends KafkaConnection {
  /** What is authentic is written here. It has to be there. */
  readonly topic: string;
  /**
   * Within which a delivery is acknowledged, in milliseconds, 1,900 at most: Graph calls an endpoint slow that takes 3 s.
   * @default 1,500
   */
  readonly deadlineMs?: number | undefined;
  /**
   * Of a record with its headers, in bytes; what the topic allows, or less.
   * @default 1,000,000
   */
  readonly maxMessageBytes?: number | undefined;
  /** @default "none" */
  readonly compression?: KafkaCompression | undefined;
}

/** The receiver answers for whatever takes 2 s. */
const MAX_DEADLINE_MS = 1_900;
const PROBE_EVERY_MS = 500;

/**
 * The inbox of an app that forwards what is authentic to a topic, and keeps nothing itself.
 *
 * @throws TypeError when an option makes no sense, with the value shown
 */
export function kafka(options: KafkaInboxOptions): InboxProvider {
  assertConnection(options);
  assertTopic(options.topic);
  const { deadlineMs = 1_500, maxMessageBytes = 1_000_000, compression = "none", topic } = options;
  if (!(deadlineMs >= 1 && deadlineMs <= MAX_DEADLINE_MS)) {
    throw new TypeError(`Expected \`deadlineMs\` to be from 1 to ${MAX_DEADLINE_MS}, got \`${deadlineMs}\``);
  }
  return {
    description: describeTopic(topic, options),
    async open(parts) {
      const settings = { connection: options, deadlineMs, maxMessageBytes, compression };
      const inbox = new KafkaInbox(createProducer({ ...settings, clock: parts.clock }), topic, parts);
      await inbox.open();
      return inbox;
    },
  };
}

class KafkaInbox implements ForwardInbox {
  readonly #producer: KafkaProducer;
  readonly #topic: string;
  readonly #parts: InboxParts;
  readonly #closed = new AbortController();
  /** Why nothing can be written, as far as is known. */
  #failure: KafkaError | undefined;

  constructor(producer: KafkaProducer, topic: string, parts: InboxParts) {
    this.#producer = producer;
    this.#topic = topic;
    this.#parts = parts;
  }

  get isTaking(): boolean {
    return this.#failure === undefined;
  }

  async open(): Promise<void> {
    const failure = await this.#probe();
    if (failure === undefined) return;
    if (failure.retryable) return this.#fail(failure);
    await this.close();
    throw failure;
  }

  async append(records: readonly ForwardedRecord[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const failures = await this.#producer.produce(records.map((each) => ({ ...each, topic: this.#topic })));
    // What was held back only says that another failed.
    const error = [...failures.values()].find(({ fault }) => fault !== "held-back");
    if (error === undefined) return;
    // It is the record's own, and the next may be smaller.
    if (error.fault !== "too-large") this.#fail(error);
    throw error;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#producer.close();
  }

  #fail(error: KafkaError): void {
    if (this.#failure !== undefined || this.#closed.signal.aborted) return;
    this.#failure = error;
    this.#parts.onChange(error);
    void this.#untilReached();
  }

  /** Not by a delivery, whose answer would be late. */
  async #untilReached(): Promise<void> {
    const { clock, onChange } = this.#parts;
    const { signal } = this.#closed;
    while (this.#failure !== undefined) {
      await clock.sleep(PROBE_EVERY_MS, signal);
      if (signal.aborted) return;
      this.#failure = await this.#probe();
    }
    onChange(undefined);
  }

  async #probe(): Promise<KafkaError | undefined> {
    return this.#producer.probe(this.#topic).then(
      () => undefined,
      (error: unknown) =>
        error instanceof KafkaError ? error : new KafkaError("unavailable", undefined, { cause: error }),
    );
  }
}
