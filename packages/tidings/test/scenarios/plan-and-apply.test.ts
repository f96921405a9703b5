import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Tidings } from "../../src/app/tidings.ts";
import type { SubscriptionFilter } from "../../src/app/subscriptions-view.ts";
import { simulatorSettings } from "../../src/cli/dev/simulated-graph.ts";
import type { Logger } from "../../src/core/ports/logger.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { createWorld, type World } from "../support/world.ts";

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const DAY_MS = 24 * 3_600_000;
const SECRET = "a-secret-of-at-least-thirty-two-characters";
const NOTHING = {
  created: 0,
  adopted: 0,
  renewed: 0,
  replaced: 0,
  removed: 0,
  kept: 0,
  failed: 0,
  parked: 0,
  left: 0,
  problems: [],
};

let folder: string;
let world: World;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidings-apply-"));
  world = await createWorld();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** An app that listens and is not started; a later one finds the store of the one before. */
async function host(
  declare: (tidings: Tidings) => unknown,
  { port = 0, path, file = "tidings.db" }: { port?: number; path?: string; file?: string } = {},
): Promise<{ tidings: Tidings; port: number } & AsyncDisposable> {
  const tidings = new Tidings({ name: "applied", secret: SECRET, logger: SILENT });
  const server = await tidings.listen({ port, hostname: "127.0.0.1" });
  await declare(tidings);
  await tidings.open({
    ...simulatorSettings(world.simulator, world.clock),
    publicUrl: `${server.url}${path ?? ""}`,
    store: sqlite(join(folder, file), { allowEphemeral: true }),
  });
  return {
    tidings,
    port: server.port,
    async [Symbol.asyncDispose]() {
      await tidings.stop();
      await server.close();
    },
  };
}

/** Applies, and is gone. */
async function applied(declare: (tidings: Tidings) => unknown): Promise<{ port: number }> {
  await using hosted = await host(declare);
  await hosted.tidings.subscriptions.apply();
  return { port: hosted.port };
}

async function planOf({ subscriptions }: Tidings): Promise<string[]> {
  const planned = await Array.fromAsync(subscriptions.plan());
  return planned.map(({ action, resource }) => `${action} ${resource}`).toSorted();
}

function declareUsers(tidings: Tidings): void {
  tidings.on("users", { changeType: "updated" }, () => {});
}

