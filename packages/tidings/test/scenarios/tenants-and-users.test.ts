import { startSimulator } from "@tidings/graph-simulator";
import { describe, expect, it, vi } from "vitest";
import { createGraphClient } from "../../src/app/graph.ts";
import { Tidings } from "../../src/app/tidings.ts";
import { Permanent } from "../../src/core/handler-errors.ts";
import type { TokenCredential } from "../../src/core/ports/credential.ts";
import { simulatorSettings } from "../../src/cli/dev/simulated-graph.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { createWorld, toldOf } from "../support/world.ts";

const CONTOSO = "5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352";
const FABRIKAM = "6f0c3a7e-2b84-4d19-9c6e-8a1d47b0e353";
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe("an app of several tenants", () => {
  it("subscribes in each that is added, and ends all of one that is removed", async () => {
    await using simulator = await startSimulator({
      tenants: [
        { id: CONTOSO, domain: "contoso.onmicrosoft.com" },
        { id: FABRIKAM, domain: "fabrikam.onmicrosoft.com" },
      ],
    });
    await using tidings = new Tidings({ name: "many", logger: SILENT, store: memory() });
    tidings.on("users", { changeType: "updated" }, () => {});
    const groups = tidings.on("groups/{groupId}", { changeType: "updated" }, () => {});
    const server = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
    try {
      await tidings.start({
        cloud: { graphRoot: simulator.url, version: "v1.0" },
        publicUrl: server.url,
        credential: ({ tenantId }) => credentialIn(simulator.url, tenantId, simulator),
      });
      for (const tenantId of [CONTOSO, FABRIKAM]) await tidings.tenants.add(tenantId.toUpperCase());
      await groups.subscribe({ groupId: "1" }, { tenantId: FABRIKAM });
      const live = () => simulator.subscriptions.list().map(({ tenantId, resource }) => [tenantId, resource]);
      await vi.waitFor(() => expect(live()).toHaveLength(3));
      expect(await tidings.tenants.list()).toEqual([CONTOSO, FABRIKAM]);

      expect(await tidings.tenants.remove(FABRIKAM)).toBe(2);
      await vi.waitFor(() => expect(live()).toEqual([[CONTOSO, "users"]]));
      await vi.waitFor(async () => expect(await tidings.subscriptions.list()).toHaveLength(1));
      expect(await tidings.tenants.list()).toEqual([CONTOSO]);
      await expect(tidings.tenants.add("contoso")).rejects.toThrow(TypeError);
    } finally {
      await tidings.stop();
      await server.close();
    }
  });
});

it("a tenant that is purged leaves nothing behind, and takes nothing of another with it", async () => {
  await using simulator = await startSimulator({
    tenants: [
      { id: CONTOSO, domain: "contoso.onmicrosoft.com" },
      { id: FABRIKAM, domain: "fabrikam.onmicrosoft.com" },
    ],
  });
  await using tidings = new Tidings({ name: "purging", logger: SILENT, store: memory(), historyMs: 60_000 });
  tidings.on("users", { changeType: "updated" }, () => {
    throw new Permanent("no");
  });
  tidings.on("users", { name: "finished", changeType: "updated" }, () => {});
  const server = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
  try {
    await tidings.start({
      cloud: { graphRoot: simulator.url, version: "v1.0" },
      publicUrl: server.url,
      credential: ({ tenantId }) => credentialIn(simulator.url, tenantId, simulator),
    });
    const handled = vi.fn<() => void>();
    tidings.events.on("change:handled", handled);
    for (const tenantId of [CONTOSO, FABRIKAM]) await tidings.tenants.add(tenantId);
    await vi.waitFor(() => expect(simulator.subscriptions.list()).toHaveLength(2));
    for (const tenantId of [CONTOSO, FABRIKAM]) {
      const people = createGraphClient({
        credential: credentialIn(simulator.url, tenantId, simulator),
        baseUrl: `${simulator.url}/v1.0`,
      });
      await people.request("POST", "users", {
        body: {
          accountEnabled: true,
          displayName: "Somebody",
          mailNickname: "somebody",
          userPrincipalName: `somebody@${tenantId === CONTOSO ? "contoso" : "fabrikam"}.onmicrosoft.com`,
          passwordProfile: { password: "not-a-real-one" },
        },
      });
    }
    const letters = async () => Array.fromAsync(tidings.deadLetters.list());
    await vi.waitFor(async () => expect(await letters()).toHaveLength(2));
    await vi.waitFor(() => expect(handled).toHaveBeenCalledTimes(2));

    const nothing = { subscriptions: 0, waiting: 0, dead: 0, history: 0 };
    const purged = await tidings.tenants.purge(FABRIKAM.toUpperCase());
    expect(purged).toEqual({ subscriptions: 1, waiting: 0, dead: 1, history: 1 });
    expect(await letters()).toHaveLength(1);
    expect(await tidings.tenants.list()).toEqual([CONTOSO]);
    await vi.waitFor(async () => {
      expect((await tidings.subscriptions.list()).map(({ tenantId }) => tenantId)).toEqual([CONTOSO]);
    });
    expect(simulator.subscriptions.list()).toHaveLength(1);
    expect(await tidings.tenants.purge(FABRIKAM)).toEqual(nothing);
    expect((await tidings.replay()).count).toBe(1);
    await expect(tidings.tenants.purge("fabrikam")).rejects.toThrow(TypeError);
  } finally {
    await tidings.stop();
    await server.close();
  }
});

