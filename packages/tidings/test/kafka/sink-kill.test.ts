import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import type { ConsumedMessage } from "../../src/core/ports/kafka.ts";
import { hasBroker, startBroker, type Broker } from "../support/kafka-broker.ts";
import { notificationIdIn, readTopic, recordIn } from "../support/kafka-topic.ts";
import { outOfOrder } from "../support/out-of-order.ts";
import { createWorld, type World } from "../support/world.ts";

/** How many times the app is killed, and how long it lives each time, in milliseconds. */
const KILL_COUNT = 5;
const LIFE_MS = { min: 300, max: 1_000 };
/** How many times the broker is killed, how long it lives and is away. */
const BROKER_KILL_COUNT = 2;
const BROKER_LIFE_MS = 1_500;
const BROKER_AWAY_MS = 500;

interface Place {
  readonly world: World;
  readonly broker: Broker;
  /** Starts the app, in its next life. */
  readonly live: () => Promise<ChildProcess>;
}

/** An app, its Graph and its broker, at work for as long as `work` takes. @returns what the topic has in the end */
async function atWork(work: (place: Place, first: ChildProcess) => Promise<ChildProcess>): Promise<{
  readonly world: World;
  readonly messages: ConsumedMessage[];
}> {
  await using broker = await startBroker();
  await broker.createTopic("users", { partitions: 3 });
  await using world = await createWorld({ deliver: { firstRetryDelayMs: 50 } });
  const folder = mkdtempSync(join(tmpdir(), "tidings-sink-"));
  const port = await freePort();
  const live = async (): Promise<ChildProcess> => {
    const child = fork(
      new URL("../support/killable-app.ts", import.meta.url),
      [world.simulator.url, join(folder, "tidings.db"), "", String(port), broker.address],
      { execArgv: ["--conditions=@tidings/source"], stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    await once(child, "message");
    return child;
  };
  let child = await live();
  const ending = new AbortController();
  try {
    await vi.waitFor(() => expect(world.simulator.subscriptions.list()).toHaveLength(1));
    const traffic = change(world, ending.signal);
    child = await work({ world, broker, live }, child);
    ending.abort();
    await traffic;
    const { ledger } = world.simulator;
    await vi.waitFor(
      () => expect(ledger.notifications.every(({ state }) => state === "delivered")).toBe(true),
      20_000,
    );
    const messages = await readTopic(
      broker.address,
      "users",
      (read) => new Set(read.map(notificationIdIn)).size >= ledger.notifications.length,
    );
    return { world, messages };
  } finally {
    ending.abort();
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

async function change(world: World, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n += 1) {
    const userId = world.userIds[n % world.userIds.length] ?? "";
    await world.tenant.request("PATCH", `users/${userId}`, { body: { jobTitle: `Title ${n}` } });
    await sleep(4);
  }
}

/** All that was answered 202 is there, each resource's in order, and each key in one partition. */
function expectKept({ world, messages }: Awaited<ReturnType<typeof atWork>>): void {
  const owed = world.simulator.ledger.notifications;
  expect(owed.length).toBeGreaterThan(100);
  const ids = [...new Set(messages.map(notificationIdIn))];
  expect(ids.toSorted()).toEqual(owed.map(({ id }) => id).toSorted());
  const byPartition = Map.groupBy(messages, ({ partition }) => partition);
  const inOrder = [...byPartition.values()].flatMap((each) => each.map(notificationIdIn));
  const place = new Map([...new Set(inOrder)].map((id, index) => [id, index]));
  expect(outOfOrder(world, place)).toEqual([]);
  for (const [, ofKey] of Map.groupBy(messages, ({ key }) => String(key))) {
    expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1);
  }
}

/** Idempotency keys by notification. */
function keysOf(messages: readonly ConsumedMessage[]): string[][] {
  const copies = Map.groupBy(messages, notificationIdIn);
  return [...copies.values()].map((each) => each.map((message) => recordIn(message).idempotencyKey));
}

describe.skipIf(!hasBroker)("what goes to a topic (needs java and mvn)", { timeout: 120_000 }, () => {
  it("survives SIGKILL of the app at any time; what comes twice has one key", async () => {
    const kept = await atWork(async ({ live }, first) => {
      let child = first;
      for (let kill = 0; kill < KILL_COUNT; kill += 1) {
        await sleep(LIFE_MS.min + Math.random() * (LIFE_MS.max - LIFE_MS.min));
        child.kill("SIGKILL");
        await once(child, "exit");
        child = await live();
      }
      return child;
    });
    expectKept(kept);
    for (const keys of keysOf(kept.messages)) {
      expect(new Set(keys).size).toBe(1);
      expect(keys.length).toBeLessThanOrEqual(1 + KILL_COUNT);
    }
  });

  it("survives SIGKILL of the broker under load, nothing twice", async () => {
    const kept = await atWork(async ({ broker }, child) => {
      for (let kill = 0; kill < BROKER_KILL_COUNT; kill += 1) {
        await sleep(BROKER_LIFE_MS);
        await broker.kill();
        await sleep(BROKER_AWAY_MS);
        await broker.restart();
      }
      return child;
    });
    expectKept(kept);
    expect(keysOf(kept.messages).filter((keys) => keys.length > 1)).toEqual([]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
