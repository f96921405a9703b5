import { once } from "node:events";
import type { Consumer, Message, MessagesStream } from "@platformatic/kafka";
import { KafkaError } from "../core/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ConsumedMessage, KafkaConsumer, KafkaPosition } from "../core/ports/kafka.ts";
import { libraryConnection, type KafkaConnection } from "./connection.ts";
import { toKafkaError } from "./failure.ts";
import { GuardedClient } from "./guarded-client.ts";
import { loadLibrary } from "./library.ts";

export interface KafkaConsumerOptions {
  readonly connection: KafkaConnection;
  readonly clock: Clock;
  readonly topics: readonly string[];
  readonly groupId: string;
  /** Within which the group is joined, and a commit noted; milliseconds. */
  readonly deadlineMs: number;
  /** How long the group waits for a member that is not heard of, in milliseconds. */
  readonly sessionTimeoutMs: number;
}

/** Joins the group. @throws KafkaError */
export async function createConsumer(options: KafkaConsumerOptions): Promise<KafkaConsumer> {
  const { connection, clock, topics, groupId, deadlineMs, sessionTimeoutMs } = options;
  const library = await loadLibrary();
  const guarded = new GuardedClient(
    clock,
    (guard) =>
      new library.Consumer({
        ...libraryConnection(connection),
        ...guard,
        groupId,
        autocommit: false,
        sessionTimeout: sessionTimeoutMs,
        rebalanceTimeout: sessionTimeoutMs,
        heartbeatInterval: sessionTimeoutMs / 10,
      }),
  );
  const stream = await guarded.run(deadlineMs, async (client) =>
    client.consume({ topics: [...topics], mode: "committed", fallbackMode: "earliest", autocommit: false }),
  );
  return new StreamConsumer(guarded, stream, options);
}

class StreamConsumer implements KafkaConsumer {
  readonly #guarded: GuardedClient<Consumer>;
  readonly #stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>;
  readonly #options: KafkaConsumerOptions;
  #failure: KafkaError | undefined;
  #isClosed = false;

  constructor(
    guarded: GuardedClient<Consumer>,
    stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>,
    options: KafkaConsumerOptions,
  ) {
    this.#guarded = guarded;
    this.#stream = stream;
    this.#options = options;
    // The library fetches for those who listen: without anybody between two waits it would stop for good.
    stream.on("readable", () => {});
    stream.on("error", (error) => {
      this.#failure ??= toKafkaError(error);
    });
  }

  async next(maxCount: number): Promise<readonly ConsumedMessage[] | undefined> {
    for (;;) {
      if (this.#isClosed) return undefined;
      if (this.#failure !== undefined) throw this.#failure;
      const messages = this.#read(maxCount);
      if (messages.length > 0) return messages;
      if (this.#stream.destroyed) throw new KafkaError("unreachable", "the stream of messages ended");
      const over = new AbortController();
      const { signal } = over;
      await Promise.race(
        ["readable", "end", "close"].map(async (event) =>
          once(this.#stream, event, { signal }).catch(() => {}),
        ),
      );
      over.abort();
    }
  }

  async commit(done: readonly KafkaPosition[]): Promise<void> {
    const furthest = new Map<string, KafkaPosition>();
    for (const position of done) {
      const name = `${position.topic} ${position.partition}`;
      if ((furthest.get(name)?.offset ?? -1n) < position.offset) furthest.set(name, position);
    }
    await this.#guarded.run(this.#options.deadlineMs, async (client) =>
      client.commit({
        // What is committed is where to go on.
        offsets: [...furthest.values()].map(({ topic, partition, offset }) => ({
          topic,
          partition,
          offset: offset + 1n,
          leaderEpoch: -1,
        })),
      }),
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#guarded.close(this.#options.deadlineMs);
  }

  #read(maxCount: number): ConsumedMessage[] {
    const messages: ConsumedMessage[] = [];
    while (messages.length < maxCount) {
      const message: Message | null = this.#stream.read();
      if (message === null) break;
      messages.push(toConsumed(message));
    }
    return messages;
  }
}

function toConsumed({ topic, partition, offset, key, value, headers, timestamp }: Message): ConsumedMessage {
  return {
    topic,
    partition,
    offset,
    // The library's types know of no tombstones; Kafka does.
    key: key ?? undefined,
    value: value ?? undefined,
    headers: Object.fromEntries([...headers].map(([name, text]) => [name.toString(), text.toString()])),
    writtenAt: Number(timestamp),
  };
}
