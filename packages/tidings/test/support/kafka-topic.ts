import { systemClock } from "../../src/app/clock.ts";
import type { ConsumedMessage } from "../../src/core/ports/kafka.ts";
import { createConsumer } from "../../src/kafka/consumer.ts";

/** What a topic holds from its beginning, as soon as it is so many messages. */
export async function readTopic(address: string, topic: string, count: number): Promise<ConsumedMessage[]> {
  const consumer = await createConsumer({
    connection: { brokers: [address] },
    clock: systemClock,
    topics: [topic],
    groupId: `reader-${Math.random()}`,
    deadlineMs: 10_000,
    sessionTimeoutMs: 10_000,
  });
  const messages: ConsumedMessage[] = [];
  while (messages.length < count) messages.push(...((await consumer.next(1_000)) ?? []));
  await consumer.close();
  return messages;
}
