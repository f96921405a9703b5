import { Admin, ListOffsetTimestamps } from "@platformatic/kafka";
import { systemClock } from "../../packages/tidings/src/app/clock.ts";
import type { ConsumedMessage } from "../../packages/tidings/src/core/ports/kafka.ts";
import { createConsumer } from "../../packages/tidings/src/kafka/consumer.ts";
import { ArrivalLog } from "./arrival-log.ts";
import { fromStamp } from "./stamp.ts";

/** What a topic holds of the notifications of a run, each in a record of its own. */
export class TopicContents {
  /** Records of those without a stamp. */
  unstampedCount = 0;
  readonly #numbers = new Set<unknown>();
  readonly #streams = new Map<number, ArrivalLog>();

  /** Of those without a stamp, each once. */
  get distinctCount(): number {
    return this.#numbers.size;
  }

  /** Those with a stamp, as they are in the topic. */
  stream(number: number): ArrivalLog {
    const log = this.#streams.get(number) ?? new ArrivalLog();
    this.#streams.set(number, log);
    return log;
  }

  /** @param value a notification, or an envelope with one as its `notification` */
  add({ value, writtenAt }: Pick<ConsumedMessage, "value" | "writtenAt">): void {
    const parsed: Record<string, unknown> = JSON.parse(Buffer.from(value ?? "").toString());
    const notification: Record<string, unknown> = Object(parsed["notification"] ?? parsed);
    const stamp = fromStamp(notification);
    if (stamp !== undefined) return this.stream(stamp.stream).add(stamp, writtenAt);
    this.unstampedCount += 1;
    this.#numbers.add(notification["id"]);
  }
}

/** All that was acknowledged before it is called. */
export async function readContents(
  broker: string,
  topic: string,
  partitions: number,
): Promise<TopicContents> {
  const contents = new TopicContents();
  let left = await countOf(broker, topic, partitions);
  const consumer = await createConsumer({
    connection: { brokers: [broker] },
    clock: systemClock,
    topics: [topic],
    groupId: `reader-of-${topic}`,
    deadlineMs: 10_000,
    sessionTimeoutMs: 10_000,
  });
  while (left > 0) {
    const messages = (await consumer.next(1_000)) ?? [];
    for (const message of messages) contents.add(message);
    left -= messages.length;
  }
  await consumer.close();
  return contents;
}

/** By the ends of its partitions: nothing is removed from it. */
async function countOf(broker: string, topic: string, partitions: number): Promise<number> {
  const admin = new Admin({ clientId: "benchmark", bootstrapBrokers: [broker] });
  try {
    const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({
      partitionIndex,
      timestamp: ListOffsetTimestamps.LATEST,
    }));
    const [found] = await admin.listOffsets({ topics: [{ name: topic, partitions: asked }] });
    return found?.partitions.reduce((sum, { offset }) => sum + Number(offset), 0) ?? 0;
  } finally {
    await admin.close();
  }
}
