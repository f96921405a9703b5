import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { answerFetch } from "../src/app/fetch.ts";
import { RouteCache, type ReadRoute } from "../src/app/routes.ts";
import type { ReceivedRequest } from "../src/core/answer.ts";
import { StoreError } from "../src/core/errors.ts";
import { MAX_DELIVERY_BYTES, MAX_DELIVERY_ITEMS } from "../src/core/delivery.ts";
import type { HeardSubscription, Report } from "../src/core/events.ts";
import type { InboxItem, TokenSet } from "../src/core/inbox.ts";
import { sha256 } from "../src/crypto/hash.ts";
import { createKeyring } from "../src/crypto/keyring.ts";
import { listen, type Listening } from "../src/host/node/listen.ts";
import { TELL_EVERY_MS } from "../src/receiver/hearing.ts";
import { createReceiver } from "../src/receiver/receiver.ts";
import { FakeClock } from "../src/testing/fake-clock.ts";
import { delivery, SECRET, slowBody, userItem } from "./support/deliveries.ts";

const SUBSCRIPTION_KEY = "subscription-key-22-ch";
const keyring = createKeyring([SECRET]);

function createWorld() {
  const appended: InboxItem[][] = [];
  const tokenSets: (TokenSet | undefined)[] = [];
  const refused: unknown[] = [];
  const heard: (readonly HeardSubscription[])[] = [];
  const tookMs: number[] = [];
  const clock = new FakeClock(1_000);
  const routes = new RouteCache();
  void routes.complete();
  void routes.set({
    subscriptionKey: SUBSCRIPTION_KEY,
    wants: [{ declaration: "users", definition: "users", changeTypes: ["updated", "deleted"], params: {} }],
  });
  const store = {
    isBroken: false,
    async append(items: readonly InboxItem[], tokens?: TokenSet) {
      if (store.isBroken) throw new StoreError("the disk is gone");
      appended.push([...items]);
      tokenSets.push(tokens);
      return { storedCount: items.length, duplicateCount: 0 };
    },
  };
  const receiver = createReceiver({
    paths: () => ["/notifications"],
    parts: () => ({ keyring, hash: sha256, routes, store, clock }),
    report: (...[name, event]: Parameters<Report>) => {
      if (name === "items:refused") refused.push(event.reasons);
      if (name === "subscriptions:heard") heard.push(event.heard);
      if (name === "delivery:stored") tookMs.push(event.tookMs);
    },
  });
  return { appended, tokenSets, routes, refused, heard, tookMs, clock, store, ...receiver };
}

type World = ReturnType<typeof createWorld>;
type Reply = { status: number; headers: Record<string, string>; body: string };
interface Sent {
  readonly url?: string;
  readonly method?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}
type Send = (sent: Sent) => Promise<Reply>;

