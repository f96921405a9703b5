import { assertSinkFormat, type SinkFormat } from "../core/change-record.ts";
import type { Change } from "../core/change.ts";
import { assertEnrich, type Enrich } from "../core/sink-data.ts";
import { assertConnection, type KafkaConnection } from "../kafka/connection.ts";
import { createProducer, type KafkaCompression } from "../kafka/producer.ts";
import { createKafkaSink, type KafkaSink } from "../sink/kafka/kafka-sink.ts";
import { systemClock } from "./clock.ts";

export type { ChangeCloudEvent, ChangeRecord } from "../core/change-record.ts";
export type { KafkaConnection, KafkaSasl, KafkaTls } from "../kafka/connection.ts";
export type { KafkaSink } from "../sink/kafka/kafka-sink.ts";

export interface KafkaSinkOptions extends KafkaConnection {
  readonly topic: string;
  /** Plain JSON, or structured CloudEvents 1.0 of the same. @default "json" */
  readonly format?: SinkFormat | undefined;
  /**
   * Reads what changed before it is written, and waits 15 s or `withinMs` for that. What cannot be read is written
   * without, and marked. @default false
   */
  readonly enrich?: Enrich | undefined;
  /** More headers of a change's message, such as `traceparent`. Ours win. @default none */
  readonly headers?: ((change: Change) => Readonly<Record<string, string>>) | undefined;
  /**
   * Within which the brokers must have acknowledged, in milliseconds; less than the declaration's `timeoutMs`, with the
   * time of `enrich`. @default 20 s
   */
  readonly deadlineMs?: number | undefined;
  /** Before compression; what is larger becomes a dead letter. As the topic's `max.message.bytes`. @default 1,000,000 */
  readonly maxMessageBytes?: number | undefined;
  /** @default "none" */
  readonly compression?: KafkaCompression | undefined;
}

const DEFAULT_DEADLINE_MS = 20_000;
/**
 * Below what Kafka takes unless told otherwise, and Event Hubs takes at all: "The service will close connections if
 * requests larger than 1,046,528 bytes are sent."
 * @see https://learn.microsoft.com/azure/event-hubs/apache-kafka-configurations#producer-configurations-only
 */
const DEFAULT_MAX_MESSAGE_BYTES = 1_000_000;

/**
 * A handler that writes changes to a Kafka topic, each resource's in order. While no broker answers, changes wait in the
 * inbox. It needs the package `@platformatic/kafka`.
 *
 * @example
 * ```ts
 * tidings.on("users", {}, kafka({ brokers: ["kafka.example:9092"], topic: "entra.users" }));
 * ```
 * @throws TypeError when an option makes no sense, with the value shown
 */
export function kafka(options: KafkaSinkOptions): KafkaSink {
  const {
    topic,
    format = "json",
    enrich = false,
    headers = () => ({}),
    deadlineMs = DEFAULT_DEADLINE_MS,
    maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES,
    compression = "none",
    ...connection
  } = options;
  assertConnection(connection);
  assertTopic(topic);
  assertSinkFormat(format);
  assertEnrich(enrich);
  assertAbove0({ deadlineMs, maxMessageBytes });
  const producer = createProducer({
    connection,
    clock: systemClock,
    deadlineMs,
    maxMessageBytes,
    compression,
  });
  return createKafkaSink({ producer, clock: systemClock, topic, format, enrich, headers });
}

/** @see https://kafka.apache.org/43/operations/basic-kafka-operations/ */
function assertTopic(topic: string): void {
  if (typeof topic === "string" && /^[\w.-]{1,249}$/.test(topic)) return;
  throw new TypeError(`Expected \`topic\` to be 1 to 249 of A–Z a–z 0–9 . _ -, got \`${topic}\``);
}

function assertAbove0(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(value > 0 && Number.isFinite(value))) {
      throw new TypeError(`Expected \`${name}\` to be a number above 0, got \`${value}\``);
    }
  }
}
