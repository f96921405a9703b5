import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { KeysUnavailableError, StoreError } from "../core/errors.ts";
import type { PlannedSubscription } from "../core/planned-subscription.ts";
import type { TidingsEventName, TidingsEvents } from "../core/events.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { createAdminApi } from "./admin-api.ts";
import type { Applied } from "../core/applied.ts";
import type {
  AdminApp,
  DeadLetterState,
  KeysState,
  SubscriptionFilter,
  SubscriptionState,
} from "./admin-app.ts";
import { HEARTBEAT_MS, MAX_WAITING_BYTES } from "./event-stream.ts";
import { EVENT_NAMES } from "./told-event.ts";

const TOKEN = "token-of-more-than-thirty-two-characters";
const ROUTES = [
  ["GET", "/health"],
  ["GET", "/subscriptions"],
  ["POST", "/subscriptions/renew"],
  ["GET", "/plan"],
  ["POST", "/apply"],
  ["GET", "/keys"],
  ["POST", "/keys/reload"],
  ["POST", "/keys/rotate-secret"],
  ["GET", "/dead"],
  ["POST", "/dead/redrive"],
  ["POST", "/dead/purge"],
  ["POST", "/tenants/purge"],
  ["POST", "/replay"],
  ["GET", "/events"],
] as const;

function letter(id: number): DeadLetterState {
  return {
    id: String(id),
    declaration: "users",
    resourceKey: `users/${id}`,
    attempts: 1,
    error: "Permanent: no",
    receivedAt: 1_000,
    diedAt: 2_000,
  };
}

function subscription(key: string): SubscriptionState {
  return {
    key,
    state: "failing",
    id: undefined,
    tenantId: "tenant",
    userId: undefined,
    resource: "users",
    declarations: ["users"],
    changeTypes: [],
    expiresAt: undefined,
    heardAt: undefined,
    nextActionAt: 3_000,
    failures: 1,
    parked: undefined,
    gap: undefined,
  };
}

const APPLIED: Applied = {
  created: 2,
  adopted: 0,
  renewed: 0,
  replaced: 0,
  removed: 0,
  kept: 1,
  failed: 0,
  parked: 0,
  left: 0,
  problems: [],
};

const KEYS: KeysState = {
  certificates: [
    {
      id: "one",
      role: "encrypts",
      notAfter: 5_000,
      subscriptions: 3,
      unusedSince: undefined,
      isRemovable: false,
    },
  ],
  secrets: [],
  richSubscriptions: 3,
  unknownSubscriptions: 0,
};

/** An app that does as told, and remembers what it was asked. */
function world({ letterCount = 0, state = "running" }: { letterCount?: number; state?: string } = {}) {
  const emitter = new EventEmitter().setMaxListeners(0);
  const clock = new FakeClock();
  const redrive = vi.fn<AdminApp["deadLetters"]["redrive"]>(async () => 3);
  const purge = vi.fn<AdminApp["deadLetters"]["purge"]>(async () => 4);
  const purgeTenant = vi.fn<AdminApp["tenants"]["purge"]>(async () => ({
    subscriptions: 1,
    waiting: 2,
    dead: 3,
    history: 4,
  }));
  const list = vi.fn<(filter: object) => void>();
  const replay = vi.fn<AdminApp["replay"]>(async () => ({ runId: "run", count: 5 }));
  const pages = vi.fn<(filter: SubscriptionFilter) => readonly (readonly SubscriptionState[])[]>(() => []);
  const renew = vi.fn<AdminApp["subscriptions"]["renew"]>(async (id) => id === "known");
  const plan = vi.fn<(options: object) => Iterable<PlannedSubscription>>(() => []);
  const apply = vi.fn<AdminApp["subscriptions"]["apply"]>(async () => APPLIED);
  const listKeys = vi.fn<AdminApp["keys"]["list"]>(async () => KEYS);
  const reload = vi.fn<AdminApp["keys"]["reload"]>(async () => undefined);
  const rotateSecret = vi.fn<AdminApp["keys"]["rotateSecret"]>(async ({ force }) => ({
    keyId: "12345678",
    isMade: true,
    isForced: force,
  }));
  const app: AdminApp = {
    name: "crm-sync",
    keys: { list: listKeys, reload, rotateSecret },
    health: async () => ({ state, ...(state === "running" ? { inbox: { waiting: 1, dead: 2 } } : {}) }),
    subscriptions: {
      async *pages(filter) {
        yield* pages(filter);
      },
      renew,
      async *plan(options) {
        yield* plan(options);
      },
      apply,
    },
    deadLetters: {
      async *list({ after = 0, ...filter }) {
        list({ after, ...filter });
        for (let id = after + 1; id <= letterCount; id += 1) yield letter(id);
      },
      redrive,
      purge,
    },
    tenants: { purge: purgeTenant },
    replay,
    events: {
      on(name, listener) {
        emitter.on(name, listener);
        return () => void emitter.off(name, listener);
      },
    },
  };
  const api = createAdminApi({ app, token: TOKEN, clock });
  return {
    api,
    clock,
    list,
    redrive,
    purge,
    purgeTenant,
    replay,
    pages,
    renew,
    plan,
    apply,
    reload,
    rotateSecret,
    emit<Name extends TidingsEventName>(name: Name, event: TidingsEvents[Name]) {
      emitter.emit(name, event);
    },
    listenerCount: () => EVENT_NAMES.reduce((total, name) => total + emitter.listenerCount(name), 0),
    get: async (path: string) => api(request("GET", path)),
    post: async (path: string, body: unknown) => api(request("POST", path, { body: JSON.stringify(body) })),
  };
}

