import { systemClock } from "../../src/app/clock.ts";
import type { ChangeRecord } from "../../src/core/change-record.ts";
import type { ConsumedMessage } from "../../src/core/ports/kafka.ts";
import { createConsumer } from "../../src/kafka/consumer.ts";

/** How long a topic may take to have what it is to have, in milliseconds. */
const READ_LIMIT_MS = 20_000;

/** What a topic holds from its beginning, as soon as that is enough, or time is up. */
export async function readTopic(
  address: string,
  topic: string,
  isEnough: number | ((messages: readonly ConsumedMessage[]) => boolean),
): Promise<ConsumedMessage[]> {
  const consumer = await createConsumer({
    connection: { brokers: [address] },
    clock: systemClock,
    topics: [topic],
    groupId: `reader-${Math.random()}`,
    deadlineMs: 10_000,
    sessionTimeoutMs: 10_000,
  });
  const messages: ConsumedMessage[] = [];
  const timer = setTimeout(() => void consumer.close(), READ_LIMIT_MS);
  const isDone = (): boolean =>
    typeof isEnough === "number" ? messages.length >= isEnough : isEnough(messages);
  while (!isDone()) {
    const more = await consumer.next(1_000);
    if (more === undefined) break;
    messages.push(...more);
  }
  clearTimeout(timer);
  await consumer.close();
  return messages;
}

/** The change in a message. */
export function recordIn({ value }: ConsumedMessage): ChangeRecord {
  return JSON.parse(String(value));
}

/** Graph's id of the notification in a message. */
export function notificationIdIn(message: ConsumedMessage): string {
  const { id } = recordIn(message).notification;
  if (typeof id !== "string") throw new TypeError(`Expected a notification with an id, got \`${typeof id}\``);
  return id;
}
