import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/app/clock.ts";
import type { KafkaFault } from "../../src/core/errors.ts";
import type { KafkaMessage, KafkaProducer, ProduceFailures } from "../../src/core/ports/kafka.ts";
import { createProducer, type KafkaProducerOptions } from "../../src/kafka/producer.ts";
import { hasBroker, startBroker, type Broker } from "../support/kafka-broker.ts";
import { readTopic } from "../support/kafka-topic.ts";

let broker: Broker;

function producerOf(overrides: Partial<KafkaProducerOptions> = {}): KafkaProducer {
  return createProducer({
    connection: { brokers: [broker.address] },
    clock: systemClock,
    deadlineMs: 10_000,
    maxMessageBytes: 1_000_000,
    compression: "none",
    ...overrides,
  });
}

/** One that is told as `key:value`. */
function message(topic: string, text: string): KafkaMessage {
  const [key = "", value = ""] = text.split(":");
  return { topic, key, value, headers: { "header-of": key } };
}

async function written(topic: string, count: number): Promise<string[]> {
  const messages = await readTopic(broker.address, topic, count);
  return messages.map(({ key, value }) => `${String(key)}:${String(value)}`);
}

function faultsOf(failures: ProduceFailures): [number, KafkaFault][] {
  return [...failures].map(([place, { fault }]) => [place, fault]);
}

