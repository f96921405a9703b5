import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { GraphRefusedError, GraphUnreachableError } from "../core/errors.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { GraphClient, type GraphClientOptions } from "./graph-client.ts";

const SCOPE = "https://graph.microsoft.com/.default";
const NOW = Date.UTC(2026, 9, 21, 7, 28, 0);

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

interface Server {
  readonly origin: string;
  readonly received: Received[];
}

/** A server that answers with the replies in turn, and with the last from then on. */
async function serve(
  ...replies: (Reply | ((origin: string) => Reply) | "hang up" | "silence")[]
): Promise<Server> {
  const received: Received[] = [];
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const turn = replies[Math.min(received.length, replies.length - 1)] ?? {};
    const reply = typeof turn === "function" ? turn(origin) : turn;
    const { method, url, headers } = request;
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
    received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    if (reply === "hang up") {
      response.destroy();
      return;
    }
    if (reply === "silence") return;
    const { status = 200, body } = reply;
    response.writeHead(status, { connection: "close", ...reply.headers });
    response.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
  }
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${portOf(server)}`;
  return { origin, received };
}

function portOf(server: HttpServer): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected the server to listen");
  return address.port;
}

/** A client whose tokens name their tenant and are numbered. */
function clientOf(
  { origin }: Pick<Server, "origin">,
  options: Partial<GraphClientOptions> = {},
): { client: GraphClient; tokens: string[]; clock: FakeClock } {
  const tokens: string[] = [];
  const clock = new FakeClock(NOW);
  const client = new GraphClient({
    credential: {
      getToken: async (_, options) => {
        tokens.push(`${options?.tenantId ?? "own"}-${tokens.length + 1}`);
        return { token: tokens.at(-1) ?? "", expiresOnTimestamp: NOW + 3_600_000 };
      },
    },
    scope: SCOPE,
    baseUrl: `${origin}/v1.0`,
    clock,
    ...options,
  });
  return { client, tokens, clock };
}

describe("a request to Graph", () => {
  it("carries the token and asks for JSON", async () => {
    const server = await serve({ body: { id: "1" } });
    const { client } = clientOf(server);
    expect(await client.request("GET", "users/1?$select=id")).toEqual({ id: "1" });
    expect(server.received).toMatchObject([
      {
        method: "GET",
        url: "/v1.0/users/1?$select=id",
        headers: { authorization: "Bearer own-1", accept: "application/json" },
        body: "",
      },
    ]);
    expect(server.received[0]?.headers).not.toHaveProperty("content-type");
  });

  it("carries its body as JSON, and the headers it is given", async () => {
    const server = await serve({ status: 201, body: { id: "1" } });
    const { client } = clientOf(server);
    const headers = { prefer: 'IdType="ImmutableId"' };
    await client.request("POST", "subscriptions", { body: { resource: "users" }, headers });
    expect(server.received).toMatchObject([
      {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: '{"resource":"users"}',
      },
    ]);
  });

  it("uses the token of its tenant", async () => {
    const server = await serve({});
    const { client } = clientOf(server);
    await client.request("GET", "users", { tenantId: "a" });
    await client.request("GET", "users", { tenantId: "b" });
    await client.request("GET", "users", { tenantId: "a" });
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer a-1",
      "Bearer b-2",
      "Bearer a-1",
    ]);
  });

  it.each([
    ["users/1", "/v1.0/users/1"],
    ["/users/1", "/v1.0/users/1"],
    ["users/a/messages/AAMk%2FAD+=", "/v1.0/users/a/messages/AAMk%2FAD+="],
    ["chats/19:a_b@unq.gbl.spaces/messages/1", "/v1.0/chats/19:a_b@unq.gbl.spaces/messages/1"],
    // https://learn.microsoft.com/graph/api/onlinemeeting-get
    [
      "me/onlineMeetings?$filter=JoinWebUrl eq 'https://teams.microsoft.com/l'",
      "/v1.0/me/onlineMeetings?$filter=JoinWebUrl%20eq%20%27https://teams.microsoft.com/l%27",
    ],
  ])("goes below the base URL: %s", async (path, url) => {
    const server = await serve({ body: {} });
    await clientOf(server).client.request("GET", path);
    expect(server.received).toMatchObject([{ url }]);
  });

  it("may be given a whole URL on its host, of another version too", async () => {
    const server = await serve({ body: {} });
    await clientOf(server).client.request("GET", `${server.origin}/beta/users?$skiptoken=1`);
    expect(server.received).toMatchObject([{ url: "/beta/users?$skiptoken=1" }]);
  });

  it.each([
    ["of no body", { status: 204 }],
    ["of an empty body", { body: "" }],
  ])("gives nothing for an answer %s", async (_, reply) => {
    expect(await clientOf(await serve(reply)).client.request("DELETE", "subscriptions/1")).toBeUndefined();
  });

  it("that is refused tells everything Graph said", async () => {
    const server = await serve({
      status: 403,
      headers: { "request-id": "b9d4b1b4", "retry-after": "7" },
      body: { error: { code: "ExtensionError", message: "App has reached its limit", innerError: {} } },
    });
    const refusal = clientOf(server).client.request("POST", "subscriptions?secret=1", { body: {} });
    await expect(refusal).rejects.toBeInstanceOf(GraphRefusedError);
    await expect(refusal).rejects.toMatchObject({
      method: "POST",
      path: "/v1.0/subscriptions",
      status: 403,
      graphCode: "ExtensionError",
      graphMessage: "App has reached its limit",
      requestId: "b9d4b1b4",
      retryAfterMs: 7_000,
    });
  });

  it.each([
    ["an HTML page", "<html>Bad gateway</html>"],
    ["nothing", undefined],
    ["a list", []],
    ["an error that is a text", { error: "invalid_request" }],
    ["an error of other types", { error: { code: 7, message: null } }],
    ["JSON without an error", { message: "no" }],
  ])("that is refused with %s has a status and nothing else", async (_, body) => {
    const server = await serve({ status: 502, body });
    await expect(clientOf(server).client.request("GET", "users")).rejects.toMatchObject({
      status: 502,
      retryable: true,
      graphCode: undefined,
      graphMessage: undefined,
      requestId: undefined,
      retryAfterMs: undefined,
    });
  });

  it("that is throttled says until when, by date too", async () => {
    const headers = { "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT" };
    const server = await serve({ status: 429, headers });
    const { client } = clientOf(server);
    await expect(client.request("GET", "users", { maxWaitMs: 0 })).rejects.toMatchObject({
      status: 429,
      retryable: true,
      retryAfterMs: 30_000,
    });
  });

  it("that is refused with 401 drops the token of its tenant", async () => {
    const server = await serve({}, {}, { status: 401 }, {});
    const { client } = clientOf(server);
    await client.request("GET", "users", { tenantId: "a" });
    await client.request("GET", "users", { tenantId: "b" });
    await expect(client.request("GET", "users", { tenantId: "a" })).rejects.toMatchObject({ status: 401 });
    await client.request("GET", "users", { tenantId: "a" });
    await client.request("GET", "users", { tenantId: "b" });
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer a-1",
      "Bearer b-2",
      "Bearer a-1",
      "Bearer a-3",
      "Bearer b-2",
    ]);
  });

  it.each([403, 404, 500])("that is refused with %i keeps the token", async (status) => {
    const { client, tokens } = clientOf(await serve({ status }, {}));
    await expect(client.request("GET", "users")).rejects.toMatchObject({ status });
    await client.request("GET", "users");
    expect(tokens).toEqual(["own-1"]);
  });

  it("to another host is refused before a token is asked for", async () => {
    const elsewhere = await serve({ body: {} });
    const { client, tokens } = clientOf({ origin: "http://127.0.0.1:1" });
    await expect(client.request("GET", `${elsewhere.origin}/v1.0/users`)).rejects.toThrow(
      new TypeError(
        `Expected a URL on http://127.0.0.1:1, where the token belongs, got one on ${elsewhere.origin}`,
      ),
    );
    expect(tokens).toEqual([]);
    expect(elsewhere.received).toEqual([]);
  });

  it.each(["//127.0.0.1:1/users", "/\\127.0.0.1:1/users", "@127.0.0.1:1/users", ":1@127.0.0.1:1/users"])(
    "stays on its host: %j",
    async (path) => {
      const server = await serve({ body: {} });
      await clientOf(server).client.request("GET", path);
      expect(server.received).toHaveLength(1);
    },
  );

  it.each([301, 302, 307, 308])("does not follow a redirect: %i", async (status) => {
    const elsewhere = await serve({ body: { id: "stolen" } });
    const server = await serve({ status, headers: { location: `${elsewhere.origin}/v1.0/users` } });
    await expect(clientOf(server).client.request("GET", "users")).rejects.toBeInstanceOf(
      GraphUnreachableError,
    );
    expect(elsewhere.received).toEqual([]);
  });

  it("that gets no connection says so", async () => {
    // Port 1 of the machine itself: nothing listens there.
    const { client } = clientOf({ origin: "http://127.0.0.1:1" });
    const failure = client.request("GET", "users?secret=1");
    await expect(failure).rejects.toBeInstanceOf(GraphUnreachableError);
    await expect(failure).rejects.toMatchObject({
      message: "Graph did not answer GET /v1.0/users",
      cause: { message: "fetch failed" },
    });
  });

  it("that gets no answer says so", async () => {
    const server = await serve("hang up");
    await expect(clientOf(server).client.request("GET", "users")).rejects.toBeInstanceOf(
      GraphUnreachableError,
    );
  });

  it("without a token is not sent", async () => {
    const server = await serve({ body: {} });
    const client = new GraphClient({
      credential: { getToken: async () => null },
      scope: SCOPE,
      baseUrl: `${server.origin}/v1.0`,
      clock: new FakeClock(NOW),
    });
    await expect(client.request("GET", "users")).rejects.toMatchObject({ code: "ERR_CREDENTIAL" });
    expect(server.received).toEqual([]);
  });

  it("shares one token among many at the same time", async () => {
    const server = await serve({ body: {} });
    const { client, tokens } = clientOf(server);
    await Promise.all([client.get("users/1"), client.get("users/2"), client.get("users/3")]);
    expect(tokens).toEqual(["own-1"]);
  });
});