describe("a subscription to what is a user's own", () => {
  it("is made, told of and read as the user who is signed in", async () => {
    await using world = await createWorld();
    const { simulator } = world;
    const asked: (string | undefined)[] = [];
    const handled: unknown[] = [];
    const tidings = new Tidings({ name: "mine", logger: SILENT, store: memory() });
    const mine = tidings.on("me/messages", { changeType: "created" }, async (change) => {
      const message = await change.fetch();
      handled.push(message?.subject);
    });
    const server = await tidings.listen({ port: 0, hostname: "127.0.0.1" });
    try {
      await tidings.start({
        ...simulatorSettings(simulator, world.clock),
        publicUrl: server.url,
        credential: ({ userId }) => ({
          getToken: async () => {
            asked.push(userId);
            const user = `${userId ?? ""}@contoso.onmicrosoft.com`;
            const token = await simulator.signIn({ user, scopes: ["Mail.Read"] });
            return { token, expiresOnTimestamp: world.clock.now() + 3_600_000 };
          },
        }),
      });
      await expect(mine.subscribe({})).rejects.toThrow("Expected `userId` to say whose `me/messages` it is");
      await mine.subscribe({}, { userId: "AdeleV" });
      await vi.waitFor(() => expect(simulator.subscriptions.list()).toHaveLength(1));
      await simulator.request("POST", "users/AdeleV@contoso.onmicrosoft.com/messages", { subject: "Hello" });
      await simulator.request("POST", "users/AlexW@contoso.onmicrosoft.com/messages", {
        subject: "Not hers",
      });
      await vi.waitFor(() => expect(handled).toEqual(["Hello"]));
      expect(new Set(asked)).toEqual(new Set(["AdeleV"]));
      expect(await tidings.subscriptions.list()).toMatchObject([
        { userId: "AdeleV", resource: "me/messages" },
      ]);
    } finally {
      await tidings.stop();
      await server.close();
    }
  });

  it("is refused a user where the app reads for itself", async () => {
    await using world = await createWorld();
    await using app = await world.serve(async (tidings) => {
      const mail = tidings.on("users/{userId}/messages", () => {});
      await expect(mail.subscribe({ userId: "1" }, { userId: "AdeleV" })).rejects.toThrow(
        "Expected no `userId` for `users/{userId}/messages`",
      );
    });
    expect(toldOf(app, "subscription:created")).toEqual([]);
  });
});

function credentialIn(
  url: string,
  tenantId: string,
  app: { readonly clientId: string; readonly clientSecret: string },
): TokenCredential {
  return {
    async getToken(scopes) {
      const response = await fetch(`${url}/${tenantId}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: app.clientId,
          client_secret: app.clientSecret,
          scope: [scopes].flat().join(" "),
        }),
      });
      const token: unknown = Reflect.get(Object(await response.json()), "access_token");
      if (typeof token !== "string") throw new Error(`the login service answered ${response.status}`);
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
}
