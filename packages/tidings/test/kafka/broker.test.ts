import { Producer, stringSerializers } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { hasBroker, startBroker } from "../support/kafka-broker.ts";

describe.skipIf(!hasBroker)("the broker that tests start (needs java and mvn)", () => {
  it("dies, and comes back at the same port with what it had", { timeout: 60_000 }, async () => {
    await using broker = await startBroker();
    await broker.createTopic("users", { partitions: 3 });
    // A partition may have no leader yet for a moment after it was made, or its broker is back.
    const send = async (retries = 50): Promise<unknown> => {
      const producer = new Producer({
        clientId: "test",
        bootstrapBrokers: [broker.address],
        retries,
        retryDelay: 100,
        serializers: stringSerializers,
      });
      const { offsets } = await producer.send({
        acks: -1,
        messages: [{ topic: "users", key: "a", value: "1" }],
      });
      await producer.close();
      return offsets?.[0]?.offset;
    };
    expect(await send()).toBe(0n);
    await broker.kill();
    await expect(send(0)).rejects.toThrow("Cannot connect to any broker");
    await broker.restart();
    expect(await send()).toBe(1n);
  });
});
