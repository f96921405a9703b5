import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../src/app/clock.ts";
import { Tidings } from "../../src/app/tidings.ts";
import { StoreError } from "../../src/core/errors.ts";
import type { TidingsEvents } from "../../src/core/events.ts";
import type { SourceProvider } from "../../src/core/ports/inbox.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { subscriptionKeyOf } from "../../src/core/subscription.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { kafka as kafkaInbox } from "../../src/kafka/inbox.ts";
import { createProducer } from "../../src/kafka/producer.ts";
import { kafka } from "../../src/kafka/source.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { delivery, SECRET, TENANT_ID, userItem } from "../support/deliveries.ts";
import { hasBroker, startBroker, type Broker } from "../support/kafka-broker.ts";
import { readTopic } from "../support/kafka-topic.ts";

const APP = new URL("../support/topic-app.ts", import.meta.url).pathname;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const keyring = createKeyring([SECRET]);
const target = { tenantId: TENANT_ID, path: "users", query: "" };
const subscriptionKey = subscriptionKeyOf("forwarding", target, sha256);

let broker: Broker;

const APP_OPTIONS = {
  name: "forwarding",
  tenantId: TENANT_ID,
  publicUrl: "https://tidings.example",
  secret: SECRET,
  credential: { getToken: async () => null },
  logger: SILENT,
};

/** A receiver that forwards users' notifications, numbered so. */
async function forwarderTo(
  topic: string,
): Promise<AsyncDisposable & { post(items: readonly unknown[]): Promise<void> }> {
  const tidings = new Tidings({
    ...APP_OPTIONS,
    inbox: kafkaInbox({ brokers: [broker.address], topic }),
  });
  tidings.on("users");
  await tidings.start();
  return {
    async post(items) {
      const body = delivery(...items);
      const answer = await tidings.fetch(
        new Request("https://tidings.example/notifications", { method: "POST", body }),
      );
      expect(answer.status).toBe(202);
    },
    [Symbol.asyncDispose]: async () => tidings.stop(),
  };
}

const item = (n: number, changes: Record<string, unknown> = {}): Record<string, unknown> =>
  userItem(n, { keyring, subscriptionKey }, changes);
const items = (from: number, count: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, n) => item(from + n));

/** Graph's ids of the notifications of {@link items}. */
const ids = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `notification-${from + n}`).toSorted();

type ToldName = "records:stored" | "record:refused" | "source:failed" | "items:refused";

interface Reading extends AsyncDisposable {
  readonly tidings: Tidings;
  /** Graph's ids, in the order they were handled. */
  readonly handled: string[];
  readonly told: { [Name in ToldName]: TidingsEvents[Name][] };
}

async function read(sources: readonly SourceProvider[], open?: () => Promise<Store>): Promise<Reading> {
  const provider = memory();
  const store = open === undefined ? provider : { ...provider, open };
  const tidings = new Tidings({ ...APP_OPTIONS, store, sources });
  const handled: string[] = [];
  const told: Reading["told"] = {
    "records:stored": [],
    "record:refused": [],
    "source:failed": [],
    "items:refused": [],
  };
  tidings.events.on("records:stored", (event) => told["records:stored"].push(event));
  tidings.events.on("record:refused", (event) => told["record:refused"].push(event));
  tidings.events.on("source:failed", (event) => told["source:failed"].push(event));
  tidings.events.on("items:refused", (event) => told["items:refused"].push(event));
  tidings.on("users", ({ raw }) => void handled.push(JSON.stringify(raw["id"] ?? "none").slice(1, -1)));
  await tidings.start();
  return {
    tidings,
    handled,
    told,
    [Symbol.asyncDispose]: async () => tidings.stop(),
  };
}

function sourceOf(topic: string, groupId = topic): SourceProvider {
  return kafka({ brokers: [broker.address], topic, groupId, sessionTimeoutMs: 6_000 });
}

async function write(topic: string, value: string, headers: Record<string, string> = {}): Promise<void> {
  const connection = { brokers: [broker.address] };
  const settings = { connection, deadlineMs: 10_000, maxMessageBytes: 1_000_000 };
  const producer = createProducer({ ...settings, clock: systemClock, compression: "none" });
  expect((await producer.produce([{ topic, key: "k", value, headers }])).size).toBe(0);
  await producer.close();
}

const WAIT = { timeout: 30_000, interval: 50 };