describe("an app that is not started", () => {
  it("does what it planned, and then has nothing left to do", async () => {
    await using hosted = await host((tidings) => {
      declareUsers(tidings);
      tidings.on("groups", () => {});
    });
    const { tidings } = hosted;
    expect(await planOf(tidings)).toEqual(["create groups", "create users"]);
    expect(world.simulator.subscriptions.list()).toEqual([]);
    const progress: string[] = [];
    const applied = await tidings.subscriptions.apply({
      onProgress: ({ done, total }) => progress.push(`${done}/${total}`),
    });
    expect(applied).toEqual({ ...NOTHING, created: 2 });
    expect(new Set(progress)).toEqual(new Set(["0/2", "1/2", "2/2"]));
    expect(world.simulator.subscriptions.list()).toHaveLength(2);
    expect(await planOf(tidings)).toEqual(["keep groups", "keep users"]);
    expect(await tidings.subscriptions.apply()).toEqual({ ...NOTHING, kept: 2 });
  });

  it("keeps what it is told meanwhile for whoever is started later", async () => {
    await using hosted = await host(declareUsers);
    await hosted.tidings.subscriptions.apply();
    await world.tenant.request("PATCH", `users/${world.userIds[0]}`, { body: { jobTitle: "A" } });
    await world.simulator.settled();
    expect(await hosted.tidings.health()).toMatchObject({ inbox: { waiting: 1 } });
  });

  it("prunes, renews, replaces, and takes over what a lost store knew of", async () => {
    const { port } = await applied((tidings) => {
      declareUsers(tidings);
      tidings.on("groups", () => {});
    });
    await using pruned = await host(declareUsers, { port });
    expect(await pruned.tidings.subscriptions.apply()).toEqual({ ...NOTHING, kept: 2 });
    expect(await pruned.tidings.subscriptions.apply({ prune: true })).toEqual({
      ...NOTHING,
      removed: 1,
      kept: 1,
    });
    world.jump(25 * DAY_MS);
    expect(await pruned.tidings.subscriptions.apply()).toEqual({ ...NOTHING, renewed: 1 });
    await pruned[Symbol.asyncDispose]();

    await using moved = await host(declareUsers, { port, path: "/elsewhere" });
    expect(await moved.tidings.subscriptions.apply()).toEqual({ ...NOTHING, replaced: 1 });
    await moved[Symbol.asyncDispose]();

    await using lost = await host(declareUsers, { port, path: "/elsewhere", file: "another.db" });
    expect(await lost.tidings.subscriptions.apply()).toEqual({ ...NOTHING, adopted: 1 });
    expect(world.simulator.subscriptions.list()).toHaveLength(1);
  });

  it("says what waits for a person, tries it again when it is asked to, and does the rest", async () => {
    await using hosted = await host((tidings) => {
      declareUsers(tidings);
      tidings.on("nonsense", () => {});
    });
    const { subscriptions, events } = hosted.tidings;
    let tries = 0;
    events.on("subscription:parked", () => (tries += 1));
    const first = await subscriptions.apply();
    expect(first).toMatchObject({ created: 1, parked: 1, failed: 0 });
    expect(first.problems).toMatchObject([
      { kind: "parked", resource: "nonsense", message: expect.stringContaining("Graph refused") },
    ]);
    expect(await subscriptions.apply()).toMatchObject({ kept: 1, parked: 1 });
    expect(tries).toBe(2);
  });

  it("ends while Graph is away, with all of it told as failed", async () => {
    world.simulator.faults.start({ kind: "fail-requests", service: "graph", how: 503 });
    await using hosted = await host((tidings) => {
      const mail = tidings.on("users/{userId}/messages", () => {});
      for (let n = 0; n < 80; n += 1) void mail.subscribe({ userId: `user-${n}` });
    });
    const outcome = await hosted.tidings.subscriptions.apply();
    expect(outcome).toMatchObject({ failed: 80, left: 0 });
    expect(outcome.problems.map(({ message }) => message)).toContain(
      "Graph was asked about others of the tenant, and failed",
    );
  });

  it("ends at once where our own endpoint is one that Graph would refuse", async () => {
    const page = createServer((_, response) => void response.end("a page"));
    page.listen(0, "127.0.0.1");
    await once(page, "listening");
    const { port } = Object(page.address());
    const tidings = new Tidings({
      name: "applied",
      logger: SILENT,
      ...simulatorSettings(world.simulator, world.clock),
      publicUrl: `http://127.0.0.1:${port}`,
      store: sqlite(join(folder, "tidings.db"), { allowEphemeral: true }),
    });
    declareUsers(tidings);
    const outcome = await tidings.subscriptions.apply();
    await tidings.stop();
    page.close();
    expect(outcome).toMatchObject({
      failed: 1,
      problems: [{ kind: "failed", message: expect.stringContaining("not `text/plain`") }],
    });
  });

  it("begins nothing once it is told to end, and says what is left", async () => {
    await using hosted = await host(declareUsers);
    const signal = AbortSignal.abort();
    expect(await hosted.tidings.subscriptions.apply({ signal })).toEqual({ ...NOTHING, left: 1 });
    expect(world.simulator.subscriptions.list()).toEqual([]);
  });
});

describe("an app that runs", () => {
  it("does it beside its own loop, each once", async () => {
    await using hosted = await host((tidings) => {
      const mail = tidings.on("users/{userId}/messages", () => {});
      for (const userId of world.userIds) void mail.subscribe({ userId });
    });
    await hosted.tidings.start();
    const { created, kept, ...rest } = await hosted.tidings.subscriptions.apply();
    expect(created + kept).toBe(3);
    expect({ ...rest, created: 0, kept: 0 }).toEqual(NOTHING);
    expect(world.simulator.subscriptions.list()).toHaveLength(3);
    expect(await planOf(hosted.tidings)).toEqual(
      world.userIds.map((id) => `keep users/${id}/messages`).toSorted(),
    );
  });

  it("lists by state, tenant, resource and id", async () => {
    await using hosted = await host((tidings) => {
      declareUsers(tidings);
      tidings.on("nonsense", () => {});
    });
    const { subscriptions } = hosted.tidings;
    await subscriptions.apply();
    const found = async (filter: SubscriptionFilter): Promise<string[]> =>
      (await subscriptions.list(filter)).map(({ resource }) => resource);
    expect(await found({ state: "parked" })).toEqual(["nonsense"]);
    expect(await found({ resource: "/Users" })).toEqual(["users"]);
    expect(await found({ tenantId: world.simulator.tenantId.toUpperCase() })).toHaveLength(2);
    expect(await found({ tenantId: "11111111-6d4d-4958-8b9f-9d6445542f95" })).toEqual([]);
    const [users] = await subscriptions.list({ resource: "users" });
    expect(await found({ id: users?.id })).toEqual(["users"]);
    expect(await found({ id: users?.key, state: "parked" })).toEqual([]);
    await expect(found({ tenantId: "contoso" })).rejects.toThrow(TypeError);
  });
});