const servers: Listening[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

/** Three ways to the one receiver; every case holds on each of them. */
const WAYS: readonly { readonly name: string; readonly open: (world: World) => Promise<Send> }[] = [
  {
    name: "receive()",
    open:
      async (world) =>
      async ({ url = "/notifications", method = "POST", body = "", headers = {} }) => {
        const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
        return world.receive({ url, method, headers, body: bytes });
      },
  },
  {
    name: "fetch",
    open:
      async (world) =>
      async ({ url = "/notifications", method = "POST", body, headers = {} }) => {
        const response = await answerFetch(
          new Request(`https://tidings.example${url}`, {
            method,
            headers,
            ...(body === undefined ? {} : { body }),
          }),
          async (request: ReceivedRequest) => world.receive(request),
        );
        return {
          status: response.status,
          headers: Object.fromEntries(response.headers),
          body: await response.text(),
        };
      },
  },
  {
    name: "node:http",
    open: async (world) => {
      const server = await listen(world, { port: 0, hostname: "127.0.0.1" });
      servers.push(server);
      return async ({ url = "/notifications", method = "POST", body, headers = {} }) => {
        const response = await fetch(server.url + url, {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
        });
        return {
          status: response.status,
          headers: Object.fromEntries(response.headers),
          body: await response.text(),
        };
      };
    },
  },
];

const good = (n: number, changes?: Record<string, unknown>) =>
  userItem(n, { keyring, subscriptionKey: SUBSCRIPTION_KEY }, changes);

/** Printable ASCII, all of it, and what stands beyond. */
const EVERY_PRINTABLE = `${String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index))} äß 中 😀`;

describe.each(WAYS)("the receiver through $name", ({ open }) => {
  it.each(["/notifications", "/notifications/v1.a.demo.b.c", "/notifications/lifecycle/v1.a.demo.b.c"])(
    "echoes exactly the decoded token, as plain text, at %s",
    async (path) => {
      const world = createWorld();
      const send = await open(world);
      const query = new URLSearchParams({ validationToken: EVERY_PRINTABLE });
      const reply = await send({
        url: `${path}?${query.toString()}`,
        headers: { "content-type": "text/plain; charset=utf-8" },
      });
      expect(reply).toMatchObject({ status: 200, body: EVERY_PRINTABLE });
      expect(reply.headers).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "x-content-type-options": "nosniff",
      });
    },
  );

  it("takes + for a space and %2B for a plus", async () => {
    const send = await open(createWorld());
    const reply = await send({ url: "/notifications?sig=1&validationToken=Validation%3A+a%2Bb%25" });
    expect(reply.body).toBe("Validation: a+b%");
  });

  it.each([
    ["over 2 KB", `validationToken=${"x".repeat(2049)}`],
    ["empty", "validationToken="],
    ["given twice", "validationToken=a&validationToken=b"],
    ["with a line end", "validationToken=a%0D%0ASet-Cookie%3A%20b"],
    ["with a null", "validationToken=a%00b"],
  ])("refuses a token that is %s", async (_, query) => {
    const send = await open(createWorld());
    expect(await send({ url: `/notifications?${query}` })).toMatchObject({ status: 400, body: "" });
  });

  it("stores a delivery of 5 in one append, in order, and answers 202 with nothing", async () => {
    const world = createWorld();
    const send = await open(world);
    const reply = await send({ body: delivery(...[1, 2, 3, 4, 5].map((n) => good(n))) });
    expect(reply).toMatchObject({ status: 202, body: "" });
    expect(world.appended).toHaveLength(1);
    expect(world.appended[0]?.map(({ body }) => body.raw["id"])).toEqual(
      [1, 2, 3, 4, 5].map((n) => `notification-${n}`),
    );
  });

  it("never stores a client state", async () => {
    const world = createWorld();
    const send = await open(world);
    await send({ body: delivery(good(1)) });
    expect(world.appended).toHaveLength(1);
    expect(JSON.stringify(world.appended)).not.toContain(good(1)["clientState"]);
    expect(JSON.stringify(world.appended)).not.toContain("clientState");
  });

  it("takes 4 of 5 when one is forged, counts it, and answers as if it were good", async () => {
    const world = createWorld();
    const send = await open(world);
    const forged = good(3, { clientState: "v1.AAAAAAAA.subscription-key-22-ch.forged" });
    const mixed = await send({ body: delivery(good(1), good(2), forged, good(4), good(5)) });
    const allGood = await send({ body: delivery(good(6)) });
    const allForged = await send({ body: delivery(forged) });
    expect(world.appended.map((items) => items.length)).toEqual([4, 1]);
    expect(world.refused).toEqual([{ "client-state": 1 }, { "client-state": 1 }]);
    const withoutDate = ({ status, headers, body }: Reply) => ({
      status,
      body,
      headers: { ...headers, date: "" },
    });
    expect(withoutDate(mixed)).toEqual(withoutDate(allGood));
    expect(withoutDate(allForged)).toEqual(withoutDate(allGood));
  });

  it.each([
    ["missing", undefined],
    ["null", null],
    ["a number", 5],
    ["empty", ""],
    ["128 characters", "x".repeat(128)],
    ["a megabyte", "x".repeat(1_000_000)],
    ["not ASCII", "v1.ключ.секрет.😀"],
    ["right but for its last character", `${String(good(1)["clientState"]).slice(0, -1)}-`],
    ["of another tenant", "of another tenant"],
  ])("refuses a client state that is %s", async (what, clientState) => {
    const world = createWorld();
    const send = await open(world);
    const item =
      what === "of another tenant"
        ? good(1, { tenantId: "11111111-1111-4111-8111-111111111111" })
        : good(1, { clientState });
    expect(await send({ body: delivery(item) })).toMatchObject({ status: 202, body: "" });
    expect(world.appended).toEqual([]);
    expect(world.refused).toEqual([{ "client-state": 1 }]);
  });

  it.each([
    ["nothing", "", 400],
    ["no JSON", "{", 400],
    ["a JSON null", "null", 400],
    ["a list", "[]", 400],
    ["an object without value", "{}", 400],
    ["a value that is no list", '{"value":{}}', 400],
    ["an empty list", '{"value":[]}', 202],
    ["items that are none", '{"value":[null,1,"x",[]]}', 202],
    ["invalid UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400],
    ["a depth of 10,000 around it", `${"[".repeat(10_000)}${"]".repeat(10_000)}`, 400],
    ["a depth of 10,000 inside an item", `{"value":[{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}]}`, 202],
    [
      "too many items",
      `{"value":[${Array.from({ length: MAX_DELIVERY_ITEMS + 1 }, () => "{}").join()}]}`,
      413,
    ],
    ["too many bytes", `{"value":[]}${" ".repeat(MAX_DELIVERY_BYTES)}`, 413],
  ])("answers %s as documented, and takes the next delivery", async (_, body, status) => {
    const world = createWorld();
    const send = await open(world);
    expect(await send({ body })).toMatchObject({ status, body: "" });
    expect(world.appended).toEqual([]);
    expect(await send({ body: delivery(good(1)) })).toMatchObject({ status: 202 });
    expect(world.appended).toHaveLength(1);
  });

  it("tells of refused items once for a delivery, however many they are", async () => {
    const world = createWorld();
    const send = await open(world);
    const items = [
      ...Array.from({ length: MAX_DELIVERY_ITEMS - 2 }, () => 0),
      good(1, { clientState: "" }),
      good(2),
    ];
    expect(await send({ body: delivery(...items) })).toMatchObject({ status: 202 });
    expect(world.refused).toEqual([{ "not-an-object": MAX_DELIVERY_ITEMS - 2, "client-state": 1 }]);
  });

  it("tells once in 10 s of the subscriptions it heard from, and believes only what is authentic", async () => {
    const world = createWorld();
    const send = await open(world);
    const expiring = (at: string) => ({ subscriptionId: "s1", subscriptionExpirationDateTime: at });
    const forged = { ...expiring("2030-01-01T00:00:00Z"), clientState: "guess" };
    await send({ body: delivery(good(1, expiring("2026-01-01T00:00:00Z")), good(2, forged)) });
    const lifecycle = {
      ...expiring("2026-01-02T00:00:00Z"),
      lifecycleEvent: "missed",
      changeType: undefined,
    };
    await send({ url: "/notifications/lifecycle", body: delivery(good(3, lifecycle), good(4, forged)) });
    expect(world.heard).toEqual([]);
    await world.clock.advance(TELL_EVERY_MS);
    expect(world.heard).toEqual([
      [{ key: SUBSCRIPTION_KEY, id: "s1", heardAt: 1_000, expiresAt: Date.UTC(2026, 0, 2) }],
    ]);
  });

  it("takes 10,000 items at once", async () => {
    const world = createWorld();
    const send = await open(world);
    const minimal = ({ clientState, tenantId, subscriptionId }: Record<string, unknown>) => ({
      clientState,
      tenantId,
      subscriptionId,
      changeType: "updated",
    });
    const items = Array.from({ length: MAX_DELIVERY_ITEMS }, () => minimal(good(1)));
    expect(await send({ body: delivery(...items) })).toMatchObject({ status: 202 });
    expect(world.appended[0]).toHaveLength(MAX_DELIVERY_ITEMS);
  });

  it("takes an item with __proto__ keys for what it says, and changes no prototype", async () => {
    const world = createWorld();
    const send = await open(world);
    const poisoned = delivery(good(1)).replace(
      '"resourceData":{',
      '"__proto__":{"polluted":true},"resourceData":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},',
    );
    expect(await send({ body: poisoned })).toMatchObject({ status: 202 });
    expect(world.appended).toHaveLength(1);
    expect(Object.hasOwn({}, "polluted") || "polluted" in {}).toBe(false);
    expect(JSON.stringify(world.appended)).not.toContain("__proto__");
  });

  it("answers 503 with a time to come again when it cannot store, and takes the next", async () => {
    const world = createWorld();
    const send = await open(world);
    world.store.isBroken = true;
    expect(await send({ body: delivery(good(1)) })).toMatchObject({
      status: 503,
      headers: { "retry-after": "5" },
      body: "",
    });
    world.store.isBroken = false;
    expect(await send({ body: delivery(good(1)) })).toMatchObject({ status: 202 });
  });

  it.each([
    ["another path", { url: "/elsewhere" }, 404],
    ["a path that only begins alike", { url: "/notifications-of-others" }, 404],
    ["a path below the mark", { url: "/notifications/a/b" }, 404],
    ["GET", { method: "GET" }, 405],
    ["GET with a token", { method: "GET", url: "/notifications?validationToken=x" }, 405],
    ["a compressed body", { body: "x", headers: { "content-encoding": "gzip" } }, 415],
  ])("answers %s", async (_, sent, status) => {
    const send = await open(createWorld());
    expect(await send(sent)).toMatchObject({ status, body: "" });
  });
});