describe.skipIf(!hasBroker)("a producer (needs java and mvn)", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    broker = await startBroker();
  }, 60_000);

  afterAll(async () => broker[Symbol.asyncDispose]());

  it("writes what many calls gave it at once, nothing twice, and each key's in order", async () => {
    await broker.createTopic("many", { partitions: 3 });
    const producer = producerOf();
    const calls = Array.from({ length: 100 }, (_, call) =>
      Array.from({ length: 20 }, (_unused, n) => message("many", `${call}-${n % 5}:${n}`)),
    );
    const failures = await Promise.all(calls.map(async (messages) => producer.produce(messages)));
    await producer.close();
    expect(failures.flatMap((each) => faultsOf(each))).toEqual([]);
    const byKey = Map.groupBy(await written("many", 2_000), (text) => text.split(":")[0]);
    expect(byKey.size).toBe(500);
    for (const [key, texts] of byKey) {
      const n = Number(key?.split("-")[1]);
      expect(texts).toEqual([n, n + 5, n + 10, n + 15].map((value) => `${key}:${value}`));
    }
  });

  it("writes to a topic as soon as it is there", async () => {
    const producer = producerOf();
    for (let n = 0; n < 10; n += 1) {
      await broker.createTopic(`new-${n}`, { partitions: 7 });
      const messages = Array.from({ length: 20 }, (_, key) => message(`new-${n}`, `${key}:${n}`));
      expect(faultsOf(await producer.produce(messages))).toEqual([]);
      expect(await written(`new-${n}`, 20)).toHaveLength(20);
    }
    await producer.close();
  });

  it("places keys as Kafka's own clients do", async () => {
    await broker.createTopic("placed", { partitions: 7 });
    const producer = producerOf();
    await producer.produce(
      ["a", "kafka", "users/1", "users/22", "ü"].map((key) => message("placed", `${key}:`)),
    );
    await producer.close();
    const messages = await readTopic(broker.address, "placed", 5);
    // What `partitionForKey` of `org.apache.kafka.clients.producer.internals.BuiltInPartitioner` gives.
    expect(Object.fromEntries(messages.map(({ key, partition }) => [String(key), partition]))).toEqual({
      a: 5,
      kafka: 3,
      "users/1": 1,
      "users/22": 1,
      ü: 0,
    });
  });

  it("passes over what is too large for the topic, and holds back what follows with its key", async () => {
    await broker.createTopic("small", { configs: [{ name: "max.message.bytes", value: "2000" }] });
    const producer = producerOf();
    const large = `a:${"x".repeat(3_000)}`;
    const failures = await producer.produce(
      ["a:1", "b:1", large, "a:2", "b:2"].map((text) => message("small", text)),
    );
    expect(faultsOf(failures)).toEqual([
      [2, "too-large"],
      [3, "held-back"],
    ]);
    expect(faultsOf(await producer.produce([message("small", "a:2")]))).toEqual([]);
    await producer.close();
    expect(await written("small", 4)).toEqual(["a:1", "b:1", "b:2", "a:2"]);
  });

  it("does not even send what is larger than it was told", async () => {
    await broker.createTopic("limited");
    const producer = producerOf({ maxMessageBytes: 1_000 });
    const failures = await producer.produce(
      [`a:${"x".repeat(1_000)}`, "a:2", "b:1"].map((text) => message("limited", text)),
    );
    expect(faultsOf(failures)).toEqual([
      [0, "too-large"],
      [1, "held-back"],
    ]);
    await producer.close();
    expect(await written("limited", 1)).toEqual(["b:1"]);
  });

  it("splits what is more than one request may hold", async () => {
    await broker.createTopic("split");
    const producer = producerOf({ maxMessageBytes: 1_000 });
    const texts = Array.from({ length: 50 }, (_, n) => `a:${n}${"x".repeat(300)}`);
    expect(faultsOf(await producer.produce(texts.map((text) => message("split", text))))).toEqual([]);
    await producer.close();
    expect(await written("split", 50)).toEqual(texts);
  });

  it("says at once that a topic is not there, and writes to it when it is", async () => {
    const producer = producerOf();
    const startedAt = Date.now();
    expect(faultsOf(await producer.produce([message("absent", "a:1")]))).toEqual([[0, "no-topic"]]);
    await expect(producer.probe("absent")).rejects.toMatchObject({ code: "ERR_KAFKA", fault: "no-topic" });
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    await broker.createTopic("absent");
    await producer.probe("absent");
    expect(faultsOf(await producer.produce([message("absent", "a:1")]))).toEqual([]);
    await producer.close();
  });

  it.each(["none", "gzip", "zstd"] as const)("compresses with %s", async (compression) => {
    await broker.createTopic(`by-${compression}`);
    const producer = producerOf({ compression });
    const texts = Array.from({ length: 20 }, (_, n) => `a:${"x".repeat(1_000)}${n}`);
    expect(faultsOf(await producer.produce(texts.map((text) => message(`by-${compression}`, text))))).toEqual(
      [],
    );
    await producer.close();
    expect(await written(`by-${compression}`, 20)).toEqual(texts);
  });

  it("fails what waits when it is closed, and all after it", async () => {
    await broker.createTopic("closed");
    const producer = producerOf();
    broker.freeze();
    try {
      const waiting = producer.produce([message("closed", "a:1")]);
      await producer.close();
      expect(faultsOf(await waiting)).toEqual([[0, "closed"]]);
    } finally {
      broker.thaw();
    }
    expect(faultsOf(await producer.produce([message("closed", "a:1")]))).toEqual([[0, "closed"]]);
    await expect(producer.probe("closed")).rejects.toMatchObject({ fault: "closed" });
  });

  describe("while the broker", () => {
    /** How much later than its deadline a call may end on a busy machine. */
    const SLACK_MS = 1_000;
    const DEADLINE_MS = 1_500;

    async function timed(work: Promise<ProduceFailures>): Promise<{ faults: unknown; ms: number }> {
      const startedAt = Date.now();
      return { faults: faultsOf(await work), ms: Date.now() - startedAt };
    }

    it("is slow, keeps to its deadline, and writes again when it is not", async () => {
      await broker.createTopic("slow");
      const producer = producerOf({ deadlineMs: DEADLINE_MS });
      await producer.produce([message("slow", "a:1")]);
      broker.freeze();
      try {
        const calls = await Promise.all(
          ["b:1", "c:1"].map(async (text) => timed(producer.produce([message("slow", text)]))),
        );
        for (const { faults, ms } of calls) {
          expect(faults).toEqual([[0, "late"]]);
          expect(ms).toBeLessThan(DEADLINE_MS + SLACK_MS);
        }
      } finally {
        broker.thaw();
      }
      expect(faultsOf(await producer.produce([message("slow", "a:2")]))).toEqual([]);
      await producer.close();
    });

    it("is dead, says so by its deadline; and survives a restart within it", async () => {
      await broker.createTopic("dead");
      const [producer, patient] = [
        producerOf({ deadlineMs: DEADLINE_MS }),
        producerOf({ deadlineMs: 30_000 }),
      ];
      expect(faultsOf(await patient.produce([message("dead", "a:1")]))).toEqual([]);
      await broker.kill();
      const { faults, ms } = await timed(producer.produce([message("dead", "b:1")]));
      expect(faults).toEqual([[0, "unreachable"]]);
      expect(ms).toBeLessThan(DEADLINE_MS + SLACK_MS);
      const waiting = patient.produce([message("dead", "a:2")]);
      await broker.restart();
      expect(faultsOf(await waiting)).toEqual([]);
      await Promise.all([producer.close(), patient.close()]);
      expect(await written("dead", 2)).toEqual(["a:1", "a:2"]);
    });
  });
});