describe("an answer", () => {
  it("that is no JSON is an error, and not taken for nothing", async () => {
    const { client } = clientOf(await serve({ body: "<html>Sign in to the network</html>" }));
    await expect(client.get("users/1")).rejects.toMatchObject({
      code: "ERR_GRAPH_ANSWER",
      fault: "not-json",
      retryable: true,
      message:
        "Graph answered GET /v1.0/users/1 with something that is not JSON: a proxy's page, or content to be had in another way",
    });
  });

  it("of more than it may have is not read to its end", async () => {
    const server = await serve({ body: { text: "x".repeat(10_000_000) } });
    const { client } = clientOf(server, { maxAnswerBytes: 1_000 });
    await expect(client.get("users/1")).rejects.toMatchObject({
      code: "ERR_GRAPH_ANSWER",
      fault: "too-large",
      retryable: false,
    });
  });

  it("of just what it may have is read", async () => {
    const body = { text: "x".repeat(100) };
    const maxAnswerBytes = JSON.stringify(body).length;
    expect(await clientOf(await serve({ body }), { maxAnswerBytes }).client.get("users/1")).toEqual(body);
  });

  it("that takes too long is given up", async () => {
    const { client } = clientOf(await serve("silence"), { timeoutMs: 50 });
    await expect(client.get("users/1")).rejects.toMatchObject({
      code: "ERR_GRAPH_UNREACHABLE",
      cause: { name: "TimeoutError" },
    });
  });

  it("that nobody waits for any more is given up with the caller's reason", async () => {
    const { client } = clientOf(await serve("silence"));
    const giveUp = new AbortController();
    const reading = client.get("users/1", { signal: giveUp.signal });
    giveUp.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });

  it("is given up when the client's own signal aborts", async () => {
    const stop = new AbortController();
    const { client } = clientOf(await serve("silence"), { signal: stop.signal });
    const reading = client.get("users/1");
    stop.abort();
    await expect(reading).rejects.toBeInstanceOf(GraphUnreachableError);
    // Waiting for a budget is no way around it.
    await expect(client.get("users/1")).rejects.toBeInstanceOf(GraphUnreachableError);
  });
});

