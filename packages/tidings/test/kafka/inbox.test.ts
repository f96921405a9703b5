import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Tidings } from "../../src/app/tidings.ts";
import type { ConsumedMessage } from "../../src/core/ports/kafka.ts";
import type { TidingsEventName } from "../../src/core/events.ts";
import { subscriptionKeyOf } from "../../src/core/subscription.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { kafka, type KafkaInboxOptions } from "../../src/kafka/inbox.ts";
import { delivery, SECRET, TENANT_ID, userItem } from "../support/deliveries.ts";
import { hasBroker, startBroker, type Broker } from "../support/kafka-broker.ts";
import { readTopic } from "../support/kafka-topic.ts";

const APP = new URL("../support/forwarding-app.ts", import.meta.url).pathname;
const keyring = createKeyring([SECRET]);
const subscriptionKey = subscriptionKeyOf(
  "forwarding",
  { tenantId: TENANT_ID, path: "users", query: "" },
  sha256,
);

let broker: Broker;

interface World extends AsyncDisposable {
  readonly tidings: Tidings;
  readonly told: TidingsEventName[];
  post(body: string): Promise<{ readonly status: number; readonly ms: number }>;
}

async function forwardTo(topic: string, options: Partial<KafkaInboxOptions> = {}): Promise<World> {
  const tidings = new Tidings({
    name: "forwarding",
    publicUrl: "https://tidings.example",
    secret: SECRET,
    credential: { getToken: async () => null },
    inbox: kafka({ brokers: [broker.address], topic, ...options }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const told: TidingsEventName[] = [];
  for (const name of ["inbox:unreachable", "inbox:recovered", "delivery:failed"] as const)
    tidings.events.on(name, () => told.push(name));
  tidings.on("users");
  await tidings.start();
  return {
    tidings,
    told,
    async post(body) {
      const startedAt = performance.now();
      const request = new Request("https://tidings.example/notifications", { method: "POST", body });
      const { status } = await tidings.fetch(request);
      return { status, ms: performance.now() - startedAt };
    },
    [Symbol.asyncDispose]: async () => tidings.stop(),
  };
}

const item = (n: number, changes: Record<string, unknown> = {}): Record<string, unknown> =>
  userItem(n, { keyring, subscriptionKey }, changes);

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50);
}

describe.skipIf(!hasBroker)("an inbox in Kafka (needs java and mvn)", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    broker = await startBroker();
  }, 60_000);

  afterAll(async () => broker[Symbol.asyncDispose]());

  it("has each item of a delivery by the time of the 202, without its client state", async () => {
    await broker.createTopic("forwarded", { partitions: 3 });
    await using app = await forwardTo("forwarded");
    const lifecycle = { lifecycleEvent: "missed", changeType: undefined, resource: undefined };
    const answer = await app.post(delivery(item(1), item(2), item(3, lifecycle)));
    expect(answer.status).toBe(202);
    const records = await readTopic(broker.address, "forwarded", 3);
    const byKey = new Map(records.map((record) => [String(record.key), record]));
    const userId = "00000000-0000-4000-8000-000000000001";
    const record = byKey.get(`${subscriptionKey} users/${userId}`);
    expect(JSON.parse(String(record?.value))).toEqual({
      version: 1,
      subscriptionKey,
      receivedAt: record?.headers["tidings-received-at"],
      source: "webhook",
      notification: { ...JSON.parse(JSON.stringify(item(1))), clientState: undefined },
    });
    expect(record?.headers).toEqual({
      "content-type": "application/json",
      "tidings-subscription-key": subscriptionKey,
      "tidings-subscription-id": item(1)["subscriptionId"],
      "tidings-tenant-id": TENANT_ID,
      "tidings-change-type": "updated",
      "tidings-resource": `Users/${userId}`,
      "tidings-idempotency-key": expect.stringMatching(/^[\w-]{43}$/),
      "tidings-received-at": expect.stringMatching(/^\d{4}-.*Z$/),
      "tidings-source": "webhook",
      "tidings-proof": expect.stringMatching(/^v1\./),
    });
    expect(byKey.get(subscriptionKey)?.headers["tidings-lifecycle-event"]).toBe("missed");
    expect(JSON.stringify(records.map(({ value }) => String(value)))).not.toContain("clientState");
  });

  it("gets nothing that is forged, and what stands beside it all the same", async () => {
    await broker.createTopic("forged");
    await using app = await forwardTo("forged");
    const forged = item(1, { clientState: "v1.abcdefgh.abc.def" });
    const ofAnother = item(2, { tenantId: "00000000-0000-4000-8000-00000000000a" });
    expect((await app.post(delivery(forged, ofAnother))).status).toBe(202);
    expect((await app.post(delivery(forged, item(3), ofAnother))).status).toBe(202);
    const records = await readTopic(broker.address, "forged", 1);
    expect(records.map(({ offset }) => offset)).toEqual([0n]);
    expect(String(records[0]?.key)).toContain("000000000003");
  });

  it("that takes no more is known at once, and that it does again, too", async () => {
    const own = await startBroker();
    await using _ = own;
    await own.createTopic("down");
    await using app = await forwardTo("down", { brokers: [own.address] });
    expect((await app.post(delivery(item(1)))).status).toBe(202);
    await own.kill();
    const first = await app.post(delivery(item(2)));
    expect(first.status).toBe(503);
    expect(first.ms).toBeLessThan(2_500);
    const known = [];
    for (let n = 0; n < 30; n += 1) {
      known.push(await app.post(delivery(item(2))));
      await sleep(50);
    }
    expect(known.map(({ status }) => status)).toEqual(Array(30).fill(503));
    const slowest = Math.max(...known.map(({ ms }) => ms));
    say(`broker down: the slowest 503 took ${slowest.toFixed(1)} ms once it was known`);
    expect(slowest).toBeLessThan(100);
    const ready = await app.tidings.fetch(new Request("https://tidings.example/readyz"));
    expect(ready.status).toBe(503);
    await own.restart();
    await until(async () => (await app.post(delivery(item(3)))).status === 202);
    expect(app.told.filter((name) => name.startsWith("inbox:"))).toEqual([
      "inbox:unreachable",
      "inbox:recovered",
    ]);
  });

  it("that cannot be reached at the start is waited for, while handshakes are answered", async () => {
    await using app = await forwardTo("later", { deadlineMs: 500 });
    expect((await app.post(delivery(item(1)))).status).toBe(503);
    const handshake = await app.tidings.fetch(
      new Request("https://tidings.example/notifications?validationToken=abc", { method: "POST" }),
    );
    expect(handshake.status).toBe(200);
    await broker.createTopic("later");
    await until(async () => (await app.post(delivery(item(1)))).status === 202);
  });

  it("refuses what is too large as a whole, and the next is taken", async () => {
    await broker.createTopic("large");
    await using app = await forwardTo("large", { maxMessageBytes: 10_000 });
    const large = item(1, { id: "x".repeat(20_000) });
    expect((await app.post(delivery(large))).status).toBe(503);
    expect((await app.post(delivery(item(2)))).status).toBe(202);
  });

  it("has every notification that three receivers answered 202, killed at random, over a broker that dies", async () => {
    const own = await startBroker();
    await using _ = own;
    await own.createTopic("killed", { partitions: 3 });
    const acknowledged = new Set<number>();
    const over = new AbortController();
    let next = 0;
    let kills = 0;
    const receivers: (Receiver | undefined)[] = [];
    const replace = async (place: number): Promise<void> => {
      receivers[place] = await startReceiver(own.address, "killed");
    };
    await Promise.all([0, 1, 2].map(async (place) => replace(place)));
    const sending = Array.from({ length: 6 }, async (__, sender) => {
      while (!over.signal.aborted) {
        next += 2;
        const numbers = [next - 1, next];
        const body = delivery(...numbers.map((n) => item(n)));
        const url = receivers[sender % 3]?.url;
        const status = url === undefined ? 0 : await statusOf(url, body);
        if (status === 202) for (const n of numbers) acknowledged.add(n);
        else await sleep(20);
      }
    });
    for (let round = 0; round < 4; round += 1) {
      await sleep(200 + Math.random() * 500);
      const place = Math.floor(Math.random() * 3);
      const victim = receivers[place];
      receivers[place] = undefined;
      victim?.child.kill("SIGKILL");
      kills += 1;
      if (round === 1) {
        await own.kill();
        await own.restart();
      }
      await replace(place);
    }
    await sleep(500);
    over.abort();
    await Promise.all(sending);
    for (const receiver of receivers) receiver?.child.kill("SIGKILL");
    const notIn = (records: readonly ConsumedMessage[]): number[] => {
      const found = new Set(records.map(({ key }) => Number(String(key).slice(-12))));
      return [...acknowledged].filter((n) => !found.has(n));
    };
    const records = await readTopic(own.address, "killed", (read) => notIn(read).length === 0);
    say(`${acknowledged.size} acknowledged, ${kills} receivers killed, ${records.length} in the topic`);
    expect(acknowledged.size).toBeGreaterThan(100);
    expect(notIn(records)).toEqual([]);
  });
});

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

interface Receiver {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startReceiver(address: string, topic: string): Promise<Receiver> {
  const child = fork(APP, [address, topic], { execArgv: ["--conditions=@tidings/source"] });
  const [port]: unknown[] = await once(child, "message");
  return { child, url: `http://127.0.0.1:${String(port)}` };
}

/** 0 when no answer came. */
async function statusOf(url: string, body: string): Promise<number> {
  try {
    const answer = await fetch(`${url}/notifications`, {
      method: "POST",
      body,
      signal: AbortSignal.timeout(10_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}
