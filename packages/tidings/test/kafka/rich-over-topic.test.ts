import { startSimulator } from "@tidings/graph-simulator";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/app/clock.ts";
import { Tidings } from "../../src/app/tidings.ts";
import { simulatorSettings } from "../../src/cli/dev/simulated-graph.ts";
import { createKeyPair } from "../../src/crypto/create-key-pair.ts";
import { kafka as kafkaInbox } from "../../src/kafka/inbox.ts";
import { kafka as kafkaSource } from "../../src/kafka/source.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { SECRET } from "../support/deliveries.ts";
import { hasBroker, startBroker, type Broker } from "../support/kafka-broker.ts";
import { readTopic } from "../support/kafka-topic.ts";

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const OPTIONS = { name: "rich-topic", secret: SECRET, logger: SILENT };
const TOPIC = "rich";
const ADELE = "AdeleV@contoso.onmicrosoft.com";

describe.skipIf(!hasBroker)("resource data over a topic (needs java and mvn)", () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await startBroker();
    await broker.createTopic(TOPIC, { partitions: 3 });
  }, 60_000);
  afterAll(async () => broker?.[Symbol.asyncDispose]());

  it(
    "is proved and decrypted by who reads it, and is encrypted in the topic",
    { timeout: 60_000 },
    async () => {
      await using simulator = await startSimulator();
      const receiver = new Tidings({
        ...OPTIONS,
        inbox: kafkaInbox({ brokers: [broker.address], topic: TOPIC }),
      });
      receiver.on("users");
      const server = await receiver.listen({ port: 0, hostname: "127.0.0.1" });
      const host = { ...simulatorSettings(simulator, systemClock), publicUrl: server.url };
      await receiver.start(host);

      const subjects: unknown[] = [];
      const reader = new Tidings({
        ...OPTIONS,
        store: memory(),
        sources: [
          kafkaSource({ brokers: [broker.address], topic: TOPIC, groupId: "rich", sessionTimeoutMs: 6_000 }),
        ],
      });
      const mail = reader.on(
        "users/{userId}/messages",
        { select: ["subject"], includeResourceData: true },
        ({ data }) => void subjects.push(data?.subject),
      );
      const certificates = await createKeyPair({ commonName: "test", now: Date.now() });
      await reader.start({ ...host, certificates });
      try {
        await mail.subscribe({ userId: ADELE });
        await vi.waitFor(() => expect(simulator.subscriptions.list()).toHaveLength(1), 20_000);
        const send = async (subject: string): Promise<void> => {
          await simulator.request("POST", `users/${ADELE}/messages`, { subject });
        };
        const dead = async (count: number): Promise<void> =>
          vi.waitFor(
            async () => expect(await reader.health()).toMatchObject({ inbox: { waiting: 0, dead: count } }),
            20_000,
          );
        // One after another: a delivery has one token for all of a tenant.
        await send("one");
        await vi.waitFor(() => expect(subjects).toEqual(["one"]), 20_000);
        simulator.tampering.order({ what: "token-publisher" });
        await send("forged");
        await dead(1);
        simulator.tampering.order({ what: "data" });
        await send("tampered");
        await dead(2);
        await send("two");
        await vi.waitFor(() => expect(subjects).toEqual(["one", "two"]), 20_000);
        const records = await readTopic(broker.address, TOPIC, 4);
        expect(records.map(({ value }) => String(value)).join("\n")).not.toMatch(
          /"(?:one|two|forged|tampered)"/,
        );
      } finally {
        await reader.stop();
        await receiver.stop();
        await server.close();
      }
    },
  );
});
