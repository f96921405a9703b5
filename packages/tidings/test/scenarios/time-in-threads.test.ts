import { expect, it, vi } from "vitest";
import { createKeyPair } from "../../src/crypto/create-key-pair.ts";
import { createWorld, toldOf } from "../support/world.ts";

// A validation token of tomorrow is refused today: the thread that receives must know what day it is.
it("what is received in a thread of its own came at the time that the app's clock shows", async () => {
  await using world = await createWorld();
  const handled: { subject: unknown; receivedAt: number }[] = [];
  const certificates = await createKeyPair({ commonName: "test", now: Date.now() });
  await using app = await world.serve(
    async (tidings) => {
      const mail = tidings.on(
        "users/{userId}/messages",
        { changeType: "created", select: ["subject"], includeResourceData: true },
        ({ data, receivedAt }) => void handled.push({ subject: data?.subject, receivedAt }),
      );
      await mail.subscribe({ userId: world.userIds[0] ?? "" });
    },
    { host: { certificates } },
  );
  const send = async (subject: string): Promise<void> => {
    const path = `users/${world.userIds[0] ?? ""}/messages`;
    await world.simulator.request("POST", path, { subject });
  };
  await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
  await send("today");
  await vi.waitFor(() => expect(handled).toHaveLength(1));
  world.jump(20 * 3_600_000);
  await send("tomorrow");
  await vi.waitFor(() => expect(handled.map(({ subject }) => subject)).toEqual(["today", "tomorrow"]));
  expect(Math.abs((handled[1]?.receivedAt ?? 0) - world.clock.now())).toBeLessThan(10_000);
  expect(toldOf(app, "change:dead")).toEqual([]);
});
