import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Tidings } from "../../src/app/tidings.ts";
import type { TidingsEvents } from "../../src/core/events.ts";
import { subscriptionKeyOf } from "../../src/core/subscription.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { createEndpointProbe } from "../../src/host/endpoint-probe.ts";
import type { Listening } from "../../src/host/node/listen.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { delivery, SECRET, slowBody, TENANT_ID, userItem } from "../support/deliveries.ts";

let folder: string;
let tidings: Tidings;
let servers: Listening[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-listening-"));
  servers = [];
});

afterEach(async () => {
  await tidings.stop();
  await Promise.all(servers.map(async (server) => server.close()));
  rmSync(folder, { recursive: true });
});

/** An app that is reached at a path of its own, and whose Graph cannot be. */
function createApp(options: { readonly hasStore?: boolean } = {}): Tidings {
  tidings = new Tidings({
    name: "listening",
    tenantId: TENANT_ID,
    publicUrl: "https://tidings.example/graph",
    secret: SECRET,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    ...(options.hasStore !== false && {
      store: sqlite(join(folder, "tidings.db"), { allowEphemeral: true }),
    }),
    credential: {
      async getToken() {
        throw new Error("nobody signs in here");
      },
    },
  });
  tidings.on("users", { changeType: "updated" }, () => {});
  return tidings;
}

async function listen(): Promise<string> {
  const server = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
  servers.push(server);
  return server.url;
}

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const answer = await fetch(url, init);
  await answer.arrayBuffer();
  return answer.status;
}

async function endpointHealth() {
  const health = await tidings.health();
  if (health.state !== "running") throw new Error(`It is ${health.state}`);
  return health.endpoint;
}

const target = { tenantId: TENANT_ID, path: "users", query: "" };
const keyring = createKeyring([SECRET]);
const item = userItem(1, { keyring, subscriptionKey: subscriptionKeyOf("listening", target, sha256) });
/** Authentic, and nobody's: to be sent again for as long as the app has not said all it declares. */
const unwanted = userItem(1, { keyring, subscriptionKey: "another-key-of-22-char" });

async function statuses(url: string, path = "/notifications"): Promise<Record<string, number>> {
  return {
    handshake: await statusOf(`${url}${path}?validationToken=abc`, { method: "POST" }),
    delivery: await statusOf(`${url}${path}`, { method: "POST", body: delivery(item) }),
    ready: await statusOf(`${url}/readyz`),
  };
}

const RECEIVING = { handshake: 200, delivery: 202, ready: 200 };

async function expectReceiving(url: string): Promise<void> {
  await vi.waitFor(async () => expect(await statuses(url)).toEqual(RECEIVING), 5_000);
}

describe("an app that listens in a thread", () => {
  it.each(["/notifications", "/graph/notifications"])(
    "answers handshakes at %s before it has started, and asks deliveries to come again",
    async (path) => {
      createApp();
      const url = await listen();
      expect(await statuses(url, path)).toEqual({ handshake: 200, delivery: 503, ready: 503 });
      expect(await statusOf(`${url}/elsewhere`, { method: "POST" })).toBe(404);
    },
  );

  it.each(["/notifications", "/graph/notifications", "/notifications/lifecycle"])(
    "proves itself at %s before it has started",
    async (path) => {
      createApp();
      const url = await listen();
      expect(await createEndpointProbe().check(url + path)).toMatchObject({ kind: "proved" });
      expect(await createEndpointProbe().check(`${url}/elsewhere`)).toMatchObject({ status: 404 });
    },
  );

  it("takes the public URL that only its host knows", async () => {
    createApp();
    const options = { port: 0, hostname: "127.0.0.1" };
    const server = await tidings.listen(options, { publicUrl: "https://tidings.example/host" });
    servers.push(server);
    expect(await statuses(server.url, "/host/notifications")).toMatchObject({
      handshake: 200,
      delivery: 503,
    });
  });

  it.each(["start", "drain", "reconcileOnce"] as const)("receives when %s() came first", async (open) => {
    createApp();
    // Nobody can sign in, which is reconcileOnce's to say.
    await tidings[open]().catch(() => {});
    const url = await listen();
    await tidings.start();
    await expectReceiving(url);
  });

  it("knows what nobody wants when the app had said all it declares before", async () => {
    createApp();
    await tidings.start();
    await vi.waitFor(async () => {
      const body = new TextEncoder().encode(delivery(unwanted));
      const { status } = await tidings.receive({ method: "POST", url: "/notifications", headers: {}, body });
      expect(status).toBe(202);
    });
    const url = await listen();
    expect(await statusOf(`${url}/notifications`, { method: "POST", body: delivery(unwanted) })).toBe(202);
  });

  it("tells of the subscriptions it heard from when it stops", async () => {
    createApp();
    const heard = vi.fn<(event: TidingsEvents["subscriptions:heard"]) => void>();
    tidings.events.on("subscriptions:heard", heard);
    const url = await listen();
    await tidings.start();
    await expectReceiving(url);
    expect(heard).not.toHaveBeenCalled();
    await tidings.stop();
    expect(heard).toHaveBeenCalledExactlyOnceWith({
      heard: [
        {
          key: subscriptionKeyOf("listening", target, sha256),
          id: item["subscriptionId"],
          heardAt: expect.closeTo(Date.now(), -4),
          expiresAt: Date.parse(String(item["subscriptionExpirationDateTime"])),
        },
      ],
    });
  });

  it("knows in its main thread how fast the other one answers", async () => {
    createApp();
    const slow = vi.fn<(event: TidingsEvents["endpoint:slow"]) => void>();
    tidings.events.on("endpoint:slow", slow);
    const url = await listen();
    await tidings.start();
    await expectReceiving(url);
    await vi.waitFor(async () =>
      expect(await endpointHealth()).toMatchObject({ answered: 1, slowShare: 0, slowSince: undefined }),
    );
    const bodies = Array.from({ length: 20 }, () => slowBody(delivery(item), 1_600));
    await Promise.all(
      bodies.map(async (body) => statusOf(`${url}/notifications`, { method: "POST", body, duplex: "half" })),
    );
    await vi.waitFor(() =>
      expect(slow.mock.calls).toEqual([[{ share: 19 / 20, overMs: 1_500, since: expect.any(Number) }]]),
    );
    await vi.waitFor(async () => expect(await endpointHealth()).toMatchObject({ answered: 21 }));
    expect(await endpointHealth()).toMatchObject({
      slowShare: 20 / 21,
      slowSince: slow.mock.calls[0]?.[0].since,
    });
  });

  it("receives on a second port, and on the one that is left", async () => {
    createApp();
    const first = await listen();
    await tidings.start();
    const second = await listen();
    await expectReceiving(first);
    await expectReceiving(second);
    await servers[0]?.close();
    await expectReceiving(second);
    await expectReceiving(await listen());
  });
});

it("a start that is refused for its store leaves that closed, and may be tried again", async () => {
  createApp({ hasStore: false });
  const url = await listen();
  const close = vi.fn<Store["close"]>();
  const provider = {
    ...memory(),
    async open() {
      const store = await memory().open();
      close.mockImplementation(store.close.bind(store));
      return Object.assign(store, { close });
    },
  };
  await expect(tidings.start({ store: provider })).rejects.toThrow(/^Expected `start` to be given a store/);
  expect(close).toHaveBeenCalledOnce();
  await tidings.start({ store: sqlite(join(folder, "tidings.db"), { allowEphemeral: true }) });
  await expectReceiving(url);
});
