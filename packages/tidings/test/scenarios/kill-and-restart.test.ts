import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { outOfOrder } from "../support/out-of-order.ts";
import { createWorld, type World } from "../support/world.ts";

/** How many times the app is killed, and how long it lives each time, in milliseconds. */
const KILL_COUNT = 6;
const LIFE_MS = { min: 150, max: 700 };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function startChild(world: World, folder: string, port: number): Promise<ChildProcess> {
  const child = fork(
    new URL("../support/killable-app.ts", import.meta.url),
    [world.simulator.url, join(folder, "tidings.db"), join(folder, "handled.log"), String(port)],
    { execArgv: ["--conditions=@tidings/source"], stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
  await once(child, "message");
  return child;
}

it("after SIGKILL at any time, what was answered 202 is handled, in order", { timeout: 60_000 }, async () => {
  await using world = await createWorld({ deliver: { firstRetryDelayMs: 50 } });
  const folder = mkdtempSync(join(tmpdir(), "tidings-kill-"));
  const port = await freePort();
  const ending = new AbortController();
  let child = await startChild(world, folder, port);
  try {
    await vi.waitFor(() => expect(world.simulator.subscriptions.list()).toHaveLength(1));
    const traffic = (async () => {
      for (let n = 0; !ending.signal.aborted; n += 1) {
        const userId = world.userIds[n % world.userIds.length] ?? "";
        await world.tenant.request("PATCH", `users/${userId}`, { body: { jobTitle: `Title ${n}` } });
        await sleep(4);
      }
    })();
    for (let kill = 0; kill < KILL_COUNT; kill += 1) {
      await sleep(LIFE_MS.min + Math.random() * (LIFE_MS.max - LIFE_MS.min));
      child.kill("SIGKILL");
      await once(child, "exit");
      child = await startChild(world, folder, port);
    }
    ending.abort();
    await traffic;
    await vi.waitFor(
      () =>
        expect(world.simulator.ledger.notifications.every(({ state }) => state === "delivered")).toBe(true),
      20_000,
    );

    const owed = world.simulator.ledger.notifications;
    expect(owed.length).toBeGreaterThan(100);
    const handled = () => readFileSync(join(folder, "handled.log"), "utf8").trim().split("\n");
    await vi.waitFor(() => expect(new Set(handled()).size).toBe(owed.length), 20_000);

    const firstHandled = [...new Set(handled())];
    const place = new Map(firstHandled.map((id, index) => [id, index]));
    expect(outOfOrder(world, place)).toEqual([]);
    expect(world.simulator.subscriptions.list()).toHaveLength(1);
  } finally {
    ending.abort();
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
});
