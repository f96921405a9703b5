import { Producer, stringSerializers } from "@platformatic/kafka";
import type { BatchHandler } from "tidings";

interface KafkaOptions {
  /** As `host:port`. */
  readonly brokers: string[];
  readonly topic: string;
}

/**
 * Puts changes on a topic: those of one resource in order, since they have one key. What the brokers have not all
 * acknowledged is thrown, and tried again.
 */
export function kafka({ brokers, topic }: KafkaOptions): BatchHandler {
  const producer = new Producer({
    clientId: "graph-to-kafka",
    bootstrapBrokers: brokers,
    autocreateTopics: true,
    serializers: stringSerializers,
  });
  return {
    async batch(changes) {
      const messages = changes.map(({ resourceKey, resource, idempotencyKey, raw }) => ({
        topic,
        key: resourceKey ?? resource ?? idempotencyKey,
        value: JSON.stringify(raw),
        headers: { "idempotency-key": idempotencyKey },
      }));
      await producer.send({ acks: ALL, messages });
    },
  };
}

/** Every replica that is in sync has it before it counts as written. */
const ALL = -1;
