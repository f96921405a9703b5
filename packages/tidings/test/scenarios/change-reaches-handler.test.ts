import { describe, expect, it, vi } from "vitest";
import { createWorld, toldOf } from "../support/world.ts";

describe("a change at Graph", () => {
  it("reaches the handler that declared its resource, and what it fetches is typed and fresh", async () => {
    await using world = await createWorld();
    const seen: unknown[] = [];
    await using app = await world.serve((tidings) =>
      tidings.on("users", { changeType: "updated" }, async (change) => {
        const user = await change.fetch();
        seen.push([change.changeType, change.resourceKey, change.attempt, user?.jobTitle]);
      }),
    );
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    const [userId = ""] = world.userIds;

    await world.tenant.request("PATCH", `users/${userId}`, { body: { jobTitle: "Engineer" } });
    await vi.waitFor(() => expect(seen).toEqual([["updated", `users/${userId}`, 1, "Engineer"]]));
  });

  it("is fetched as undefined when the thing is gone", async () => {
    await using world = await createWorld();
    const fetched: unknown[] = [];
    const [userId = ""] = world.userIds;
    await using app = await world.serve(async (tidings) => {
      const mail = tidings.on("users/{userId}/messages", { changeType: "deleted" }, async (change) => {
        fetched.push(change.params.userId, await change.fetch());
      });
      await mail.subscribe({ userId });
    });
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    const message = await world.tenant.request("POST", `users/${userId}/messages`, {
      body: { subject: "x" },
    });
    await world.tenant.request(
      "DELETE",
      `users/${userId}/messages/${String(Reflect.get(Object(message), "id"))}`,
    );
    await vi.waitFor(() => expect(fetched).toEqual([userId, undefined]));
  });

  it("is handled with 5 others of its delivery, each by its own call", async () => {
    await using world = await createWorld({ deliver: { collectMs: 200 } });
    const handled: (string | undefined)[] = [];
    await using app = await world.serve((tidings) =>
      tidings.on("users", { changeType: "updated" }, ({ resourceKey }) => handled.push(resourceKey)),
    );
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    const ids = await Promise.all(
      [1, 2, 3, 4, 5].map(async (n) => {
        const user = await world.tenant.request("POST", "users", {
          body: {
            accountEnabled: true,
            displayName: `User ${n}`,
            mailNickname: `user${n}`,
            userPrincipalName: `user${n}@contoso.onmicrosoft.com`,
            passwordProfile: { password: "not-a-real-one" },
          },
        });
        return `users/${String(Reflect.get(Object(user), "id"))}`;
      }),
    );
    await vi.waitFor(() => expect(new Set(handled)).toEqual(new Set(ids)));
    await vi.waitFor(() =>
      expect(toldOf(app, "delivery:stored")).toEqual([
        { itemCount: 5, storedCount: 5, duplicateCount: 0, refusedCount: 0, tookMs: expect.any(Number) },
      ]),
    );
  });

  it("is handled in order for one thing, while another is handled beside it", async () => {
    await using world = await createWorld();
    const order = new Map<string | undefined, (string | undefined)[]>();
    let running = 0;
    let mostRunning = 0;
    await using app = await world.serve((tidings) =>
      tidings.on("users", { changeType: "updated" }, async ({ resourceKey, raw }) => {
        running += 1;
        mostRunning = Math.max(mostRunning, running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        order.set(resourceKey, [...(order.get(resourceKey) ?? []), JSON.stringify(raw["id"])]);
      }),
    );
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    for (const jobTitle of ["a", "b", "c", "d", "e"]) {
      for (const userId of world.userIds) {
        await world.tenant.request("PATCH", `users/${userId}`, { body: { jobTitle } });
      }
    }
    await vi.waitFor(() => expect([...order.values()].flat()).toHaveLength(5 * world.userIds.length));
    for (const userId of world.userIds) {
      const owed = world.simulator.ledger.notifications.filter(
        ({ resource }) => resource === `Users/${userId}`,
      );
      expect(order.get(`users/${userId}`)).toEqual(owed.map(({ id }) => JSON.stringify(id)));
    }
    expect(mostRunning).toBeGreaterThan(1);
  });

  it("is tried again when its handler throws, and only its own resource waits", async () => {
    await using world = await createWorld();
    const calls: string[] = [];
    const [failing = "", other = ""] = world.userIds;
    await using app = await world.serve((tidings) =>
      tidings.on("users", { changeType: "updated" }, ({ resourceKey, attempt }) => {
        calls.push(`${resourceKey} ${attempt}`);
        if (resourceKey === `users/${failing}` && attempt === 1) throw new Error("downstream is away");
      }),
    );
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    await world.tenant.request("PATCH", `users/${failing}`, { body: { jobTitle: "a" } });
    await world.tenant.request("PATCH", `users/${other}`, { body: { jobTitle: "a" } });
    await vi.waitFor(() => expect(calls).toContain(`users/${other} 1`));
    world.jump(60_000);
    await vi.waitFor(() => expect(calls).toContain(`users/${failing} 2`));
    expect(toldOf(app, "change:failed")).toHaveLength(1);
  });
});

describe("two declarations on one resource", () => {
  it("share one Graph subscription, and each gets every change that is its own", async () => {
    await using world = await createWorld();
    const first: string[] = [];
    const second: string[] = [];
    await using app = await world.serve((tidings) => {
      tidings.on("users", { changeType: "updated" }, ({ changeType }) => first.push(changeType));
      tidings.on("/Users", { name: "leavers", changeType: ["updated", "deleted"] }, ({ changeType }) =>
        second.push(changeType),
      );
    });
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    const [userId = ""] = world.userIds;
    await world.tenant.request("PATCH", `users/${userId}`, { body: { jobTitle: "a" } });
    await world.tenant.request("DELETE", `users/${userId}`);
    await world.tenant.request("DELETE", `directory/deletedItems/${userId}`);
    await vi.waitFor(() => expect(second).toEqual(["updated", "updated", "deleted"]));
    await vi.waitFor(() => expect(first).toEqual(["updated", "updated"]));

    expect(world.simulator.subscriptions.list()).toMatchObject([{ changeType: "updated,deleted" }]);
  });
});
