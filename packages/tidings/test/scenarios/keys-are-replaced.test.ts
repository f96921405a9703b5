import { describe, expect, it, vi } from "vitest";
import type { Tidings } from "../../src/app/tidings.ts";
import { createKeyPair } from "../../src/crypto/create-key-pair.ts";
import { createWorld, toldOf, type World } from "../support/world.ts";

const HOUR_MS = 3_600_000;

interface Remote {
  readonly id: string;
  readonly isRich: boolean;
  readonly certificateId: string;
}

async function remotes({ tenant }: World): Promise<Remote[]> {
  const listed = await Array.fromAsync(tenant.pages("subscriptions"));
  return listed.map((remote) => ({
    id: String(Reflect.get(Object(remote), "id")),
    isRich: Reflect.get(Object(remote), "includeResourceData") === true,
    certificateId: String(Reflect.get(Object(remote), "encryptionCertificateId")),
  }));
}

async function makeBundle(): Promise<string> {
  return createKeyPair({ commonName: "scenario", now: Date.now() });
}

/** Keeps the subjects of what it is told of. */
function subjectsOf(tidings: Tidings, userId: string, subjects: unknown[]): Promise<void> {
  return tidings
    .on(
      "users/{userId}/messages",
      { changeType: "created", includeResourceData: true, select: ["subject"] },
      (change) => void subjects.push(change.data?.subject),
    )
    .subscribe({ userId });
}

async function send({ tenant }: World, userId: string, subject: string): Promise<void> {
  await tenant.request("POST", `users/${userId}/messages`, { body: { subject } });
}

describe("resource data", () => {
  it("cannot be declared without a certificate to encrypt it for", async () => {
    await using world = await createWorld();
    const [userId = ""] = world.userIds;
    await expect(world.serve((tidings) => subjectsOf(tidings, userId, []))).rejects.toThrow(
      "npx tidings keys create",
    );
  });

  it("is decrypted before and after its certificate was replaced, by one and the same subscription", async () => {
    await using world = await createWorld();
    const [userId = ""] = world.userIds;
    const bundles = [await makeBundle()];
    const subjects: unknown[] = [];
    await using app = await world.serve((tidings) => subjectsOf(tidings, userId, subjects), {
      host: { certificates: async () => bundles },
    });
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    await send(world, userId, "before");
    await vi.waitFor(() => expect(subjects).toEqual(["before"]));
    const [before] = await remotes(world);

    bundles.unshift(await makeBundle());
    const encrypts = await app.tidings.keys.reload();
    await vi.waitFor(() => expect(toldOf(app, "subscription:renewed")).toHaveLength(1));
    await send(world, userId, "after");
    await vi.waitFor(() => expect(subjects).toEqual(["before", "after"]));

    const [after, ...others] = await remotes(world);
    expect(others).toEqual([]);
    expect(after).toMatchObject({ id: before?.id, certificateId: encrypts });
    expect(after?.certificateId).not.toBe(before?.certificateId);
    const former = { id: before?.certificateId, role: "decrypts", subscriptions: 0 };
    expect((await app.tidings.keys.list()).certificates).toMatchObject([
      { id: encrypts, role: "encrypts", subscriptions: 1 },
      { ...former, isRemovable: false },
    ]);
    world.jump(4 * HOUR_MS);
    expect((await app.tidings.keys.list()).certificates[1]).toMatchObject({ ...former, isRemovable: true });
  });

  it("of a chat takes the place of notifications without, of which Graph allows one", async () => {
    await using world = await createWorld({ throttle: "off" });
    const [adele = "", alex = ""] = world.userIds;
    const member = (id: string) => ({
      "@odata.type": "#microsoft.graph.aadUserConversationMember",
      roles: ["owner"],
      "user@odata.bind": `https://graph.microsoft.com/v1.0/users('${id}')`,
    });
    const chat = await world.tenant.request("POST", "chats", {
      body: { chatType: "oneOnOne", members: [member(adele), member(alex)] },
    });
    const chatId = String(Reflect.get(Object(chat), "id"));
    const certificates = await makeBundle();
    const CHAT = "chats/{chatId}/messages";
    const basic = async (tidings: Tidings): Promise<void> =>
      tidings.on(CHAT, { name: "basic", changeType: "created" }, () => {}).subscribe({ chatId });
    const texts: unknown[] = [];
    const rich = async (tidings: Tidings): Promise<void> =>
      tidings
        .on(
          CHAT,
          { name: "rich", changeType: "created", includeResourceData: true },
          ({ data }) => void texts.push(data?.body?.content),
        )
        .subscribe({ chatId });
    let port: number;
    {
      await using app = await world.serve(basic);
      port = app.server.port;
      await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
    }
    await using app = await world.serve(async (tidings) => Promise.all([basic(tidings), rich(tidings)]), {
      port,
      host: { certificates },
    });
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1), 10_000);
    expect(await remotes(world)).toMatchObject([{ isRich: true }]);
    expect(toldOf(app, "subscription:parked")).toEqual([]);
    await world.tenant.request("POST", `chats/${chatId}/messages`, {
      body: { body: { contentType: "text", content: "Hello" } },
    });
    await vi.waitFor(() => expect(texts).toEqual(["Hello"]));
  });
});