function request(
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string | ReadableStream } = {},
): Request {
  return new Request(`http://127.0.0.1:3001${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(method === "POST" ? { "content-type": "application/json" } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body, duplex: "half" }),
  });
}

/** Status and error of an answer. */
async function refusalOf(answer: Response): Promise<unknown> {
  const body: unknown = await answer.json();
  expect(Object.keys(Object(body))).toEqual(["error"]);
  expect(Object.keys(Reflect.get(Object(body), "error")).toSorted()).toEqual(["code", "message"]);
  return { status: answer.status, ...Reflect.get(Object(body), "error") };
}

describe("the token of the admin API", () => {
  it.each(ROUTES)("is needed for %s %s, and nothing happens without it", async (method, path) => {
    const { api, list, redrive, purge, replay, pages, renew, plan, apply, listenerCount } = world();
    const body = method === "POST" ? { body: '{"all":true}' } : {};
    const answer = await api(request(method, path, { headers: { authorization: "" }, ...body }));
    expect(answer.status).toBe(401);
    for (const act of [list, redrive, purge, replay, pages, renew, plan, apply])
      expect(act).not.toHaveBeenCalled();
    expect(listenerCount()).toBe(0);
  });

  it("is answered alike when it is missing, wrong, nearly right, or in another scheme, whatever the path", async () => {
    const { api } = world();
    const answers = await Promise.all(
      [
        "",
        "Bearer",
        "Bearer x",
        `Bearer ${TOKEN}x`,
        `Bearer ${TOKEN.slice(0, -1)}`,
        `Basic ${TOKEN}`,
        TOKEN,
      ].flatMap((authorization) =>
        ["/health", "/nowhere", "/dead?limit=x"].map(async (path) => {
          const answer = await api(request("GET", path, { headers: { authorization } }));
          return JSON.stringify([answer.status, [...answer.headers], await answer.text()]);
        }),
      ),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('401,[["cache-control","no-store"]');
    expect(answers[0]).toContain('["www-authenticate","Bearer"]');
  });

  it("may come under `bearer` in any case", async () => {
    const { api } = world();
    const answer = await api(request("GET", "/health", { headers: { authorization: `bearer ${TOKEN}` } }));
    expect(answer.status).toBe(200);
  });

  it.each(["", "short", "x".repeat(31), `${"x".repeat(40)} y`, `${"x".repeat(40)}ö`])(
    "is refused at the start as %j, and not repeated",
    (token) => {
      const { api: _, ...rest } = world();
      expect(rest.clock).toBeDefined();
      const create = () => createAdminApi({ app: Object(null), token });
      expect(create).toThrow(/^Expected an admin token of at least 32 characters of A-Z .*, got one of \d+$/);
    },
  );
});

describe("a request to the admin API", () => {
  it.each(["localhost", "localhost:3001", "127.0.0.1:3001", "127.1.2.3", "[::1]:3001", "LOCALHOST"])(
    "is taken under the Host %s",
    async (host) => {
      const { api } = world();
      expect((await api(request("GET", "/health", { headers: { host } }))).status).toBe(200);
    },
  );

  it.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1@evil.example",
    "10.0.0.1",
    "localhost:3001:1",
    "localhost.",
    "",
  ])("is refused under the Host %j, token or not", async (host) => {
    const { api } = world();
    for (const authorization of [`Bearer ${TOKEN}`, ""]) {
      const answer = await api(request("GET", "/health", { headers: { host, authorization } }));
      expect(await refusalOf(answer)).toMatchObject({ status: 403, code: "host-refused" });
    }
  });

  it.each(ROUTES)("is refused when it is no %s to %s", async (method, path) => {
    const { api, listenerCount } = world();
    for (const other of ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"].filter(
      (name) => name !== method,
    )) {
      const answer = await api(request(other, path));
      expect({ other, status: answer.status, allow: answer.headers.get("allow") }).toEqual({
        other,
        status: 405,
        allow: method,
      });
      expect(await answer.text()).toMatch(other === "HEAD" ? /^$/ : /"code":"method-not-allowed"/);
    }
    expect(listenerCount()).toBe(0);
  });

  it("is refused when there is no such path", async () => {
    const { get } = world();
    for (const path of ["/", "/nowhere", "/health/", "/dead/redrive/1"]) {
      expect(await refusalOf(await get(path))).toMatchObject({ status: 404, code: "not-found" });
    }
  });

  it("gets no answer that another site's page could read, and none for a cache", async () => {
    const { api } = world();
    const answers = [
      await api(request("GET", "/health", { headers: { origin: "http://evil.example" } })),
      await api(request("OPTIONS", "/dead/purge", { headers: { origin: "http://evil.example" } })),
    ];
    for (const { headers } of answers) {
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/jsonp",
    "",
  ])("that posts %j is refused: a form of another site can send that", async (type) => {
    const { api, redrive } = world();
    const answer = await api(
      request("POST", "/dead/redrive", { headers: { "content-type": type }, body: "{}" }),
    );
    expect(await refusalOf(answer)).toEqual({
      status: 415,
      code: "unsupported-media-type",
      message: `Expected \`Content-Type: application/json\`, got "${type}"`,
    });
    expect(redrive).not.toHaveBeenCalled();
  });

  it("may name the charset of its JSON", async () => {
    const { api } = world();
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect((await api(request("POST", "/dead/redrive", { headers, body: "{}" }))).status).toBe(200);
  });

  it.each(["", "{", "[]", "null", '"all"', "\u0000"])("that posts %j is refused", async (body) => {
    const { api } = world();
    expect(await refusalOf(await api(request("POST", "/dead/redrive", { body })))).toEqual({
      status: 400,
      code: "bad-request",
      message: "Expected a JSON object, such as {}",
    });
  });

  it("that posts more than 64 KiB is refused, announced or not", async () => {
    const { api } = world();
    const large = JSON.stringify({ declaration: "x".repeat(65 * 1024) });
    const unannounced = ReadableStream.from([new TextEncoder().encode(large)]);
    const announced = { headers: { "content-length": String(large.length) }, body: large };
    for (const options of [announced, { body: unannounced }]) {
      const answer = await api(request("POST", "/dead/redrive", options));
      expect(await refusalOf(answer)).toMatchObject({ status: 413, code: "too-large" });
    }
  });
});

