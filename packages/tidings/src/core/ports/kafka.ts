import type { KafkaError } from "../errors.ts";

/** What is written to a topic. */
export interface KafkaMessage {
  readonly topic: string;
  /** Messages of one key are in one partition, in the order they were produced. */
  readonly key: string;
  readonly value: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What messages failed with, by place. What is not among them is acknowledged. */
export type ProduceFailures = ReadonlyMap<number, KafkaError>;

/** Writes to topics. Nothing counts as written but what all brokers in charge have acknowledged. */
export interface KafkaProducer {
  /**
   * Writes these, in this order within each key: what follows a failed one of its key is not written either. Ends by
   * the producer's deadline, whatever the broker does. What failed with `late` or `unreachable` may have been written.
   * Never rejects.
   */
  produce(messages: readonly KafkaMessage[]): Promise<ProduceFailures>;
  /** Asks the cluster for a topic, as producing to it would. @throws KafkaError */
  probe(topic: string): Promise<void>;
  /** What waits fails, with `closed`. Idempotent. */
  close(): Promise<void>;
}

/** Where a message is. */
export interface KafkaPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** What was read from a topic. */
export interface ConsumedMessage extends KafkaPosition {
  readonly key: Uint8Array | undefined;
  /** Undefined in what compaction is told to forget. */
  readonly value: Uint8Array | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** When it was written, epoch milliseconds; the producer's word for it, unless the topic says otherwise. */
  readonly writtenAt: number;
}

/**
 * Reads topics as a member of a group, from where the group's committed offsets say, or else from the beginning. Whatever
 * it throws, another has to be made in its place, and reads from what was committed.
 */
export interface KafkaConsumer {
  /**
   * The next messages, those of a partition in order. Waits until there is one.
   *
   * @returns undefined once it is closed
   * @throws KafkaError
   */
  next(maxCount: number): Promise<readonly ConsumedMessage[] | undefined>;
  /**
   * Says that these, and what was before them in their partitions, need not be read again. Resolves when the broker has
   * noted it. @throws KafkaError, also when partitions were given to another member meanwhile, who reads them again
   */
  commit(done: readonly KafkaPosition[]): Promise<void>;
  /** Leaves the group. Idempotent. */
  close(): Promise<void>;
}