describe("the time an answer took", () => {
  it("counts from receive() on, by the clock, when nobody knows since when the request comes", async () => {
    const world = createWorld();
    const body = new TextEncoder().encode(delivery(good(1)));
    const request = { method: "POST", url: "/notifications", headers: {}, body };
    await world.receive(request);
    await world.receive({ ...request, ageMs: () => 1_234 });
    expect(world.tookMs).toEqual([0, 1_234]);
  });

  it("has in it the time the body took to come: through node:http", async () => {
    const world = createWorld();
    const server = await listen(world, { port: 0, hostname: "127.0.0.1" });
    servers.push(server);
    const body = slowBody(delivery(good(1)), 200);
    await fetch(`${server.url}/notifications`, { method: "POST", body, duplex: "half" });
    expect(world.tookMs).toHaveLength(1);
    expect(world.tookMs[0]).toBeGreaterThanOrEqual(190);
  });

  it("has in it the time the body took to come: through fetch", async () => {
    const world = createWorld();
    const body = slowBody(delivery(good(1)), 200);
    const url = "https://tidings.example/notifications";
    await answerFetch(new Request(url, { method: "POST", body, duplex: "half" }), async (request) =>
      world.receive(request),
    );
    expect(world.tookMs).toHaveLength(1);
    expect(world.tookMs[0]).toBeGreaterThanOrEqual(190);
  });
});

