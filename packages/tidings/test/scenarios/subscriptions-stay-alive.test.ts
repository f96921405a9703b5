import { describe, expect, it, vi } from "vitest";
import { Tidings } from "../../src/app/tidings.ts";
import { simulatorSettings } from "../../src/cli/dev/simulated-graph.ts";
import { memory } from "../../src/store/memory/memory.ts";
import { createWorld, toldOf, type World } from "../support/world.ts";

const DAY_MS = 24 * 3_600_000;

const users = (tidings: Tidings): unknown => tidings.on("users", { changeType: "updated" }, () => {});

async function remoteIds({ tenant }: World): Promise<string[]> {
  const listed = await Array.fromAsync(tenant.pages("subscriptions"));
  return listed.map((subscription) => String(Reflect.get(Object(subscription), "id")));
}

describe("a subscription", () => {
  it("is made once, however often the app restarts", async () => {
    await using world = await createWorld();
    let port = 0;
    for (const _ of [1, 2, 3]) {
      await using app = await world.serve(users, { port });
      port = app.server.port;
      await vi.waitFor(async () =>
        expect(await app.tidings.subscriptions.list()).toMatchObject([{ failures: 0 }]),
      );
      await vi.waitFor(async () =>
        expect((await app.tidings.subscriptions.list()).map(({ id }) => id)).toEqual(await remoteIds(world)),
      );
    }
    expect(await remoteIds(world)).toHaveLength(1);
    expect(world.simulator.ledger.handshakes).toHaveLength(2);
  });

  it("is renewed before it ends, again and again", async () => {
    await using world = await createWorld();
    await using app = await world.serve(users);
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    const before = await remoteIds(world);
    for (const count of [1, 2, 3]) {
      world.jump(23 * DAY_MS);
      await vi.waitFor(() => expect(toldOf(app, "subscription:renewed")).toHaveLength(count));
    }
    expect(await remoteIds(world)).toEqual(before);
    expect(toldOf(app, "subscription:created")).toHaveLength(1);
  });

  it("is made anew when Graph has it no more", async () => {
    await using world = await createWorld();
    await using app = await world.serve(users);
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    const [id = ""] = await remoteIds(world);
    await world.tenant.request("DELETE", `subscriptions/${id}`);
    world.jump(23 * DAY_MS);
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(2));
    expect(toldOf(app, "subscription:gone")).toHaveLength(1);
    expect(await remoteIds(world)).toHaveLength(1);
  });

  it("is made anew when it ended while the app was away", async () => {
    await using world = await createWorld();
    await using before = await world.serve(users);
    await vi.waitFor(() => expect(toldOf(before, "subscription:created")).toHaveLength(1));
    const { port } = before.server;
    await before[Symbol.asyncDispose]();
    world.jump(40 * DAY_MS);
    await using after = await world.serve(users, { port });
    await vi.waitFor(() => expect(toldOf(after, "subscription:created")).toHaveLength(1));
    expect(toldOf(after, "subscription:lapsed")).toHaveLength(1);
    expect(toldOf(after, "subscription:gap")).toMatchObject([{ reason: "lapsed" }]);
    expect(await remoteIds(world)).toHaveLength(1);
    expect(await after.tidings.subscriptions.list()).toMatchObject([
      { state: "alive", gap: { reason: "lapsed" } },
    ]);
  });

  it("is replaced when the code wants other changes, and the old one goes", async () => {
    await using world = await createWorld();
    await using before = await world.serve(users);
    await vi.waitFor(() => expect(toldOf(before, "subscription:created")).toHaveLength(1));
    const old = await remoteIds(world);
    const { port } = before.server;
    await before[Symbol.asyncDispose]();
    await using after = await world.serve(
      (tidings) => tidings.on("users", { changeType: ["updated", "deleted"] }, () => {}),
      { port },
    );
    await vi.waitFor(() => expect(toldOf(after, "subscription:replaced")).toHaveLength(1));
    const now = await remoteIds(world);
    expect(now).toHaveLength(1);
    expect(now).not.toEqual(old);
  });

  it("is replaced when the app moves to another URL", async () => {
    await using world = await createWorld();
    await using before = await world.serve(users);
    await vi.waitFor(() => expect(toldOf(before, "subscription:created")).toHaveLength(1));
    await before[Symbol.asyncDispose]();
    await using after = await world.serve(users);
    await vi.waitFor(() => expect(toldOf(after, "subscription:replaced")).toHaveLength(1));
    const listed = await Array.fromAsync(world.tenant.pages("subscriptions"));
    expect(listed).toMatchObject([{ notificationUrl: expect.stringContaining(after.server.url) }]);
  });

  it("is removed when it is unsubscribed from", async () => {
    await using world = await createWorld();
    const [userId = ""] = world.userIds;
    const declared: { mail?: ReturnType<typeof mail> } = {};
    function mail(tidings: Tidings) {
      return tidings.on("users/{userId}/messages", () => {});
    }
    await using app = await world.serve((tidings) => {
      declared.mail = mail(tidings);
    });
    await declared.mail?.subscribe({ userId });
    await declared.mail?.subscribe({ userId });
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    await declared.mail?.unsubscribe({ userId });
    await vi.waitFor(() => expect(toldOf(app, "subscription:removed")).toHaveLength(1));
    expect(await remoteIds(world)).toEqual([]);
    expect(await app.tidings.subscriptions.list()).toEqual([]);
  });

  it("that Graph does not take waits for a person, and is tried now and then", async () => {
    await using world = await createWorld();
    await using app = await world.serve((tidings) => tidings.on("nonsense", () => {}));
    await vi.waitFor(() => expect(toldOf(app, "subscription:parked")).toMatchObject([{ need: "request" }]));
    const parked = { state: "parked", id: undefined, parked: { need: "request" } };
    await vi.waitFor(async () =>
      expect(await app.tidings.subscriptions.list()).toMatchObject([{ ...parked, failures: 1 }]),
    );
    world.jump(DAY_MS);
    await vi.waitFor(async () =>
      expect(await app.tidings.subscriptions.list()).toMatchObject([{ ...parked, failures: 2 }]),
    );
    expect(toldOf(app, "subscription:parked")).toHaveLength(1);
  });

  it("is not mixed up by an app renamed on its store: it is refused in one sentence", async () => {
    await using world = await createWorld();
    const store = memory();
    const opened = await store.open();
    const shared = { description: "the store", open: async () => opened };
    const [before, after] = ["before", "after"].map((name) => new Tidings({ name, store: shared }));
    const host = { ...simulatorSettings(world.simulator, world.clock), publicUrl: "https://tidings.example" };
    await before?.start(host);
    await before?.stop();
    await expect(after?.start(host)).rejects.toThrow("the store belongs to the app `before`, not to `after`");
  });

  it("of an app with another name is left alone", async () => {
    await using world = await createWorld();
    await using staging = await world.serve(users, { name: "staging" });
    await vi.waitFor(() => expect(toldOf(staging, "subscription:created")).toHaveLength(1));
    await staging[Symbol.asyncDispose]();
    await using production = await world.serve(users, { name: "production" });
    await vi.waitFor(() => expect(toldOf(production, "subscription:created")).toHaveLength(1));
    expect(await remoteIds(world)).toHaveLength(2);
  });
});