describe("GET /health", () => {
  it("answers what the app says", async () => {
    const { get } = world();
    expect(await (await get("/health")).json()).toEqual({
      app: "crm-sync",
      state: "running",
      inbox: { waiting: 1, dead: 2 },
    });
  });

  it.each(["/health?x=1", "/events?since=1"])("%s is refused", async (path) => {
    const { get } = world();
    expect(await refusalOf(await get(path))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/^Expected no parameter, got `\w+`$/),
    });
  });
});

describe("GET /subscriptions", () => {
  it("answers what the app says, without what is not known", async () => {
    const { get, pages } = world();
    const row = subscription("key");
    pages.mockReturnValueOnce([[row]]);
    expect(await (await get("/subscriptions")).json()).toEqual({
      subscriptions: [JSON.parse(JSON.stringify(row))],
      next: null,
    });
  });

  it("gives pages, each saying where the next begins", async () => {
    const { get, pages } = world();
    pages.mockReturnValue([["a", "b"].map(subscription), [], ["c"].map(subscription)]);
    const answer = async (limit: number): Promise<unknown> =>
      (await get(`/subscriptions?limit=${limit}`)).json();
    expect(await answer(1)).toMatchObject({ subscriptions: [{ key: "a" }], next: "a" });
    expect(await answer(2)).toMatchObject({ subscriptions: [{ key: "a" }, { key: "b" }], next: "b" });
    expect(await answer(3)).toMatchObject({ subscriptions: { length: 3 }, next: null });
  });

  it("passes every filter on", async () => {
    const { get, pages } = world();
    const tenantId = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
    await get(`/subscriptions?state=parked&tenantId=${tenantId}&resource=users&id=i&after=k`);
    expect(pages).toHaveBeenCalledWith({ state: "parked", tenantId, resource: "users", id: "i", after: "k" });
  });

  it.each([
    ["declaration=users", /^Expected only `state`, .*, got `declaration`$/],
    ["state=broken", /^Expected `state` to be alive, missing, .*, got "broken"$/],
    ["tenantId=contoso", /^Expected `tenantId` to be a GUID, got "contoso"$/],
    ["resource=", /^Expected `resource` to be a path/],
    ["id=", /^Expected `id` to be the key of a subscription, or Graph's id, got ""$/],
    ["limit=0", /^Expected `limit` to be from 1 to 1000/],
  ])("?%s is refused", async (query, message) => {
    const { get } = world();
    expect(await refusalOf(await get(`/subscriptions?${query}`))).toEqual({
      status: 400,
      code: "bad-request",
      message: expect.stringMatching(message),
    });
  });
});

describe("POST /subscriptions/renew", () => {
  it("has one renewed", async () => {
    const { post, renew } = world();
    expect(await (await post("/subscriptions/renew", { id: "known" })).json()).toEqual({ asked: true });
    expect(renew).toHaveBeenCalledWith("known");
  });

  it("says that there is none", async () => {
    const { post } = world();
    expect(await refusalOf(await post("/subscriptions/renew", { id: "other" }))).toEqual({
      status: 404,
      code: "no-subscription",
      message: "There is no subscription with the id other",
    });
  });

  it("needs an id", async () => {
    const { post } = world();
    expect(await refusalOf(await post("/subscriptions/renew", {}))).toMatchObject({ status: 400 });
  });
});

describe("GET /plan", () => {
  const planned = (key: string, action: PlannedSubscription["action"]): PlannedSubscription => ({
    key,
    tenantId: "tenant",
    userId: undefined,
    resource: "users",
    declarations: ["users"],
    action,
    reason: "new",
    id: undefined,
    expiresAt: undefined,
    at: 1_000,
  });

  it("gives a line for each subscription, and their counts on the last", async () => {
    const { get, plan } = world();
    plan.mockReturnValueOnce([planned("a", "create"), planned("b", "keep"), planned("c", "keep")]);
    const answer = await get("/plan");
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    expect(await linesOf(answer)).toEqual([
      { planned: JSON.parse(JSON.stringify(planned("a", "create"))) },
      { planned: expect.objectContaining({ key: "b" }) },
      { planned: expect.objectContaining({ key: "c" }) },
      { counts: { create: 1, renew: 0, replace: 0, delete: 0, keep: 2 } },
    ]);
    expect(plan).toHaveBeenCalledWith({ prune: false });
  });

  it("prunes when it is told to", async () => {
    const { get, plan } = world();
    await get("/plan?prune=true");
    expect(plan).toHaveBeenCalledWith({ prune: true });
    expect(await refusalOf(await get("/plan?prune=yes"))).toMatchObject({
      message: 'Expected `prune` to be true or false, got "yes"',
    });
  });

  it("says what failed: as its status before the first line, as the last line afterwards", async () => {
    const { get, plan } = world();
    plan.mockImplementationOnce(() => {
      throw new StoreError("the disk is away");
    });
    expect(await refusalOf(await get("/plan"))).toMatchObject({ status: 503, code: "ERR_STORE" });
    plan.mockImplementationOnce(function* () {
      yield planned("a", "create");
      throw new StoreError("the disk is away");
    });
    expect((await linesOf(await get("/plan"))).at(-1)).toEqual({
      error: { code: "ERR_STORE", message: "the disk is away" },
    });
  });
});

describe("POST /apply", () => {
  it("says what was done", async () => {
    const { post, apply } = world();
    expect(await linesOf(await post("/apply", { prune: true }))).toEqual([{ applied: APPLIED }]);
    expect(apply).toHaveBeenCalledWith(expect.objectContaining({ prune: true }));
  });

  it("says how far it is, every second", async () => {
    const { post, apply, clock } = world();
    const done = Promise.withResolvers<Applied>();
    apply.mockImplementationOnce(async ({ onProgress }) => {
      onProgress({ done: 1, total: 2 });
      return done.promise;
    });
    const answer = post("/apply", {});
    await vi.waitFor(() => expect(apply).toHaveBeenCalled());
    await clock.advance(1_000);
    const lines = linesOf(await answer);
    done.resolve(APPLIED);
    expect((await lines).at(0)).toEqual({ progress: { done: 1, total: 2 } });
    expect((await lines).at(-1)).toEqual({ applied: APPLIED });
  });

  it("ends when nobody reads any more", async () => {
    const { post, apply, clock } = world();
    let signal: AbortSignal | undefined;
    apply.mockImplementationOnce(async (options) => {
      ({ signal } = options);
      options.onProgress({ done: 0, total: 1 });
      return new Promise<never>(() => {});
    });
    const answer = post("/apply", {});
    await vi.waitFor(() => expect(apply).toHaveBeenCalled());
    await clock.advance(1_000);
    const gone = (await answer).body?.cancel();
    await clock.advance(1_000);
    await gone;
    expect(signal?.aborted).toBe(true);
  });
});

async function linesOf(answer: Response): Promise<unknown[]> {
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).trimEnd().split("\n");
  return lines.map((line): unknown => JSON.parse(line));
}

