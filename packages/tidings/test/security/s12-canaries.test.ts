import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { startSimulator } from "@tidings/graph-simulator";
import { expect, it, vi } from "vitest";
import { createAdminApi } from "../../src/admin/admin-api.ts";
import { EVENT_NAMES } from "../../src/admin/told-event.ts";
import { JumpableClock } from "../../src/app/clock.ts";
import { Tidings } from "../../src/app/tidings.ts";
import { createTenantClient, simulatorSettings } from "../../src/cli/dev/simulated-graph.ts";
import { StoreError } from "../../src/core/errors.ts";
import { Permanent } from "../../src/core/handler-errors.ts";
import type { Logger } from "../../src/core/ports/logger.ts";
import type { Store, StoreProvider } from "../../src/core/ports/store.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { delivery } from "../support/deliveries.ts";

const CANARY = "canary";
const SECRET = `${CANARY}-secret-of-at-least-thirty-two-characters`;
const URL_KEY = `${CANARY}-key-of-the-url`;
const ADMIN_TOKEN = `${CANARY}-admin-token-of-thirty-two-characters`;
const TOKEN = `${CANARY}.validation.token`;
const CLIENT_STATE = `v1.${CANARY}.client.state`;
const TITLE = `${CANARY} job title`;
const PEM = `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`;