describe("a request that is throttled", () => {
  it("goes again when Graph says, and so do others that share what was used up", async () => {
    const server = await serve({ status: 429, headers: { "retry-after": "2.128" } }, { body: { id: "1" } });
    const { client, clock } = clientOf(server);
    const first = client.request("PATCH", "subscriptions/1", { body: {}, tenantId: "a" });
    await vi.waitFor(() => expect(server.received).toHaveLength(1));
    await client.request("PATCH", "subscriptions/3", { body: {}, tenantId: "b" });
    const second = client.request("PATCH", "subscriptions/2", { body: {}, tenantId: "a" });
    await passUntilReceived(clock, server, 4, 2_127 + 100);
    expect(await Promise.all([first, second])).toEqual([{ id: "1" }, { id: "1" }]);
    expect(server.received.map(({ url }) => url?.slice(-1))).toEqual(["1", "3", "1", "2"]);
  });

  it("in all tenants, as Graph says, parks the app", async () => {
    const headers = { "retry-after": "30", "x-ms-throttle-scope": "Application/ReadWrite/app/tenant" };
    const { client } = clientOf(await serve({ status: 429, headers }, {}));
    await expect(client.get("users/1", { tenantId: "a", maxWaitMs: 0 })).rejects.toMatchObject({
      status: 429,
    });
    await expect(client.get("users/1", { tenantId: "b", maxWaitMs: 29_999 })).rejects.toMatchObject({
      code: "ERR_GRAPH_THROTTLED",
      retryAfterMs: 30_000,
      message:
        "GET /v1.0/users/1 was not sent: it would wait too long for Graph's limits. Graph asked for 30000 ms more.",
    });
    // The directory is not the subscriptions API.
    await client.request("PATCH", "subscriptions/1", { tenantId: "b", maxWaitMs: 0 });
  });

  it("counts for a tenant however it is named", async () => {
    const tid = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
    const server = await serve({ status: 429, headers: { "retry-after": "30" } }, {});
    const claims = Buffer.from(JSON.stringify({ tid })).toString("base64url");
    const { client } = clientOf(server, {
      credential: { getToken: async () => ({ token: `h.${claims}.s`, expiresOnTimestamp: NOW + 3_600_000 }) },
    });
    await expect(client.get("users/1", { maxWaitMs: 0 })).rejects.toMatchObject({ status: 429 });
    await expect(client.get("users/1", { tenantId: tid, maxWaitMs: 0 })).rejects.toMatchObject({
      code: "ERR_GRAPH_THROTTLED",
    });
  });

  it("again and again is refused for good", async () => {
    const server = await serve({ status: 429, headers: { "retry-after": "0" } });
    await expect(clientOf(server).client.get("drives/1")).rejects.toMatchObject({ status: 429 });
    expect(server.received).toHaveLength(9);
  });

  it.each([503, 504])(
    "with %i is repeated when it reads, and when Graph says for how long",
    async (status) => {
      const server = await serve({ status, headers: { "retry-after": "0" } }, { body: {} });
      expect(await clientOf(server).client.get("users/1")).toEqual({});
      const write = clientOf(await serve({ status, headers: { "retry-after": "0" } }, {})).client;
      await expect(write.request("PATCH", "users/1", { body: {} })).rejects.toMatchObject({ status });
      const silent = clientOf(await serve({ status }, {})).client;
      await expect(silent.get("users/1")).rejects.toMatchObject({ status });
    },
  );
});