describe("GET /dead", () => {
  it("gives pages, each saying where the next begins", async () => {
    const { get } = world({ letterCount: 5 });
    const ids = [];
    const nexts = [];
    for (let next: string | null = ""; next !== null;) {
      const answer = await (await get(`/dead?limit=2${next === "" ? "" : `&after=${next}`}`)).json();
      const page: { dead: DeadLetterState[]; next: string | null } = JSON.parse(JSON.stringify(answer));
      ids.push(...page.dead.map(({ id }) => id));
      ({ next } = page);
      nexts.push(next);
    }
    expect(ids).toEqual(["1", "2", "3", "4", "5"]);
    expect(nexts).toEqual(["2", "4", null]);
  });

  it("gives 100 when no limit is said", async () => {
    const { get } = world({ letterCount: 500 });
    const answer = await (await get("/dead")).json();
    expect(answer).toMatchObject({ dead: { length: 100 }, next: "100" });
  });

  it("passes every filter on, the resource in its canonical form", async () => {
    const { get, list } = world();
    const resource = encodeURIComponent("Users('6E8BC31F-9D9C-4D05-A0C5-6E8BC31F0000')");
    await get(`/dead?declaration=users&resource=${resource}&since=2026-01-31T08:00:00Z&ids=7,9&after=3`);
    expect(list).toHaveBeenCalledWith({
      declaration: "users",
      resourceKey: "users/6e8bc31f-9d9c-4d05-a0c5-6e8bc31f0000",
      since: Date.UTC(2026, 0, 31, 8),
      ids: [7, 9],
      after: 3,
    });
  });

  it("knows the declaration of lifecycle notifications, which has no name", async () => {
    const { get, list } = world();
    await get("/dead?declaration=");
    expect(list).toHaveBeenCalledWith(expect.objectContaining({ declaration: "" }));
  });

  it.each([
    ["limit=0", 'Expected `limit` to be from 1 to 1000, got "0"'],
    ["limit=1001", 'Expected `limit` to be from 1 to 1000, got "1001"'],
    ["limit=1e2", 'Expected `limit` to be from 1 to 1000, got "1e2"'],
    ["after=-1", 'Expected `after` to be the id of a dead letter, got "-1"'],
    ["ids=7,x", 'Expected `ids` to be the id of a dead letter, got "x"'],
    ["resource=", 'Expected `resource` to be a path such as users/{id}, got ""'],
    ["declaration=a&declaration=b", 'Expected `declaration` once, got "b" as well'],
    [
      "since=yesterday",
      'Expected `since` to be a time such as 2026-01-31T08:00:00Z or epoch milliseconds, got "yesterday"',
    ],
    [
      "since=2026-13-45",
      'Expected `since` to be a time such as 2026-01-31T08:00:00Z or epoch milliseconds, got "2026-13-45"',
    ],
    [
      "declaraton=users",
      "Expected only `declaration`, `resource`, `since`, `ids`, `limit`, `after`, got `declaraton`",
    ],
    [`after=${"9".repeat(300)}`, `Expected \`after\` to be the id of a dead letter, got "${"9".repeat(99)}…`],
  ])("refuses %s and shows it", async (query, message) => {
    const { get, list } = world();
    expect(await refusalOf(await get(`/dead?${query}`))).toEqual({
      status: 400,
      code: "bad-request",
      message,
    });
    expect(list).not.toHaveBeenCalled();
  });
});