describe.skipIf(!hasBroker)("a topic as a source (needs java and mvn)", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    broker = await startBroker();
  }, 60_000);

  afterAll(async () => broker[Symbol.asyncDispose]());

  it("brings to handlers what receivers forwarded, once", async () => {
    await broker.createTopic("once", { partitions: 3 });
    await using forwarder = await forwarderTo("once");
    await forwarder.post(items(0, 20));
    await forwarder.post(items(10, 20));
    await using app = await read([sourceOf("once")]);
    await vi.waitFor(() => expect(app.handled).toHaveLength(30), WAIT);
    expect(app.handled.toSorted()).toEqual(ids(0, 30));
    const stored = app.told["records:stored"];
    expect(stored.reduce((sum, { recordCount }) => sum + recordCount, 0)).toBe(40);
    expect(stored.reduce((sum, { duplicateCount }) => sum + duplicateCount, 0)).toBe(10);
  });

  it("passes over what no secret of ours signed, and says so", async () => {
    await broker.createTopic("forged");
    await using forwarder = await forwarderTo("forged");
    await forwarder.post([item(1)]);
    const [authentic] = await readTopic(broker.address, "forged", 1);
    const value = String(authentic?.value);
    const headers = { ...authentic?.headers };
    // The same word under another key, another word under the same proof, none, and no proof at all.
    await write("forged", value, headers);
    await write("forged", value.replace("notification-1", "notification-9"), headers);
    await write("forged", "", headers);
    await write("forged", value);
    await write("forged", delivery(item(7, { clientState: "v1.abcdefgh.abc.def" })));
    await forwarder.post([item(2)]);
    await using app = await read([sourceOf("forged")]);
    await vi.waitFor(() => expect(app.handled).toHaveLength(2), WAIT);
    expect(app.handled).toEqual(ids(1, 2));
    expect(app.told["record:refused"].map(({ offset, reason }) => [offset, reason])).toEqual([
      ["1", "unproved"],
      ["2", "unproved"],
      ["3", "unproved"],
      ["4", "unreadable"],
    ]);
    expect(app.told["items:refused"]).toEqual([{ reasons: { "client-state": 1 } }]);
  });

  it("may be an event hub that Graph itself writes to", async () => {
    await broker.createTopic("hub");
    await write("hub", delivery(item(1), item(2)));
    await using app = await read([sourceOf("hub")]);
    await vi.waitFor(() => expect(app.handled.toSorted()).toEqual(ids(1, 2)), WAIT);
  });

  it("is read again from what was committed, where what nothing else tells apart is told by its place", async () => {
    await broker.createTopic("again");
    const anonymous = { id: undefined, resourceData: undefined, resource: "Users" };
    await using forwarder = await forwarderTo("again");
    await forwarder.post([item(1, anonymous), item(1, anonymous)]);
    await using app = await read([sourceOf("again", "first"), sourceOf("again", "second")]);
    await vi.waitFor(() => expect(app.told["records:stored"].length).toBeGreaterThan(1), WAIT);
    await vi.waitFor(() => expect(app.handled.length).toBeGreaterThan(1), WAIT);
    await sleep(200);
    expect(app.handled).toHaveLength(2);
  });

  it("waits, with nothing committed, while the store takes nothing", async () => {
    await broker.createTopic("waiting");
    await using forwarder = await forwarderTo("waiting");
    await forwarder.post(items(0, 10));
    const provider = memory();
    let isDown = true;
    const open = async (): Promise<Store> => {
      const store = await provider.open();
      const append: Store["append"] = async (...args) => {
        if (isDown) throw new StoreError("away");
        return store.append(...args);
      };
      return new Proxy(store, {
        get: (its, name) => {
          const value: unknown = name === "append" ? append : Reflect.get(its, name);
          return typeof value === "function" && name !== "append" ? value.bind(its) : value;
        },
      });
    };
    {
      await using app = await read([sourceOf("waiting")], open);
      await vi.waitFor(() => expect(app.told["source:failed"].length).toBeGreaterThan(2), WAIT);
      expect(app.handled).toEqual([]);
    }
    isDown = false;
    await using app = await read([sourceOf("waiting")]);
    await vi.waitFor(() => expect(app.handled.toSorted()).toEqual(ids(0, 10)), WAIT);
  });

  it("is shared by three consumers that come and go: nothing is lost, nothing handled twice", async () => {
    await broker.createTopic("shared", { partitions: 6 });
    await using forwarder = await forwarderTo("shared");
    const store = await memory().open();
    const shared = async (): Promise<Store> => store;
    const gates = [0, 1, 2].map(() => ({ close: async () => {} }));
    const sources = gates.map((gate): SourceProvider => {
      const source = sourceOf("shared");
      return {
        ...source,
        async connect(clock) {
          const consumer = await source.connect(clock);
          gate.close = async () => consumer.close();
          return consumer;
        },
      };
    });
    await using app = await read(sources, shared);
    for (let round = 0; round < 12; round += 1) {
      await forwarder.post(items(round * 50, 50));
      await gates[round % 3]?.close();
      await sleep(100);
    }
    await vi.waitFor(() => expect(app.handled.length).toBeGreaterThanOrEqual(600), WAIT);
    await sleep(300);
    expect(app.handled.toSorted()).toEqual(ids(0, 600));
  });

  it("loses nothing when the process dies between store and commit", async () => {
    await broker.createTopic("killed", { partitions: 2 });
    await using forwarder = await forwarderTo("killed");
    const folder = mkdtempSync(join(tmpdir(), "tidings-topic-"));
    const [storePath, logPath] = [join(folder, "tidings.db"), join(folder, "log")];
    const handled = (): string[] =>
      existsSync(logPath) ? readFileSync(logPath, "utf8").trim().split("\n").filter(Boolean) : [];
    const start = (): ReturnType<typeof fork> =>
      fork(APP, [broker.address, "killed", storePath, logPath], {
        execArgv: ["--conditions=@tidings/source"],
      });
    let kills = 0;
    for (let round = 0; round < 3; round += 1) {
      await forwarder.post(items(round * 100, 100));
      const app = start();
      // Told after the rows are written, and before the commit is asked for.
      await once(app, "message");
      app.kill("SIGKILL");
      await once(app, "exit");
      kills += 1;
    }
    const last = start();
    await vi.waitFor(() => expect(new Set(handled()).size).toBe(300), WAIT);
    last.kill("SIGKILL");
    await once(last, "exit");
    process.stdout.write(`${kills} consumers killed, ${handled().length} calls for 300 notifications\n`);
    expect([...new Set(handled())].toSorted()).toEqual(ids(0, 300));
    rmSync(folder, { recursive: true });
  });
});
