import type { Producer } from "@platformatic/kafka";
import { KafkaError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { KafkaMessage, KafkaProducer, ProduceFailures } from "../core/ports/kafka.ts";
import { libraryConnection, type KafkaConnection } from "./connection.ts";
import { partitionAnswers, toKafkaError } from "./failure.ts";
import { GuardedClient } from "./guarded-client.ts";
import { loadLibrary, type Library } from "./library.ts";
import { ProduceCall, takeRequest, type Outgoing } from "./produce-call.ts";

/** How requests are compressed. */
export type KafkaCompression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

export interface KafkaProducerOptions {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  /** Within which all that one call was given is acknowledged, or has failed; milliseconds. */
  readonly deadlineMs: number;
  /** Of a message with its headers, and of what goes in one request, before compression. */
  readonly maxMessageBytes: number;
  readonly compression: KafkaCompression;
}

/**
 * Writes through one idempotent producer, one request at a time: what waits by then goes into the next. Of two at once,
 * the second could be written while the first is tried again, and the order would be lost.
 */
export function createProducer(options: KafkaProducerOptions): KafkaProducer {
  return new QueueingProducer(options);
}

class QueueingProducer implements KafkaProducer {
  readonly #options: KafkaProducerOptions;
  readonly #queue: Outgoing[] = [];
  #sending: Promise<void> | undefined;
  #open: OpenProducer | undefined;
  #isClosed = false;

  constructor(options: KafkaProducerOptions) {
    this.#options = options;
  }

  async produce(messages: readonly KafkaMessage[]): Promise<ProduceFailures> {
    const { clock, deadlineMs } = this.#options;
    const call = new ProduceCall(messages, clock.now() + deadlineMs);
    this.#queue.push(...call.outgoing);
    this.#sending ??= this.#sendAll();
    return call.ended;
  }

  async probe(topic: string): Promise<void> {
    if (this.#isClosed) throw new KafkaError("closed");
    const { guarded } = await this.#opened();
    await guarded.run(this.#options.deadlineMs, async (client) =>
      client.metadata({ topics: [topic], forceUpdate: true }),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#open?.guarded.discard();
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    // By then it is noted that this runs: what fails unsent takes no time, and would end it before.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const taken = takeRequest(this.#queue, this.#options.maxMessageBytes);
      const request = taken.filter((each) => !this.#failUnsent(each));
      if (request.length > 0) await this.#send(request);
    }
    this.#sending = undefined;
  }

  /** What is known to fail is not sent. @returns whether it failed */
  #failUnsent(outgoing: Outgoing): boolean {
    const { call, byteLength } = outgoing;
    const { clock, maxMessageBytes } = this.#options;
    const error = this.#isClosed
      ? new KafkaError("closed")
      : call.holdsBack(outgoing)
        ? new KafkaError("held-back")
        : byteLength > maxMessageBytes
          ? new KafkaError("too-large", `${byteLength} bytes`)
          : clock.now() >= call.endsAt
            ? new KafkaError("late", "it waited for others")
            : undefined;
    if (error !== undefined) call.fail(outgoing, error);
    return error !== undefined;
  }

  /** Never rejects. */
  async #send(request: readonly Outgoing[]): Promise<void> {
    const partitions = new Map<Outgoing, number>();
    try {
      const { guarded, library } = await this.#opened();
      const ms = Math.min(...request.map(({ call }) => call.endsAt)) - this.#options.clock.now();
      await guarded.run(ms, async (client) => {
        const count = await partitionCount(client, request);
        for (const each of request) partitions.set(each, partitionOf(each, count, library));
        await client.send({
          messages: request.map((each) => ({ ...recordOf(each), partition: partitions.get(each) ?? 0 })),
        });
      });
      for (const { call } of request) call.succeed();
    } catch (thrown) {
      this.#settle(request, partitions, toKafkaError(thrown));
    }
  }

  /** One partition's refusal is not another's. */
  #settle(request: readonly Outgoing[], partitions: ReadonlyMap<Outgoing, number>, error: KafkaError): void {
    const answers = new Map(partitionAnswers(error).map((answer) => [answer.partition, answer]));
    const again: Outgoing[] = [];
    for (const outgoing of request) {
      const answer = answers.get(partitions.get(outgoing) ?? -1);
      if (answer !== undefined && answer.error === undefined) outgoing.call.succeed();
      else if (answer?.error?.fault === "too-large" && request.length > 1)
        again.push({ ...outgoing, isAlone: true });
      else outgoing.call.fail(outgoing, answer?.error ?? error);
    }
    this.#queue.unshift(...again);
  }

  async #opened(): Promise<OpenProducer> {
    if (this.#open !== undefined && !this.#open.guarded.isDiscarded) return this.#open;
    const library = await loadLibrary();
    const { connection, clock, deadlineMs, compression } = this.#options;
    const guarded = new GuardedClient(clock, (guard) => {
      const options = { ...libraryConnection(connection), ...guard };
      return new library.Producer({
        ...options,
        idempotent: true,
        compression,
        timeout: deadlineMs,
      });
    });
    if (this.#isClosed) guarded.discard();
    this.#open = { guarded, library };
    return this.#open;
  }
}

interface OpenProducer {
  readonly guarded: GuardedClient<Producer>;
  readonly library: Library;
}

async function partitionCount(client: Producer, [first]: readonly Outgoing[]): Promise<number> {
  const topic = first?.topic ?? "";
  const { topics } = await client.metadata({ topics: [topic] });
  return topics.get(topic)?.partitionsCount ?? 1;
}

/** As Kafka's own clients place a key, so that others who write to the topic place it alike. */
function partitionOf({ topic, key, value }: Outgoing, count: number, library: Library): number {
  return library.compatibilityPartitioner({ topic, value }, key) % count;
}

function recordOf({
  topic,
  key,
  value,
  headers,
}: Outgoing): Pick<Outgoing, "topic" | "key" | "value" | "headers"> {
  return { topic, key, value, headers };
}