describe("POST /dead/redrive", () => {
  it("redrives all without a filter, and says how many", async () => {
    const { post, redrive } = world();
    expect(await (await post("/dead/redrive", {})).json()).toEqual({ redriven: 3 });
    expect(redrive).toHaveBeenCalledWith({});
  });

  it("passes every filter on; ids are taken as text, as they are listed, and as numbers", async () => {
    const { post, redrive } = world();
    await post("/dead/redrive", {
      declaration: "users",
      resource: "/users/me@example.com",
      since: 5,
      ids: ["7", 9],
    });
    expect(redrive).toHaveBeenCalledWith({
      declaration: "users",
      resourceKey: "users/me@example.com",
      since: 5,
      ids: [7, 9],
    });
  });

  it.each([
    [{ declaration: 5 }, "Expected `declaration` to be the name of one, got 5"],
    [{ declaration: null }, "Expected `declaration` to be the name of one, got null"],
    [{ resource: ["users"] }, 'Expected `resource` to be a path such as users/{id}, got ["users"]'],
    [{ ids: [] }, "Expected `ids` to be 1 to 1000 ids, got 0"],
    [{ ids: 7 }, "Expected `ids` to be 1 to 1000 ids, got 7"],
    [{ ids: "" }, 'Expected `ids` to be the id of a dead letter, got ""'],
    [{ ids: [1.5] }, "Expected `ids` to be the id of a dead letter, got 1.5"],
    [{ all: true }, "Expected only `declaration`, `resource`, `since`, `ids`, got `all`"],
    [
      JSON.parse('{"__proto__":{"ids":["1"]}}'),
      "Expected only `declaration`, `resource`, `since`, `ids`, got `__proto__`",
    ],
  ])("refuses %j and shows it", async (body, message) => {
    const { post, redrive } = world();
    expect(await refusalOf(await post("/dead/redrive", body))).toMatchObject({ status: 400, message });
    expect(redrive).not.toHaveBeenCalled();
  });
});

