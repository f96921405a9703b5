import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/app/clock.ts";
import type { ConsumedMessage, KafkaConsumer } from "../../src/core/ports/kafka.ts";
import { createConsumer } from "../../src/kafka/consumer.ts";
import { createProducer } from "../../src/kafka/producer.ts";
import { hasBroker, startBroker, type Broker } from "../support/kafka-broker.ts";

let broker: Broker;

async function join(topic: string): Promise<KafkaConsumer> {
  return createConsumer({
    connection: { brokers: [broker.address] },
    clock: systemClock,
    topics: [topic],
    groupId: `readers-of-${topic}`,
    deadlineMs: 10_000,
    sessionTimeoutMs: 10_000,
  });
}

async function write(topic: string, ...values: readonly string[]): Promise<void> {
  const producer = createProducer({
    connection: { brokers: [broker.address] },
    clock: systemClock,
    deadlineMs: 10_000,
    maxMessageBytes: 1_000_000,
    compression: "none",
  });
  const failures = await producer.produce(
    values.map((value) => ({ topic, key: "a", value, headers: { n: value } })),
  );
  expect(failures.size).toBe(0);
  await producer.close();
}

async function read(consumer: KafkaConsumer, count: number): Promise<ConsumedMessage[]> {
  const messages: ConsumedMessage[] = [];
  while (messages.length < count) messages.push(...((await consumer.next(count - messages.length)) ?? []));
  return messages;
}

const valuesOf = (messages: readonly ConsumedMessage[]): string[] =>
  messages.map(({ value }) => String(value));

describe.skipIf(!hasBroker)("a consumer (needs java and mvn)", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    broker = await startBroker();
  }, 60_000);

  afterAll(async () => broker[Symbol.asyncDispose]());

  it("reads a topic from its beginning, and goes on after what its group committed", async () => {
    await broker.createTopic("read");
    await write("read", "1", "2", "3");
    const first = await join("read");
    const messages = await read(first, 3);
    expect(messages[0]).toMatchObject({ topic: "read", partition: 0, offset: 0n, headers: { n: "1" } });
    expect(valuesOf(messages)).toEqual(["1", "2", "3"]);
    await first.commit(messages.slice(0, 2));
    await first.close();
    const second = await join("read");
    expect(valuesOf(await read(second, 1))).toEqual(["3"]);
    await write("read", "4");
    expect(valuesOf(await read(second, 1))).toEqual(["4"]);
    await second.close();
  });

  it("reads on, however much there is", async () => {
    await broker.createTopic("long");
    const values = Array.from({ length: 5_000 }, (_, n) => String(n));
    for (let from = 0; from < values.length; from += 500)
      await write("long", ...values.slice(from, from + 500));
    const consumer = await join("long");
    expect(valuesOf(await read(consumer, values.length))).toEqual(values);
    await consumer.close();
  });

  it("ends when it is closed while it waits", async () => {
    await broker.createTopic("empty");
    const consumer = await join("empty");
    const waiting = consumer.next(1);
    await consumer.close();
    expect(await waiting).toBeUndefined();
    expect(await consumer.next(1)).toBeUndefined();
  });

  it("reads on after the broker died, what was not committed again at most", async () => {
    await broker.createTopic("survived");
    await write("survived", "1", "2");
    const consumer = await join("survived");
    await consumer.commit(await read(consumer, 2));
    await broker.kill();
    await broker.restart();
    await write("survived", "3");
    const values = await read(consumer, 1).catch(async () => read(await join("survived"), 1));
    expect(valuesOf(values)).toEqual(["3"]);
    await consumer.close();
  });
});