describe("the Node host", () => {
  /** Sends without a content-length, and reports how many bytes it got rid of before the answer came. */
  async function stream(
    url: string,
    totalBytes: number,
  ): Promise<{ status: number | undefined; written: number }> {
    const chunk = Buffer.alloc(64 * 1024, 0x20);
    return new Promise((resolve, reject) => {
      let written = 0;
      const request = httpRequest(url, { method: "POST" }, (response) => {
        response.resume();
        resolve({ status: response.statusCode, written });
        request.destroy();
      });
      request.on("error", reject);
      const writeMore = (): void => {
        if (written >= totalBytes || request.destroyed) return;
        written += chunk.length;
        request.write(chunk, writeMore);
      };
      writeMore();
    });
  }

  it("stops reading a body of 20 MB without a length soon after the limit, and lives on", async () => {
    const world = createWorld();
    const server = await listen(world, { port: 0, hostname: "127.0.0.1" });
    servers.push(server);
    const { status, written } = await stream(`${server.url}/notifications`, 20 * 1024 * 1024);
    expect(status).toBe(413);
    expect(written).toBeLessThan(16 * 1024 * 1024);
    const next = await fetch(`${server.url}/notifications`, { method: "POST", body: delivery(good(1)) });
    expect(next.status).toBe(202);
  });

  it("answers a body announced as 20 MB before it is sent", async () => {
    const server = await listen(createWorld(), { port: 0, hostname: "127.0.0.1" });
    servers.push(server);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(
        `${server.url}/notifications`,
        { method: "POST", headers: { "content-length": String(20 * 1024 * 1024) } },
        (response) => {
          resolve(response.statusCode);
          request.destroy();
        },
      );
      request.on("error", reject);
      request.flushHeaders();
    });
    expect(status).toBe(413);
  });

  const QUICK = { requestTimeout: 300, headersTimeout: 200, connectionsCheckingInterval: 50 };

  it.each([
    ["headers", "POST /notifications HTTP/1.1\r\nHost: x\r\n"],
    ["a body", "POST /notifications HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"],
  ])("cuts off a sender that never ends %s", async (_, text) => {
    const world = createWorld();
    const server = await listen(world, { port: 0, hostname: "127.0.0.1" }, { patience: QUICK });
    servers.push(server);
    const socket = connect(server.port, "127.0.0.1");
    const ended = once(socket, "end");
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.write(text);
    await ended;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    socket.destroy();
  });

  it("bears a sender that breaks off in the middle", async () => {
    const world = createWorld();
    const server = await listen(world, { port: 0, hostname: "127.0.0.1" });
    servers.push(server);
    await new Promise<void>((resolve) => {
      const request = httpRequest(`${server.url}/notifications`, {
        method: "POST",
        headers: { "content-length": "1000" },
      });
      request.on("error", () => resolve());
      request.write("{", () => request.destroy(new Error("gone")));
    });
    const next = await fetch(`${server.url}/notifications`, { method: "POST", body: delivery(good(1)) });
    expect(next.status).toBe(202);
  });
});