it("refuses more ids than are reasonable", async () => {
  const { post } = world();
  const ids = Array.from({ length: 1_001 }, () => 1);
  expect(await refusalOf(await post("/dead/redrive", { ids }))).toMatchObject({
    message: "Expected `ids` to be 1 to 1000 ids, got 1001",
  });
});

describe("POST /dead/purge", () => {
  it.each([
    [{}, 'Expected a filter, or `"all": true` to throw every dead letter away, got neither'],
    [{ all: false }, 'Expected a filter, or `"all": true` to throw every dead letter away, got neither'],
    [{ all: "true" }, 'Expected `all` to be true or false, got "true"'],
    [{ all: true, ids: ["1"] }, 'Expected a filter or `"all": true`, got both'],
    [
      { declaraton: "users" },
      "Expected only `declaration`, `resource`, `since`, `ids`, `all`, got `declaraton`",
    ],
    [
      { declaration: "users", snice: 5 },
      "Expected only `declaration`, `resource`, `since`, `ids`, `all`, got `snice`",
    ],
  ])("throws nothing away for %j", async (body, message) => {
    const { post, purge } = world();
    expect(await refusalOf(await post("/dead/purge", body))).toMatchObject({ status: 400, message });
    expect(purge).not.toHaveBeenCalled();
  });

  it("throws away what a filter names, and all when that is said", async () => {
    const { post, purge } = world();
    expect(await (await post("/dead/purge", { declaration: "" })).json()).toEqual({ purged: 4 });
    expect(purge).toHaveBeenLastCalledWith({ declaration: "" });
    expect((await post("/dead/purge", { all: true })).status).toBe(200);
    expect(purge).toHaveBeenLastCalledWith({});
  });
});