describe("the secret of the store", () => {
  const users = (tidings: Tidings, handled: unknown[]): unknown =>
    tidings.on("users", { changeType: "updated" }, ({ subscriptionId }) => handled.push(subscriptionId));

  it("is replaced while notifications come, and again for all there is when that is asked", async () => {
    await using world = await createWorld();
    const handled: unknown[] = [];
    const [userId = ""] = world.userIds;
    const change = async (jobTitle: string): Promise<unknown> =>
      world.tenant.request("PATCH", `users/${userId}`, { body: { jobTitle } });
    await using app = await world.serve((tidings) => {
      users(tidings, handled);
      tidings.on("groups", { changeType: "updated" }, () => {});
    });
    await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(2));
    const { isMade, keyId } = await app.tidings.keys.rotateSecret();
    expect(isMade).toBe(true);
    await change("Engineer");
    await vi.waitFor(() => expect(handled).toHaveLength(1));
    expect((await app.tidings.keys.list()).secrets).toMatchObject([
      { keyId, role: "signs", source: "store", subscriptions: 0 },
      { role: "verifies", subscriptions: 2, isRetired: false },
    ]);

    await app.tidings.keys.rotateSecret({ force: true });
    await vi.waitFor(() => expect(toldOf(app, "subscription:replaced")).toHaveLength(2));
    await change("Architect");
    await vi.waitFor(() => expect(handled).toHaveLength(2));
    expect(new Set(handled).size).toBe(2);
    expect(await remotes(world)).toHaveLength(2);
    const after = (await app.tidings.keys.list()).secrets;
    expect(after).toMatchObject([
      { role: "signs", subscriptions: 2 },
      { isRetired: true },
      { isRetired: true },
    ]);
    expect(toldOf(app, "items:refused")).toEqual([]);

    world.jump(4 * HOUR_MS);
    await app.tidings.keys.list();
    expect((await app.tidings.keys.list()).secrets).toMatchObject([{ role: "signs", subscriptions: 2 }]);
    await change("Painter");
    await vi.waitFor(() => expect(handled).toHaveLength(3));
  });

  it("that was replaced still verifies after a restart, and nothing is made anew", async () => {
    await using world = await createWorld();
    const handled: unknown[] = [];
    let port: number;
    {
      await using app = await world.serve((tidings) => users(tidings, handled));
      port = app.server.port;
      await vi.waitFor(() => expect(toldOf(app, "subscription:created")).toHaveLength(1));
      await app.tidings.keys.rotateSecret();
    }
    const before = await remotes(world);
    await using app = await world.serve((tidings) => users(tidings, handled), { port });
    await world.tenant.request("PATCH", `users/${world.userIds[0]}`, { body: { jobTitle: "Engineer" } });
    await vi.waitFor(() => expect(handled).toHaveLength(1));
    expect((await remotes(world)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(toldOf(app, "subscription:replaced")).toEqual([]);
  });
});