describe("a receiver whose store does not answer", () => {
  it("answers 503 within 2.5 s, and those that come after at once", async () => {
    const clock = new FakeClock();
    const routes = new RouteCache();
    await routes.set({
      subscriptionKey: SUBSCRIPTION_KEY,
      wants: [{ declaration: "users", definition: "users", changeTypes: ["updated"], params: {} }],
    });
    const store = {
      append: async () => {
        await clock.sleep(30_000);
        return { storedCount: 1, duplicateCount: 0 };
      },
    };
    const tookMs: number[] = [];
    const receiver = createReceiver({
      paths: () => ["/notifications"],
      parts: () => ({ keyring, hash: sha256, routes, store, clock }),
      report: (...[name, event]: Parameters<Report>) => {
        if (name === "delivery:failed") tookMs.push(event.tookMs);
      },
    });
    const answers: { status: number; ms: number }[] = [];
    const send = async (n: number): Promise<void> => {
      const startedAt = clock.now();
      const body = new TextEncoder().encode(delivery(good(n)));
      const { status } = await receiver.receive({ method: "POST", url: "/notifications", headers: {}, body });
      answers.push({ status, ms: clock.now() - startedAt });
    };
    void send(1);
    await clock.advance(2_500);
    expect(answers).toEqual([{ status: 503, ms: 2_000 }]);
    expect(receiver.isReady()).toBe(false);
    void send(2);
    await clock.advance(500);
    void send(3);
    await clock.advance(0);
    expect(answers.slice(1)).toEqual([{ status: 503, ms: 0 }]);
    expect(tookMs).toEqual([2_000, 0]);
  });
});

