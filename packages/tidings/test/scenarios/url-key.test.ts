import { inspect } from "node:util";
import { expect, it, vi } from "vitest";
import { createWorld, toldOf, type World } from "../support/world.ts";

const KEY = "canary-key-of-the-url";
const NEXT_KEY = "canary-key-that-follows";

async function changeUser(world: World, jobTitle: string): Promise<void> {
  await world.tenant.request("PATCH", `users/${world.userIds[0]}`, { body: { jobTitle } });
}

async function statusOf(url: string, init: RequestInit = { method: "POST" }): Promise<number> {
  const answer = await fetch(url, init);
  await answer.arrayBuffer();
  return answer.status;
}

it("what comes with the key is handled; without it there is nothing, not even a handshake", async () => {
  await using world = await createWorld();
  const handled = vi.fn<() => void>();
  await using app = await world.serve(
    (tidings) => tidings.on("users", { changeType: "updated" }, () => handled()),
    { host: { urlKey: KEY } },
  );
  await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
  await changeUser(world, "Engineer");
  await vi.waitFor(() => expect(handled).toHaveBeenCalledOnce());

  const url = `${app.server.url}/notifications`;
  const body = JSON.stringify({ value: [] });
  expect(await statusOf(`${url}?key=${KEY}&validationToken=a`)).toBe(200);
  expect(await statusOf(`${url}?key=${KEY}`, { method: "POST", body })).toBe(202);
  for (const query of ["", "key=", "key=another-key-of-the-url", `key=${KEY}x`, `key=${KEY}&key=${KEY}`]) {
    expect(await statusOf(`${url}?${query}`, { method: "POST", body })).toBe(404);
    expect(await statusOf(`${url}?${query}&validationToken=a`)).toBe(404);
  }
  expect(await statusOf(`${app.server.url}/healthz`, {})).toBe(200);
  expect(inspect(app.told, { depth: 10, showHidden: true })).not.toContain(KEY);
});

it("another key takes the place of the first without a change being lost", async () => {
  await using world = await createWorld();
  const handled = vi.fn<() => void>();
  const declare: Parameters<World["serve"]>[0] = (tidings) =>
    tidings.on("users", { changeType: "updated" }, () => handled());
  let port: number;
  {
    await using app = await world.serve(declare);
    ({ port } = app.server);
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
  }
  for (const urlKey of [
    [KEY, ""],
    [NEXT_KEY, KEY],
  ]) {
    await using app = await world.serve(declare, { port, host: { urlKey } });
    await changeUser(world, `Engineer ${urlKey[0]}`);
    await vi.waitFor(() => expect(toldOf(app, "subscription:replaced")).toHaveLength(1), 5_000);
    await changeUser(world, `Manager ${urlKey[0]}`);
    await vi.waitFor(() => expect(handled.mock.calls.length).toBeGreaterThanOrEqual(2), 5_000);
    handled.mockClear();
  }
});
