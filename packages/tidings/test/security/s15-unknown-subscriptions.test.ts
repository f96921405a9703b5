import { expect, it, vi } from "vitest";
import { issueClientState } from "../../src/core/client-state.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import { delivery, TENANT_ID, userItem } from "../support/deliveries.ts";
import { listenAlone } from "../support/listening-receiver.ts";
import { createWorld, toldOf } from "../support/world.ts";

const strangers = createKeyring(["the-secret-of-another-app-of-32-characters"]);

function flood(from: number, count: number): string {
  const items = Array.from({ length: count }, (_, n) =>
    userItem(
      from + n,
      { keyring: strangers, subscriptionKey: "subscription-key-22-ch" },
      {
        subscriptionId: crypto.randomUUID(),
        clientState: issueClientState(strangers, { subscriptionKey: `key-${from + n}`, tenantId: TENANT_ID }),
      },
    ),
  );
  return delivery(...items);
}

it("S15 10,000 unknown subscriptions leave no row", async () => {
  await using server = await listenAlone();
  for (let n = 0; n < 10; n += 1)
    expect((await fetch(server.url, { method: "POST", body: flood(n * 1_000, 1_000) })).status).toBe(202);
  expect(await server.store.counts()).toEqual({ waiting: 0, dead: 0 });
  const refused = server.told.filter(([name]) => name === "items:refused");
  expect(refused).toHaveLength(10);
});

it("S15 nor do they ask Graph for anything, or get a row among the subscriptions", async () => {
  await using world = await createWorld();
  const asked = vi.fn<(url: URL, init: RequestInit) => Promise<Response>>(fetch);
  await using app = await world.serve((tidings) => tidings.on("users", { changeType: "updated" }, () => {}), {
    host: { fetch: asked },
  });
  await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
  const heard = vi.fn<() => void>();
  app.tidings.events.on("subscriptions:heard", heard);
  asked.mockClear();
  for (let n = 0; n < 5; n += 1)
    await fetch(`${app.server.url}/notifications`, { method: "POST", body: flood(n * 1_000, 1_000) });
  await vi.waitFor(() => expect(toldOf(app, "items:refused")).toHaveLength(5));
  const health = await app.tidings.health();
  expect(health).toMatchObject({ inbox: { waiting: 0, dead: 0 }, subscriptions: { total: 1 } });
  expect(asked).not.toHaveBeenCalled();
  expect(heard).not.toHaveBeenCalled();
});