/** Fails when it is told to, and says what it was given, as drivers do. */
function failingStore(file: string) {
  let isFailing = false;
  const inner = sqlite(file, { allowEphemeral: true });
  const provider: StoreProvider = {
    description: inner.description,
    async open() {
      const store: Store = await inner.open();
      const append: Store["append"] = async (items, tokens) => {
        if (isFailing) throw new StoreError("The disk is full", { cause: new Error("disk I/O error") });
        return store.append(items, tokens);
      };
      return new Proxy(store, {
        get(target, name) {
          const value: unknown = name === "append" ? append : Reflect.get(target, name);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  };
  return { provider, fail: (value: boolean) => (isFailing = value) };
}

/** All that a person or a program could see of it. */
function seenIn(value: unknown): string {
  const options = { depth: 10, showHidden: true, maxArrayLength: null, maxStringLength: null };
  return `${inspect(value, options)}\n${JSON.stringify(value) ?? ""}\n${String(value)}`;
}

function planted(text: string): string[] {
  return text.split("\n").filter((line) => line.toLowerCase().includes(CANARY));
}

it("S12 nothing secret, and nothing of a body, is in a log, event, error, dead letter or answer", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-canaries-"));
  await using simulator = await startSimulator();
  const clock = new JumpableClock();
  const people = createTenantClient(simulator, clock);
  const { credential, ...graph } = simulatorSettings(simulator, clock);
  const seen: unknown[] = [];
  const accessTokens = new Set<string>();
  const clientStates = new Set<string>();
  const write = (...line: unknown[]): void => void seen.push(line);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const store = failingStore(join(folder, "tidings.db"));
  const options = { secret: SECRET, urlKey: URL_KEY, store: store.provider, logger };
  const tidings = new Tidings({ name: "planted", ...options });
  for (const name of EVENT_NAMES) tidings.events.on(name, (event) => seen.push({ name, event }));
  const handled: string[] = [];
  tidings.on("users", { changeType: "updated", retry: { attempts: 1 } }, (change) => {
    handled.push(change.id);
    if (handled.length === 1) throw new Permanent("no", { cause: new Error("on purpose") });
    throw new Error("the handler failed");
  });
  const many = tidings.on("users/{userId}/messages", { changeType: "created" }, () => {});
  const server = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
  try {
    if (typeof credential === "function" || credential === undefined)
      throw new Error("Expected a credential");
    await tidings.start({
      ...graph,
      publicUrl: server.url,
      credential: {
        async getToken(...asked) {
          const token = await credential.getToken(...asked);
          if (token) accessTokens.add(token.token);
          return token;
        },
      },
      fetch: async (url, init) => {
        const body = typeof init.body === "string" ? init.body : "";
        const [, state] = /"clientState":"([^"]+)"/.exec(body) ?? [];
        if (state !== undefined) clientStates.add(state);
        return fetch(url, init);
      },
    });
    await vi.waitFor(() => expect(simulator.subscriptions.list()).toHaveLength(1));
    expect(simulator.subscriptions.list()[0]?.notificationUrl).toContain(URL_KEY);
    // Graph refuses: there is no such user.
    await many.subscribe({ userId: "00000000-0000-4000-8000-00000000dead" });
    const users = await Array.fromAsync(people.pages("users"));
    const [first, second] = users.map((user) => `users/${String(Reflect.get(Object(user), "id"))}`);
    await people.request("PATCH", first ?? "", { body: { jobTitle: TITLE } });
    await vi.waitFor(() => expect(handled.length).toBeGreaterThanOrEqual(1));
    await people.request("PATCH", second ?? "", { body: { jobTitle: TITLE } });
    await vi.waitFor(() => expect(handled.length).toBeGreaterThanOrEqual(2));

    const post = async (body: string, query = `key=${URL_KEY}`): Promise<number> =>
      (await fetch(`${server.url}/notifications?${query}`, { method: "POST", body })).status;
    const forged = {
      id: CANARY,
      subscriptionId: "76222963-cc7b-42d2-882d-8aaa69cb2ba3",
      tenantId: simulator.tenantId,
      clientState: CLIENT_STATE,
      changeType: "updated",
      resource: "users/1",
      resourceData: { jobTitle: TITLE, key: PEM },
    };
    expect(await post(delivery(forged))).toBe(202);
    expect(await post(JSON.stringify({ value: [forged], validationTokens: [TOKEN] }))).toBe(202);
    expect(await post(`{ "value": [ ${TITLE}`)).toBe(400);
    expect(await post(`"${PEM.replaceAll("\n", " ")}"`)).toBe(400);
    expect(await post(delivery(forged), `key=${CANARY}-of-another`)).toBe(404);
    expect(await post("", `key=${URL_KEY}&validationToken=${TOKEN}`)).toBe(200);
    store.fail(true);
    await people.request("PATCH", first ?? "", { body: { jobTitle: `${TITLE} 2` } });
    await vi.waitFor(() => expect(seenIn(seen)).toContain("delivery:failed"));
    store.fail(false);
    await tidings.graph.get(`users/${CANARY.toUpperCase().replaceAll("CANARY", "nobody")}`);
    seen.push(await tidings.graph.request("GET", "nowhere").catch((error: unknown) => error));
    seen.push(tidings, tidings.graph, tidings.tenants, await tidings.health());
    seen.push(await Array.fromAsync(tidings.deadLetters.list()), await tidings.subscriptions.list());

    const api = createAdminApi({ app: tidings, token: ADMIN_TOKEN });
    const routes = [
      "health",
      "subscriptions",
      "plan",
      "dead",
      "nowhere",
      `dead?declaration=${"x".repeat(200)}`,
    ];
    for (const token of [ADMIN_TOKEN, `${ADMIN_TOKEN}x`]) {
      for (const route of routes) {
        const headers = { authorization: `Bearer ${token}` };
        const answer = await api(new Request(`http://127.0.0.1/${route}`, { headers }));
        seen.push([answer.status, [...answer.headers], await answer.text()]);
      }
    }
    seen.push(api);
    for (const bad of [
      { secret: `${CANARY}-short` },
      { urlKey: CANARY },
      { urlKey: `${CANARY} with a space` },
    ]) {
      try {
        seen.push(new Tidings({ name: "bad", ...bad }));
      } catch (error) {
        seen.push(error);
      }
    }
  } finally {
    await tidings.stop();
    await server.close();
    rmSync(folder, { recursive: true });
  }
  const text = seenIn(seen);
  for (const expected of [
    "change:dead",
    "items:refused",
    "delivery:unreadable",
    "delivery:failed",
    "subscription:",
  ])
    expect(text).toContain(expected);
  expect(planted(text)).toEqual([]);
  expect([accessTokens.size, clientStates.size].every((size) => size > 0)).toBe(true);
  for (const secret of [...accessTokens, ...clientStates]) expect(text.includes(secret)).toBe(false);
});