it("of requests that wait for one budget the one that is due first goes first", async () => {
  const server = await serve({});
  const { client, clock } = clientOf(server);
  const dueAts = [5, 3, 4, 1, 2];
  await client.request("GET", "chats/1/messages/0", { tenantId: "a" });
  const all = dueAts.map(async (dueAt) =>
    client.request("GET", `chats/1/messages/${dueAt}`, { dueAt, tenantId: "a" }),
  );
  await passUntilReceived(clock, server, 6, 5_000);
  await Promise.all(all);
  expect(server.received.map(({ url }) => url?.slice(-1))).toEqual(["0", "1", "2", "3", "4", "5"]);
});

/** Lets time pass in small steps, since the network takes none of the clock's; fails when it takes more than `maxMs`. */
async function passUntilReceived(
  clock: FakeClock,
  server: Server,
  count: number,
  maxMs: number,
): Promise<void> {
  const endsAt = clock.now() + maxMs;
  while (server.received.length < count && clock.now() < endsAt) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.advance(10);
  }
  expect(server.received).toHaveLength(count);
}

describe("reading one resource", () => {
  it("gives its JSON", async () => {
    expect(await clientOf(await serve({ body: { id: "1" } })).client.get("users/1")).toEqual({ id: "1" });
  });

  it("gives undefined when it is gone", async () => {
    const body = { error: { code: "Request_ResourceNotFound", message: "…" } };
    expect(await clientOf(await serve({ status: 404, body })).client.get("users/1")).toBeUndefined();
  });

  it.each([400, 401, 403, 410, 429, 500])("fails with any other refusal: %i", async (status) => {
    const { client } = clientOf(await serve({ status }));
    await expect(client.get("users/1", { maxWaitMs: 0 })).rejects.toMatchObject({ status });
  });
});

