import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { Tidings } from "../../src/app/tidings.ts";
import { simulatorSettings } from "../../src/cli/dev/simulated-graph.ts";
import { toNodeHandler } from "../../src/host/node/node-handler.ts";
import { sqlite } from "../../src/store/sqlite/sqlite.ts";
import { createWorld, type World } from "../support/world.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** An app behind a server, as a host has it that runs it by timer: never started. */
async function host({ simulator, clock }: World): Promise<{ tidings: Tidings } & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), "tidings-timer-"));
  folders.push(folder);
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const tidings = new Tidings({
    name: "by-timer",
    ...simulatorSettings(simulator, clock),
    publicUrl: `http://127.0.0.1:${port}`,
    store: sqlite(join(folder, "tidings.db"), { allowEphemeral: true }),
  });
  const handler = toNodeHandler(tidings);
  server.on("request", (request, response) => void handler(request, response));
  return {
    tidings,
    async [Symbol.asyncDispose]() {
      await tidings.stop();
      server.closeAllConnections();
      server.close();
    },
  };
}

it("runs by timer: nothing happens between reconcileOnce() and drain()", async () => {
  await using world = await createWorld();
  await using hosted = await host(world);
  const { tidings } = hosted;
  const handled: string[] = [];
  let isFailing = false;
  tidings.on("users", { changeType: "updated" }, ({ resourceKey = "" }) => {
    if (isFailing) throw new Error("no");
    handled.push(resourceKey);
  });

  const { nextAt: renewAt } = await tidings.reconcileOnce();
  expect(world.simulator.subscriptions.list()).toHaveLength(1);
  expect(renewAt).toBeGreaterThan(Date.now());
  for (const id of world.userIds)
    await world.tenant.request("PATCH", `users/${id}`, { body: { jobTitle: "A" } });
  await world.simulator.settled();
  expect(await tidings.health()).toMatchObject({ inbox: { waiting: 3 } });
  expect(handled).toEqual([]);

  const inTime = (): Date => new Date(Date.now() + 300_000);
  expect(await tidings.drain({ deadline: inTime() })).toEqual({ handled: 3, waiting: 0, nextAt: undefined });
  expect(handled).toHaveLength(3);

  isFailing = true;
  await world.tenant.request("PATCH", `users/${world.userIds[0]}`, { body: { jobTitle: "B" } });
  await world.simulator.settled();
  const failed = await tidings.drain({ deadline: inTime().getTime() });
  expect(failed).toMatchObject({ handled: 0, waiting: 1 });
  expect(failed.nextAt).toBeGreaterThan(Date.now() - 5_000);

  isFailing = false;
  await vi.waitFor(async () => expect(await tidings.drain()).toMatchObject({ waiting: 0 }), 15_000);
  expect(handled).toHaveLength(4);
});

it("refuses a deadline that leaves a handler no time", async () => {
  await using world = await createWorld();
  await using hosted = await host(world);
  const { tidings } = hosted;
  tidings.on("users", { changeType: "updated", timeoutMs: 120_000 }, () => {});
  await expect(tidings.drain({ deadline: Date.now() + 90_000 })).rejects.toThrow(
    /^Expected `deadline` to be 120000 ms away or more, the `timeoutMs` of `users`, got one (89|90)\d{3} ms away$/,
  );
  await expect(tidings.drain({ deadline: Number.NaN })).rejects.toThrow(
    "Expected `deadline` to be a date or epoch milliseconds, got `NaN`",
  );
  await expect(tidings.drain({ deadline: new Date("never") })).rejects.toThrow("got `Invalid Date`");
});

it("goes on by itself once it is started", async () => {
  await using world = await createWorld();
  await using hosted = await host(world);
  const { tidings } = hosted;
  const handled: string[] = [];
  tidings.on("users", { changeType: "updated" }, ({ resourceKey = "" }) => handled.push(resourceKey));
  await tidings.reconcileOnce();
  await tidings.drain();
  await tidings.start();
  await world.tenant.request("PATCH", `users/${world.userIds[0]}`, { body: { jobTitle: "C" } });
  await vi.waitFor(() => expect(handled).toHaveLength(1));
  expect(world.simulator.subscriptions.list()).toHaveLength(1);
});
