import { toSinkText, type SinkFormat } from "../../core/change-record.ts";
import type { BatchHandler, Change } from "../../core/change.ts";
import type { KafkaError } from "../../core/errors.ts";
import { Permanent } from "../../core/handler-errors.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { KafkaMessage, KafkaProducer } from "../../core/ports/kafka.ts";
import { sinkDataOf, type Enrich, type SinkData } from "../../core/sink-data.ts";

/** ADAPTER: a handler that writes changes to a topic. Done is what the brokers acknowledged, and nothing else. */
export interface KafkaSink extends BatchHandler {
  /** Asks the cluster for the topic, as the first change would. @throws KafkaError */
  probe(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface KafkaSinkParts {
  readonly producer: KafkaProducer;
  readonly clock: Clock;
  readonly topic: string;
  readonly format: SinkFormat;
  readonly enrich: Enrich;
  /** More headers, such as `traceparent`. */
  readonly headers: (change: Change) => Readonly<Record<string, string>>;
}

export function createKafkaSink(parts: KafkaSinkParts): KafkaSink {
  const { producer, clock, topic, enrich } = parts;
  return {
    async batch(changes) {
      const told = await Promise.all(changes.map(async (change) => sinkDataOf(change, enrich, clock)));
      const failures = await producer.produce(
        changes.map((change, place) => toMessage(change, told[place] ?? NOTHING, parts)),
      );
      return new Map([...failures].map(([place, error]) => [changes[place]?.id ?? "", verdict(error)]));
    },
    probe: async () => producer.probe(topic),
    [Symbol.asyncDispose]: async () => producer.close(),
  };
}

const NOTHING: SinkData = { kind: "none" };

const CONTENT_TYPES: Readonly<Record<SinkFormat, string>> = {
  json: "application/json",
  // https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md#33-structured-content-mode
  cloudevents: "application/cloudevents+json; charset=UTF-8",
};

function toMessage(change: Change, told: SinkData, { topic, format, headers }: KafkaSinkParts): KafkaMessage {
  return {
    topic,
    key: keyOf(change),
    value: toSinkText(change, told, format),
    headers: {
      ...headers(change),
      "content-type": CONTENT_TYPES[format],
      "tidings-idempotency-key": change.idempotencyKey,
      "tidings-tenant-id": change.tenantId,
      "tidings-subscription-id": change.subscriptionId,
      "tidings-change-type": change.changeType,
      ...(change.resource === undefined ? {} : { "tidings-resource": change.resource }),
      "tidings-data": told.kind,
    },
  };
}

/** What orders: the lane, without its declaration, which a topic need not have. */
function keyOf({ subscriptionKey, resourceKey }: Change): string {
  return resourceKey === undefined ? subscriptionKey : `${subscriptionKey} ${resourceKey}`;
}

/** What is too large stays so; all else is no fault of the change. */
function verdict(error: KafkaError): Error {
  return error.fault === "too-large" ? new Permanent(error.message, { cause: error }) : error;
}