describe("reading a collection", () => {
  it("follows next links to the end, item by item", async () => {
    const server = await serve(
      (origin) => ({ body: { value: ["a", "b"], "@odata.nextLink": `${origin}/v1.0/users?$skiptoken=X` } }),
      { body: { value: ["c"] } },
    );
    const items = clientOf(server).client.pages("users?$top=2", { tenantId: "t", headers: { prefer: "x" } });
    expect(await Array.fromAsync(items)).toEqual(["a", "b", "c"]);
    expect(server.received).toMatchObject([
      { url: "/v1.0/users?$top=2", headers: { authorization: "Bearer t-1", prefer: "x" } },
      { url: "/v1.0/users?$skiptoken=X", headers: { authorization: "Bearer t-1", prefer: "x" } },
    ]);
  });

  it("asks for a page when it is needed, not before", async () => {
    const server = await serve((origin) => ({
      body: { value: ["a"], "@odata.nextLink": `${origin}/v1.0/users?$skiptoken=X` },
    }));
    for await (const item of clientOf(server).client.pages("users")) {
      expect(item).toBe("a");
      break;
    }
    expect(server.received).toHaveLength(1);
  });

  it.each([
    ["no items", { value: [] }, []],
    ["no value", {}, []],
    ["a value that is no list", { value: "a" }, []],
    ["a next link that is no text", { value: ["a"], "@odata.nextLink": null }, ["a"]],
    ["a list for an answer", ["a"], []],
    ["nothing", undefined, []],
  ])("ends at a page with %s", async (_, body, items) => {
    const { client } = clientOf(await serve({ body }));
    expect(await Array.fromAsync(client.pages("users"))).toEqual(items);
  });

  it("refuses a next link to another host, and sends no token there", async () => {
    const elsewhere = await serve({ body: { value: ["stolen"] } });
    const next = `${elsewhere.origin}/v1.0/users?$skiptoken=X`;
    const server = await serve({ body: { value: ["a"], "@odata.nextLink": next } });
    const seen: unknown[] = [];
    const reading = async (): Promise<void> => {
      for await (const item of clientOf(server).client.pages("users")) seen.push(item);
    };
    await expect(reading()).rejects.toMatchObject({
      code: "ERR_GRAPH_ANSWER",
      fault: "foreign-link",
      retryable: false,
    });
    expect(seen).toEqual(["a"]);
    expect(elsewhere.received).toEqual([]);
  });

  it("fails when a page is refused", async () => {
    const { client } = clientOf(await serve({ status: 404 }));
    await expect(Array.fromAsync(client.pages("users"))).rejects.toMatchObject({ status: 404 });
  });
});

it("a client sends with the fetch it is given, and never follows a redirect", async () => {
  const sent: [url: string, redirect: string | undefined][] = [];
  const { client } = clientOf(
    { origin: "https://graph.example" },
    {
      fetch: async (url, { redirect }) => {
        sent.push([url.href, redirect]);
        return Response.json({ id: "1" });
      },
    },
  );
  expect(await client.get("users/1")).toEqual({ id: "1" });
  expect(sent).toEqual([["https://graph.example/v1.0/users/1", "error"]]);
});

describe("the client's tenant", () => {
  it("is the one its token names", async () => {
    const tid = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
    const claims = Buffer.from(JSON.stringify({ tid })).toString("base64url");
    const client = new GraphClient({
      credential: { getToken: async () => ({ token: `h.${claims}.s`, expiresOnTimestamp: NOW }) },
      scope: SCOPE,
      baseUrl: "http://127.0.0.1:1/v1.0",
      clock: new FakeClock(NOW),
    });
    expect(await client.tenantId()).toBe(tid);
  });
});