describe("POST /tenants/purge", () => {
  const TENANT_ID = "84bd8158-6d4d-4958-8b9f-9d6445542f95";

  it("purges one tenant, and says how much there was", async () => {
    const { post, purgeTenant } = world();
    const answer = await post("/tenants/purge", { tenantId: TENANT_ID });
    expect(await answer.json()).toEqual({ subscriptions: 1, waiting: 2, dead: 3, history: 4 });
    expect(purgeTenant).toHaveBeenCalledExactlyOnceWith(TENANT_ID);
  });

  it.each([
    {},
    { tenantId: "" },
    { tenantId: "*" },
    { tenantId: [TENANT_ID] },
    { tenantId: TENANT_ID, all: true },
  ])("purges nothing for %j", async (body) => {
    const { post, purgeTenant } = world();
    expect((await post("/tenants/purge", body)).status).toBe(400);
    expect(purgeTenant).not.toHaveBeenCalled();
  });
});

describe("POST /replay", () => {
  it("replays, and says how many and as which run", async () => {
    const { post, replay } = world();
    const body = { declaration: "users", resource: "users/1", since: "2026-01-31" };
    expect(await (await post("/replay", body)).json()).toEqual({ runId: "run", count: 5 });
    expect(replay).toHaveBeenCalledWith({ ...body, since: Date.UTC(2026, 0, 31) });
  });

  it("says so when the app keeps no history", async () => {
    const { post, replay } = world();
    replay.mockRejectedValueOnce(new TypeError("Expected `historyMs`, got none"));
    expect(await refusalOf(await post("/replay", {}))).toEqual({
      status: 409,
      code: "no-history",
      message: "Expected `historyMs`, got none",
    });
  });

  it("takes no ids: finished changes have none that can be listed", async () => {
    const { post } = world();
    expect(await refusalOf(await post("/replay", { ids: ["1"] }))).toMatchObject({ status: 400 });
  });
});

describe("what goes wrong", () => {
  it("is answered with the library's code when it is the library's error", async () => {
    const { post, redrive } = world();
    redrive.mockRejectedValueOnce(new StoreError("the disk is away", { cause: new Error("a cause") }));
    expect(await refusalOf(await post("/dead/redrive", {}))).toEqual({
      status: 503,
      code: "ERR_STORE",
      message: "the disk is away",
    });
  });

  it.each([
    [new RangeError("off by one"), "RangeError: off by one"],
    ["a text with a secret", "Error: threw string"],
  ])("is told by name and message only: %s", async (error, message) => {
    const { post, redrive } = world();
    redrive.mockRejectedValueOnce(error);
    const answer = await post("/dead/redrive", {});
    expect(await refusalOf(answer)).toEqual({ status: 500, code: "failed", message });
  });

  it("is told as such when the app does not run; its health is told all the same", async () => {
    const { get, pages } = world({ state: "starting" });
    pages.mockImplementationOnce(() => {
      throw new Error("subscriptions needs a running app");
    });
    expect(await refusalOf(await get("/subscriptions"))).toEqual({
      status: 503,
      code: "not-running",
      message: "crm-sync is starting, not running",
    });
    expect(await (await get("/health")).json()).toEqual({ app: "crm-sync", state: "starting" });
  });
});

