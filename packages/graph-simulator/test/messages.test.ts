import { describe, expect, it } from "vitest";

import { verifies } from "./requirements.ts";
import { ADELE, errorOf, objects, startWorld, text, type Answered, type World } from "./world.ts";

const MESSAGES = `users/${ADELE}/messages`;
const INBOX = `users/${ADELE}/mailFolders/inbox/messages`;

function receive(world: World, subject: string): Promise<Answered> {
  return world.graph("POST", INBOX, { subject, body: { contentType: "text", content: "Hello there" } });
}

describe("a mailbox", () => {
  it("keeps messages shaped as Outlook's", async () => {
    await using world = await startWorld();
    const created = await receive(world, "Budget");
    expect(created.status).toBe(201);
    expect(text(created.body, "id")).toMatch(/^AAMkA[\w-]+=$/);
    expect(text(created.body, "id")).toHaveLength(152);
    expect(created.body).toMatchObject({
      subject: "Budget",
      bodyPreview: "Hello there",
      isDraft: false,
      isRead: false,
      "@odata.etag": `W/"${text(created.body, "changeKey")}"`,
    });
    expect(created.body["receivedDateTime"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const one = `${MESSAGES}/${encodeURIComponent(text(created.body, "id"))}`;
    expect((await world.graph("GET", one)).body).toEqual(created.body);
    const some = await world.graph("GET", `${one}?$select=subject`);
    expect(Object.keys(some.body).toSorted()).toEqual(["@odata.context", "@odata.etag", "id", "subject"]);
  });

  it("gives a changed message another ETag", async () => {
    await using world = await startWorld();
    const created = await receive(world, "Budget");
    const changed = await world.graph("PATCH", `${MESSAGES}/${text(created.body, "id")}`, { isRead: true });
    expect(changed.status).toBe(200);
    expect(changed.body["isRead"]).toBe(true);
    expect(changed.body["@odata.etag"]).not.toBe(created.body["@odata.etag"]);
  });

  it("gives a moved message another id", async () => {
    await using world = await startWorld();
    const created = await receive(world, "Budget");
    const one = `${MESSAGES}/${text(created.body, "id")}`;
    const moved = await world.graph("POST", `${one}/move`, { destinationId: "archive" });
    expect(moved.status).toBe(201);
    expect(moved.body["id"]).not.toBe(created.body["id"]);
    const old = await world.graph("GET", one);
    expect(old.status).toBe(404);
    expect(errorOf(old).code).toBe("ErrorItemNotFound");
    const archived = await world.graph("GET", `users/${ADELE}/mailFolders('Archive')/messages`);
    expect(objects(archived.body, "value").map((message) => message["id"])).toEqual([moved.body["id"]]);
  });

  it("makes drafts of what is created outside a folder, and lists the newest first", async () => {
    await using world = await startWorld();
    await receive(world, "first");
    const draft = await world.graph("POST", MESSAGES, { subject: "second" });
    expect(draft.body["isDraft"]).toBe(true);
    const all = await world.graph("GET", MESSAGES);
    expect(objects(all.body, "value").map((message) => message["subject"])).toEqual(["second", "first"]);
    const folders = await world.graph("GET", `users/${ADELE}/mailFolders`);
    expect(objects(folders.body, "value")).toContainEqual(
      expect.objectContaining({ displayName: "Drafts", totalItemCount: 1 }),
    );
  });

  it("is nobody's without a user, and has no folder of any name", async () => {
    await using world = await startWorld();
    expect((await world.graph("GET", "users/nobody/messages")).status).toBe(404);
    expect((await world.graph("GET", `users/${ADELE}/mailFolders/nowhere`)).status).toBe(404);
    const created = await receive(world, "Budget");
    const one = `${MESSAGES}/${text(created.body, "id")}`;
    expect((await world.graph("POST", `${one}/move`, { destinationId: "nowhere" })).status).toBe(404);
    expect((await world.graph("POST", `${one}/move`, {})).status).toBe(400);
  });
});

it.each([
  { method: "POST", path: INBOX },
  { method: "POST", path: MESSAGES },
])("a message with an unknown property is refused: $method $path", async ({ method, path }) => {
  await using world = await startWorld();
  const answer = await world.graph(method, path, { title: "Budget" });
  expect(answer.status).toBe(400);
  expect(errorOf(answer).message).toMatch(/^The property 'title' does not exist on type/);
});

describe("notifications of messages", () => {
  it(`${verifies("notification-shape")} of a message`, async () => {
    await using world = await startWorld();
    const subscription = await world.subscribe({ resource: MESSAGES, changeType: "created,updated,deleted" });
    const created = await receive(world, "Budget");
    await world.simulator.settled();
    const id = text(created.body, "id");
    const resource = `Users/${ADELE}@${world.simulator.tenantId}/Messages/${id}`;
    expect(world.receiver.notifications).toEqual([
      {
        id: expect.any(String),
        subscriptionId: text(subscription.body, "id"),
        subscriptionExpirationDateTime: text(subscription.body, "expirationDateTime"),
        clientState: "open sesame",
        changeType: "created",
        resource,
        tenantId: world.simulator.tenantId,
        resourceData: {
          "@odata.type": "#Microsoft.Graph.Message",
          "@odata.id": resource,
          "@odata.etag": text(created.body, "@odata.etag"),
          id,
        },
      },
    ]);
  });

  it("tell of each change under its own type", async () => {
    await using world = await startWorld();
    await world.subscribe({ resource: MESSAGES, changeType: "created,updated,deleted" });
    const created = await receive(world, "Budget");
    const one = `${MESSAGES}/${text(created.body, "id")}`;
    await world.graph("PATCH", one, { isRead: true });
    const moved = await world.graph("POST", `${one}/move`, { destinationId: "archive" });
    await world.graph("DELETE", `${MESSAGES}/${text(moved.body, "id")}`);
    await world.simulator.settled();
    expect(world.receiver.notifications.map((item) => item["changeType"])).toEqual([
      "created",
      "updated",
      "deleted",
      "created",
      "deleted",
    ]);
  });

  it.each([
    `users/${ADELE}/mailFolders('inbox')/messages`,
    `/users/${ADELE}/mailFolders/Inbox/messages`,
    `users/${ADELE}/mailfolders('inbox')/messages?$select=subject`,
  ])("of a folder reach a subscription to %s", async (resource) => {
    await using world = await startWorld();
    await world.subscribe({ resource, changeType: "created,deleted" });
    const created = await receive(world, "Budget");
    await world.graph("POST", MESSAGES, { subject: "a draft, elsewhere" });
    await world.graph("POST", `${MESSAGES}/${text(created.body, "id")}/move`, { destinationId: "archive" });
    await world.simulator.settled();
    expect(world.receiver.notifications.map((item) => item["changeType"])).toEqual(["created", "deleted"]);
  });

  it("reach a subscription to the folder by its id", async () => {
    await using world = await startWorld();
    const inbox = await world.graph("GET", `users/${ADELE}/mailFolders/inbox`);
    const resource = `users/${ADELE}/mailFolders('${text(inbox.body, "id")}')/messages`;
    await world.subscribe({ resource, changeType: "created" });
    await receive(world, "Budget");
    expect(world.simulator.ledger.notifications).toHaveLength(1);
  });
});