describe("a route that is not at hand", () => {
  const request = { method: "POST", url: "/notifications", headers: {} };
  const known = {
    subscriptionKey: SUBSCRIPTION_KEY,
    wants: [{ declaration: "users", definition: "users", changeTypes: ["updated" as const], params: {} }],
  };

  async function createReading(read: ReadRoute) {
    const world = createWorld();
    const asked: string[] = [];
    const clock = new FakeClock();
    const routes = new RouteCache(async (key) => {
      asked.push(key);
      return read(key);
    });
    await routes.complete();
    const receiver = createReceiver({
      paths: () => ["/notifications"],
      parts: () => ({ keyring, hash: sha256, routes, store: world.store, clock }),
      report: () => {},
    });
    const send = async (...items: readonly Record<string, unknown>[]) =>
      receiver.receive({ ...request, body: new TextEncoder().encode(delivery(...items)) });
    return { send, asked, clock, appended: world.appended };
  }

  it("is read once for a delivery, and then at hand", async () => {
    const { send, asked, appended } = await createReading(async () => known);
    expect(await send(good(1), good(2))).toMatchObject({ status: 202 });
    expect(await send(good(3))).toMatchObject({ status: 202 });
    expect(appended.map((rows) => rows.length)).toEqual([2, 1]);
    expect(asked).toEqual([SUBSCRIPTION_KEY]);
  });

  it("is not asked for by what we did not sign", async () => {
    const { send, asked, appended } = await createReading(async () => known);
    expect(await send({ ...good(1), clientState: "v1.a.subscription-key-22-ch.mac" })).toMatchObject({
      status: 202,
    });
    expect(asked).toEqual([]);
    expect(appended).toEqual([]);
  });

  it("refuses what nobody wants any more", async () => {
    const { send, appended } = await createReading(async () => undefined);
    expect(await send(good(1))).toMatchObject({ status: 202 });
    expect(appended).toEqual([]);
  });

  it("is asked to come again while the store fails, or is late", async () => {
    const failing = await createReading(async () => {
      throw new StoreError("the disk is gone");
    });
    expect(await failing.send(good(1))).toMatchObject({ status: 503 });
    const late = await createReading(async () => new Promise(() => {}));
    const answer = late.send(good(1));
    await late.clock.advance(2_000);
    expect(await answer).toMatchObject({ status: 503 });
  });
});

describe("a receiver whose process has yet to say what it declares", () => {
  it("asks for what it does not know to be sent again, rather than to refuse it", async () => {
    const world = createWorld();
    const unknown = { keyring, subscriptionKey: "another-key-of-22-char" };
    const body = (n: number) => new TextEncoder().encode(delivery(userItem(n, unknown)));
    const routes = new RouteCache();
    const receiver = createReceiver({
      paths: () => ["/notifications"],
      parts: () => ({ keyring, hash: sha256, routes, store: world.store, clock: new FakeClock() }),
      report: () => {},
    });
    const request = { method: "POST", url: "/notifications", headers: {} };
    expect(await receiver.receive({ ...request, body: body(1) })).toMatchObject({ status: 503 });
    await routes.complete();
    expect(await receiver.receive({ ...request, body: body(1) })).toMatchObject({ status: 202 });
    expect(world.appended).toEqual([]);
  });
});

describe("the tokens of a delivery", () => {
  const item = (n: number): object => userItem(n, { keyring, subscriptionKey: SUBSCRIPTION_KEY });
  const send = async (world: World, body: object): Promise<number> => {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const answer = await world.receive({ url: "/notifications", method: "POST", headers: {}, body: bytes });
    return answer.status;
  };
  const validationTokens = ["first.token.signed", "second.token.signed"];
  const wants = [
    { declaration: "users", definition: "users", changeTypes: ["updated" as const], params: {} },
  ];

  it("are kept once with all its items that need them", async () => {
    const world = createWorld();
    await world.routes.set({ subscriptionKey: SUBSCRIPTION_KEY, isRich: true, wants });
    expect(await send(world, { value: [item(1), item(2)], validationTokens })).toBe(202);
    const key = sha256(JSON.stringify(validationTokens));
    expect(world.appended[0]?.map(({ tokensKey }) => tokensKey)).toEqual([key, key]);
    expect(world.tokenSets).toEqual([{ key, tokens: validationTokens }]);
  });

  it.each([
    { name: "no item needs them", isRich: false, forged: false },
    { name: "what needs them is a stranger's", isRich: true, forged: true },
  ])("are not kept when $name", async ({ isRich, forged }) => {
    const world = createWorld();
    if (isRich) await world.routes.set({ subscriptionKey: SUBSCRIPTION_KEY, isRich: true, wants });
    const value = [forged ? { ...item(1), clientState: "guessed" } : item(1)];
    expect(await send(world, { value, validationTokens })).toBe(202);
    expect(world.tokenSets.filter((set) => set !== undefined)).toEqual([]);
  });

  it("may be missing: what needs them is kept, to be seen", async () => {
    const world = createWorld();
    await world.routes.set({ subscriptionKey: SUBSCRIPTION_KEY, isRich: true, wants });
    expect(await send(world, { value: [item(1)], validationTokens: null })).toBe(202);
    expect(world.appended[0]).toMatchObject([{ body: { isRich: true }, tokensKey: undefined }]);
  });
});