describe("GET /events", () => {
  async function follow(world: { get(path: string): Promise<Response> }) {
    const answer = await world.get("/events");
    if (answer.body === null) throw new Error("no stream");
    const reader = answer.body.getReader();
    const next = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
    return { answer, reader, next };
  }

  it("begins with a comment, then tells each event as it happens", async () => {
    const app = world();
    const { answer, next } = await follow(app);
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await next()).toMatch(/^: .*\n\n$/);
    app.emit("declaration:resumed", { declaration: "two\n\nlines" });
    const told = { name: "declaration:resumed", at: app.clock.now(), event: { declaration: "two\n\nlines" } };
    expect(await next()).toBe(`event: declaration:resumed\ndata: ${JSON.stringify(told)}\n\n`);
  });

  it("tells of an error its name and message, of anything else that was thrown its type", async () => {
    const app = world();
    const { next } = await follow(app);
    await next();
    const error = Object.assign(new TypeError("no luck"), { body: "private", cause: new Error("private") });
    app.emit("internal:error", { where: "loop", error });
    expect(await next()).toContain(
      '"event":{"where":"loop","error":{"name":"TypeError","message":"no luck"}}',
    );
    app.emit("internal:error", { where: "loop", error: { clientState: "private" } });
    expect(await next()).toContain('"error":{"name":"Error","message":"threw object"}');
    app.emit("declaration:paused", { declaration: "users", by: "user", error: undefined });
    expect(await next()).toContain('"event":{"declaration":"users","by":"user"}');
    app.emit("internal:error", { where: "loop", error: new Error("x".repeat(100_000)) });
    expect((await next()).length).toBeLessThan(2_200);
  });

  it("tells of the subscriptions heard from how many they were: 10,000 would drop every reader", async () => {
    const app = world();
    const { next } = await follow(app);
    await next();
    const heard = { key: "k".repeat(22), id: "i".repeat(36), heardAt: 1, expiresAt: 2 };
    app.emit("subscriptions:heard", { heard: Array.from({ length: 10_000 }, () => heard) });
    expect(await next()).toContain('"event":{"count":10000}}');
  });

  it("shows with a heartbeat that the line is alive", async () => {
    const app = world();
    const { next } = await follow(app);
    await next();
    await app.clock.advance(HEARTBEAT_MS);
    expect(await next()).toBe(": still here\n\n");
    await app.clock.advance(HEARTBEAT_MS);
    expect(await next()).toBe(": still here\n\n");
  });

  it("drops a reader that does not read, and goes on with the others", async () => {
    const app = world();
    const slow = await follow(app);
    const good = await follow(app);
    await good.next();
    const path = "x".repeat(1_000);
    let emitted = 0;
    for (; emitted * 1_000 < MAX_WAITING_BYTES * 2; emitted += 1) {
      app.emit("handshake:answered", { path });
      expect(await good.next()).toContain(path);
    }
    await expect(slow.reader.read()).rejects.toThrow("too slow");
    expect(app.listenerCount()).toBe(EVENT_NAMES.length);
  });

  it("listens no more once the reader has gone", async () => {
    const app = world();
    const { reader, next } = await follow(app);
    await next();
    expect(app.listenerCount()).toBe(EVENT_NAMES.length);
    await reader.cancel();
    expect(app.listenerCount()).toBe(0);
    app.emit("declaration:resumed", { declaration: "users" });
    await app.clock.advance(HEARTBEAT_MS * 3);
  });

  it("has places for 32 readers, and gives them back", async () => {
    const app = world();
    const readers = await Promise.all(Array.from({ length: 32 }, async () => follow(app)));
    expect(await refusalOf(await app.get("/events"))).toMatchObject({
      status: 503,
      code: "too-many-readers",
    });
    await readers[0]?.reader.cancel();
    expect((await app.get("/events")).status).toBe(200);
  });
});

it("without a clock of its own, the machine's beats", async () => {
  vi.useFakeTimers();
  try {
    const { api: _, ...rest } = world();
    expect(rest.listenerCount()).toBe(0);
    const app: AdminApp = { ...Object(null), name: "a", events: { on: () => () => {} } };
    const answer = await createAdminApi({ app, token: TOKEN })(request("GET", "/events"));
    const reader = answer.body?.getReader();
    await reader?.read();
    const beat = reader?.read();
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(new TextDecoder().decode((await beat)?.value)).toBe(": still here\n\n");
    await reader?.cancel();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

describe("keys", () => {
  it("are listed as the app says", async () => {
    const { get } = world();
    expect(await (await get("/keys")).json()).toEqual(JSON.parse(JSON.stringify(KEYS)));
  });

  it("are read again, and the answer says which certificate encrypts", async () => {
    const { post, reload } = world();
    expect(await (await post("/keys/reload", {})).json()).toEqual({ encrypts: null });
    reload.mockResolvedValueOnce("two");
    expect(await (await post("/keys/reload", {})).json()).toEqual({ encrypts: "two" });
  });

  it("that cannot be read again are said to be with their code", async () => {
    const { post, reload } = world();
    reload.mockRejectedValueOnce(new KeysUnavailableError("certificate", "the vault is closed"));
    const answer = await post("/keys/reload", {});
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: "ERR_KEYS_UNAVAILABLE" } });
  });

  it.each([
    { body: {}, force: false },
    { body: { force: true }, force: true },
  ])("have a secret replaced: $body", async ({ body, force }) => {
    const { post, rotateSecret } = world();
    expect(await (await post("/keys/rotate-secret", body)).json()).toMatchObject({ isForced: force });
    expect(rotateSecret).toHaveBeenCalledWith({ force });
  });

  it("are left as they are for what is no such request", async () => {
    const { post, rotateSecret } = world();
    expect((await post("/keys/rotate-secret", { force: "perhaps" })).status).toBe(400);
    expect((await post("/keys/rotate-secret", { secret: "x" })).status).toBe(400);
    expect(rotateSecret).not.toHaveBeenCalled();
  });
});
