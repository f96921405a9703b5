import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { kafka, type KafkaSinkOptions } from "../../src/app/kafka-sink.ts";
import type { Tidings } from "../../src/app/tidings.ts";
import { hasBroker, startBroker, type Broker } from "../support/kafka-broker.ts";
import { notificationIdIn, readTopic, recordIn } from "../support/kafka-topic.ts";
import { createWorld, toldOf, type World } from "../support/world.ts";

const run = promisify(execFile);
const hasKcat = process.env["CI"] === "true" || spawnSync("kcat", ["-V"]).status === 0;

let broker: Broker;

function sinkTo(topic: string, options: Partial<KafkaSinkOptions> = {}): (tidings: Tidings) => void {
  const sink = kafka({ brokers: [broker.address], topic, deadlineMs: 2_000, ...options });
  return (tidings) => void tidings.on("users", { changeType: ["updated", "deleted"] }, sink);
}

async function subscribed(world: World): Promise<void> {
  await vi.waitFor(() => expect(world.simulator.subscriptions.list()).toHaveLength(1), 10_000);
}

async function changeUser(world: World, place: number, jobTitle: string): Promise<void> {
  await world.tenant.request("PATCH", `users/${world.userIds[place]}`, { body: { jobTitle } });
}

describe.skipIf(!hasBroker)("the sink `kafka` (needs java and mvn)", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    broker = await startBroker();
  }, 60_000);

  afterAll(async () => broker[Symbol.asyncDispose]());

  it.skipIf(!hasKcat)("writes what other clients read (needs kcat)", async () => {
    await broker.createTopic("read-elsewhere", { partitions: 3 });
    await using world = await createWorld();
    await using app = await world.serve(
      sinkTo("read-elsewhere", { enrich: true, headers: () => ({ traceparent: "00-1-2-01" }) }),
    );
    await subscribed(world);
    await changeUser(world, 0, "Poet");
    await vi.waitFor(() => expect(toldOf(app, "change:handled")).toHaveLength(1), 10_000);
    const reading = `-C -e -q -b ${broker.address} -t read-elsewhere -f %k\n%h\n%s\n`;
    const { stdout } = await run("kcat", reading.split(" "));
    const [key, headers, value = ""] = stdout.split("\n");
    const [notification] = world.simulator.ledger.notifications;
    const [subscription] = world.simulator.subscriptions.list();
    const record = JSON.parse(value);
    expect(key).toBe(`${record.subscriptionKey} users/${world.userIds[0]}`);
    expect(record).toMatchObject({
      version: 1,
      changeType: "updated",
      subscriptionId: subscription?.id,
      resourceKey: `users/${world.userIds[0]}`,
      notification: { id: notification?.id },
      dataFrom: "fetch",
      data: { id: world.userIds[0], jobTitle: "Poet" },
    });
    expect(record.notification.clientState).toBeUndefined();
    expect(headers?.split(",")).toEqual([
      "traceparent=00-1-2-01",
      "content-type=application/json",
      `tidings-idempotency-key=${record.idempotencyKey}`,
      `tidings-tenant-id=${record.tenantId}`,
      `tidings-subscription-id=${subscription?.id}`,
      "tidings-change-type=updated",
      `tidings-resource=${record.resource}`,
      "tidings-data=fetch",
    ]);
  });

  it("writes CloudEvents, and what is gone as gone", async () => {
    await broker.createTopic("events");
    await using world = await createWorld();
    await using app = await world.serve(sinkTo("events", { format: "cloudevents", enrich: true }));
    await subscribed(world);
    await changeUser(world, 0, "Poet");
    await vi.waitFor(() => expect(toldOf(app, "change:handled")).toHaveLength(1), 10_000);
    // Which Graph tells as an update of it.
    await world.tenant.request("DELETE", `users/${world.userIds[0]}`);
    const messages = await readTopic(broker.address, "events", 2);
    const [updated, deleted] = messages.map(({ value }) => JSON.parse(String(value)));
    expect(updated).toMatchObject({
      specversion: "1.0",
      id: updated.data.idempotencyKey,
      source: `/tenants/${updated.data.tenantId}/subscriptions/${updated.data.subscriptionKey}`,
      type: "com.microsoft.graph.user.updated",
      subject: `users/${world.userIds[0]}`,
      time: updated.data.receivedAt,
      data: { dataFrom: "fetch", data: { jobTitle: "Poet" } },
    });
    expect(deleted).toMatchObject({ type: "com.microsoft.graph.user.updated", data: { dataFrom: "gone" } });
    expect(messages.map(({ headers }) => headers["content-type"])).toEqual([
      "application/cloudevents+json; charset=UTF-8",
      "application/cloudevents+json; charset=UTF-8",
    ]);
  });

  it("makes a dead letter of what is too large, and of nothing else", async () => {
    await broker.createTopic("narrow", { configs: [{ name: "max.message.bytes", value: "4000" }] });
    await using world = await createWorld();
    await using app = await world.serve(sinkTo("narrow", { enrich: true }));
    await subscribed(world);
    await changeUser(world, 0, "Poet");
    await changeUser(world, 1, "x".repeat(4_000));
    await changeUser(world, 2, "Actor");
    await vi.waitFor(() => expect(toldOf(app, "change:dead")).toHaveLength(1), 10_000);
    // Enriched anew, it is small enough.
    await changeUser(world, 1, "Painter");
    const messages = await readTopic(broker.address, "narrow", 3);
    const titles = messages.map((message) => String(Reflect.get(Object(recordIn(message).data), "jobTitle")));
    expect(titles.toSorted()).toEqual(["Actor", "Painter", "Poet"]);
    const letters = await Array.fromAsync(app.tidings.deadLetters.list());
    expect(letters.map(({ error }) => error)).toEqual([expect.stringContaining("larger than Kafka")]);
  });

  it("keeps changes in the inbox while the broker is away, spending no attempt", async () => {
    await broker.createTopic("away", { partitions: 3 });
    await using world = await createWorld();
    await using app = await world.serve(sinkTo("away"));
    await subscribed(world);
    await broker.kill();
    for (const [place] of world.userIds.entries()) await changeUser(world, place, "Poet");
    await vi.waitFor(() => expect(toldOf(app, "change:failed").length).toBeGreaterThan(1), 20_000);
    await broker.restart();
    const { notifications } = world.simulator.ledger;
    const messages = await readTopic(broker.address, "away", notifications.length);
    expect(messages.map(notificationIdIn).toSorted()).toEqual(notifications.map(({ id }) => id).toSorted());
    expect(toldOf(app, "change:dead")).toEqual([]);
    expect(toldOf(app, "change:handled").map((event) => Reflect.get(Object(event), "attempt"))).toEqual(
      notifications.map(() => 1),
    );
  });
});
