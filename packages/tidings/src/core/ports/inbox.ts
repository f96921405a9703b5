import type { Clock } from "./clock.ts";
import type { ConsumedMessage, KafkaConsumer, KafkaMessage } from "./kafka.ts";

/** One record, wherever it goes. */
export type ForwardedRecord = Omit<KafkaMessage, "topic">;

/** The same, as it was read. */
export type ReadRecord = Pick<ConsumedMessage, "key" | "value" | "headers">;

/** Where receivers write what is authentic, in place of a store. */
export interface ForwardInbox {
  /**
   * Writes all of them, in this order within each key; durable when it resolves. Of those of a call that rejects some may
   * have been written. Rejects at once while it is known that nothing can be.
   *
   * @throws KafkaError
   */
  append(records: readonly ForwardedRecord[]): Promise<void>;
  /** Whether records are taken, as far as is known. */
  readonly isTaking: boolean;
  close(): Promise<void>;
}

export interface InboxParts {
  readonly clock: Clock;
  /** Told of an error when nothing can be written any more, and of none when it can be again. */
  readonly onChange: (error: unknown) => void;
}

/** An inbox that is not open yet: what `kafka(…)` of `tidings/inbox/kafka` returns. */
export interface InboxProvider {
  /** Says what and where, for messages; never a credential. */
  readonly description: string;
  /** Resolves also while it cannot be reached, and goes on trying. @throws KafkaError when trying is of no use */
  open(parts: InboxParts): Promise<ForwardInbox>;
}

/** Where deliveries, or what was forwarded of them, are read from: what `kafka(…)` of `tidings/source/kafka` returns. */
export interface SourceProvider {
  /** Says what and where, for messages; never a credential. */
  readonly description: string;
  /** Whatever its consumer throws, this is called for another. @throws KafkaError */
  connect(clock: Clock): Promise<KafkaConsumer>;
}
