import { describe, expect, it } from "vitest";

import type { JsonObject } from "../src/http/json.ts";
import { idOf } from "./delta-round.ts";
import { verifies } from "./requirements.ts";
import { ADELE, errorOf, objects, startWorld, text, type World } from "./world.ts";

const ALEX = "1b5c8d29-7e3f-40a4-86b2-d4f9e8071a32";

/** The notifications that arrived, without what they all have. */
async function arrived(world: World): Promise<readonly JsonObject[]> {
  await world.simulator.settled();
  return world.receiver.notifications.map(({ changeType, resource, resourceData }) => ({
    changeType,
    resource,
    ...(resourceData !== undefined && { resourceData }),
  }));
}

function names(body: JsonObject, name = "displayName"): readonly unknown[] {
  return objects(body, "value").map((item) => item[name]);
}

function createGroup(world: World, properties: JsonObject = {}): Promise<string> {
  return idOf(
    world.graph("POST", "groups", {
      displayName: "Sales",
      mailEnabled: false,
      mailNickname: "sales",
      securityEnabled: true,
      ...properties,
    }),
  );
}

const userUrl = (id: string): string => `https://graph.microsoft.com/v1.0/users('${id}')`;

describe("groups", () => {
  it("are created with members, and change them one by one", async () => {
    await using world = await startWorld();
    const id = await createGroup(world, {
      "members@odata.bind": [`https://graph.microsoft.com/v1.0/users/${ADELE}`],
    });
    const members = `groups/${id}/members`;
    expect(names((await world.graph("GET", members)).body)).toEqual(["Adele Vance"]);
    const alex = { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${ALEX}` };
    expect((await world.graph("POST", `${members}/$ref`, alex)).status).toBe(204);
    expect((await world.graph("POST", `${members}/$ref`, alex)).status).toBe(400);
    expect((await world.graph("DELETE", `${members}/${ADELE}/$ref`)).status).toBe(204);
    expect((await world.graph("DELETE", `${members}/${ADELE}/$ref`)).status).toBe(404);
    expect(names((await world.graph("GET", members)).body)).toEqual(["Alex Wilber"]);
    expect(names((await world.graph("GET", `users/${ALEX}/memberOf`)).body)).toEqual(["Sales"]);
    expect((await world.graph("POST", `${members}/$ref`, {})).status).toBe(400);
    const nobody = { "@odata.id": "https://graph.microsoft.com/v1.0/directoryObjects/nobody" };
    expect((await world.graph("POST", `${members}/$ref`, nobody)).status).toBe(404);
    expect((await world.graph("GET", "groups/nobody/members")).status).toBe(404);
    expect((await world.graph("GET", "users/nobody/memberOf")).status).toBe(404);
    expect((await world.graph("POST", "groups", { displayName: "Half" })).status).toBe(400);
  });

  it(`${verifies("group-changes")} are told as updated, and as deleted only when they are gone for good`, async () => {
    await using world = await startWorld();
    await world.subscribe({ resource: "groups" });
    const id = await createGroup(world);
    await world.graph("PATCH", `groups/${id}`, { description: "All of sales" });
    await world.graph("DELETE", `groups/${id}`);
    const deleted = await world.graph("GET", "directory/deletedItems/microsoft.graph.group");
    expect(names(deleted.body)).toEqual(["Sales"]);
    expect((await world.graph("POST", `directory/deletedItems/${id}/restore`)).status).toBe(200);
    await world.graph("DELETE", `groups/${id}`);
    await world.graph("DELETE", `directory/deletedItems/${id}`);
    const told = await arrived(world);
    expect(told.map(({ changeType }) => changeType)).toEqual([
      "updated",
      "updated",
      "updated",
      "updated",
      "updated",
      "deleted",
    ]);
    expect(told[0]).toEqual({
      changeType: "updated",
      resource: `Groups/${id}`,
      resourceData: {
        "@odata.type": "#Microsoft.Graph.Group",
        "@odata.id": `Groups/${id}`,
        id,
        organizationId: world.simulator.tenantId,
        eventTime: expect.any(String),
        sequenceNumber: 1,
      },
    });
  });

  it.each([true, false])("tell who came and went in the notification: %s", async (membersInNotifications) => {
    await using world = await startWorld({ unconfirmed: { membersInNotifications } });
    const id = await createGroup(world);
    await world.subscribe({ resource: `groups/${id}/members` });
    await world.graph("PATCH", `groups/${id}`, { description: "not a membership" });
    await world.graph("POST", `groups/${id}/members/$ref`, { "@odata.id": userUrl(ADELE) });
    await world.graph("POST", `groups/${id}/owners/$ref`, { "@odata.id": userUrl(ADELE) });
    await world.graph("DELETE", `groups/${id}/members/${ADELE}/$ref`);
    const told = await arrived(world);
    expect(told.map(({ resourceData }) => Object(resourceData)["members@delta"])).toEqual(
      membersInNotifications
        ? [[{ id: ADELE }], [{ id: ADELE, "@removed": "deleted" }]]
        : [undefined, undefined],
    );
  });
});

describe("a calendar", () => {
  const events = `users/${ADELE}/events`;
  const time = (dateTime: string, timeZone = "UTC"): JsonObject => ({ dateTime, timeZone });
  const meeting = {
    subject: "Review",
    start: time("2026-02-01T08:00:00"),
    end: time("2026-02-01T09:00:00"),
  };

  it("keeps events, and shows those of a time range", async () => {
    await using world = await startWorld();
    const id = await idOf(world.graph("POST", events, meeting));
    const view = (start: string, end: string): Promise<readonly unknown[]> =>
      world
        .graph("GET", `users/${ADELE}/calendar/calendarView?startDateTime=${start}&endDateTime=${end}`)
        .then(({ body }) => names(body, "subject"));
    expect(await view("2026-02-01", "2026-02-02")).toEqual(["Review"]);
    expect(await view("2026-02-01T09:00:00Z", "2026-02-02T00:00:00Z")).toEqual([]);
    expect(await view("2026-02-01T01:00:00-08:00", "2026-02-02T00:00:00Z")).toEqual([]);
    expect((await world.graph("GET", `users/${ADELE}/calendarView`)).status).toBe(400);
    expect((await world.graph("GET", "users/nobody/calendarView")).status).toBe(404);
    expect((await world.graph("GET", `users/${ADELE}/calendar/events/${id}`)).body).toMatchObject({
      subject: "Review",
      type: "singleInstance",
    });
  });

  it.each([
    { name: "without a time", values: { subject: "?" }, status: 400 },
    {
      name: "that ends before it starts",
      values: { ...meeting, end: time("2026-02-01T07:00:00") },
      status: 400,
    },
    {
      name: "in another zone",
      values: { ...meeting, end: time("2026-02-01T09:00:00", "Asia/Tokyo") },
      status: 501,
    },
    { name: "of a series", values: { ...meeting, recurrence: { pattern: {} } }, status: 501 },
  ])("refuses an event $name", async ({ values, status }) => {
    await using world = await startWorld();
    expect((await world.graph("POST", events, values)).status).toBe(status);
  });

  it(`${verifies("outlook-notification")} tells of events and contacts with their ETag`, async () => {
    await using world = await startWorld();
    await world.subscribe({ resource: events, changeType: "created,updated,deleted" });
    await world.subscribe({ resource: `users/${ADELE}/contacts`, changeType: "created" });
    const created = await world.graph("POST", events, meeting);
    const id = text(created.body, "id");
    const changed = await world.graph("PATCH", `${events}/${id}`, { subject: "Review 2" });
    await world.graph("DELETE", `${events}/${id}`);
    const contact = await world.graph("POST", `users/${ADELE}/contacts`, { givenName: "Grady" });
    const told = await arrived(world);
    const owner = `Users/${ADELE}@${world.simulator.tenantId}`;
    expect(told.map(({ changeType }) => changeType)).toEqual(["created", "updated", "deleted", "created"]);
    expect(told[1]).toEqual({
      changeType: "updated",
      resource: `${owner}/Events/${id}`,
      resourceData: {
        "@odata.type": "#Microsoft.Graph.Event",
        "@odata.id": `${owner}/Events/${id}`,
        "@odata.etag": text(changed.body, "@odata.etag"),
        id,
      },
    });
    expect(told[3]).toMatchObject({
      resource: `${owner}/Contacts/${text(contact.body, "id")}`,
      resourceData: { "@odata.type": "#Microsoft.Graph.Contact" },
    });
  });

  it("may be told several times of one change, each time of another version", async () => {
    await using world = await startWorld({ updatesPerAction: 3 });
    const id = await idOf(world.graph("POST", events, meeting));
    await world.subscribe({ resource: events, changeType: "updated" });
    await world.graph("PATCH", `${events}/${id}`, { subject: "Review 2" });
    const etags = (await arrived(world)).map(({ resourceData }) => Object(resourceData)["@odata.etag"]);
    expect(new Set(etags).size).toBe(3);
  });
});

describe("contacts and mail folders", () => {
  it("of another folder are not told to a subscription to the default one", async () => {
    await using world = await startWorld();
    const folders = `users/${ADELE}/contactFolders`;
    const folder = await idOf(world.graph("POST", folders, { displayName: "Clients" }));
    await world.subscribe({ resource: `users/${ADELE}/contacts`, changeType: "created" });
    await world.subscribe({ resource: `${folders}/${folder}/contacts`, changeType: "created" });
    const lost = await world.subscribe({ resource: `${folders}/nowhere/contacts`, changeType: "created" });
    expect(lost.status).toBe(404);
    const id = await idOf(world.graph("POST", `${folders}/${folder}/contacts`, { displayName: "Grady" }));
    expect(world.simulator.ledger.notifications).toHaveLength(1);
    expect((await world.graph("GET", `users/${ADELE}/contacts/${id}`)).body["displayName"]).toBe("Grady");
    expect((await world.graph("GET", `${folders}/nowhere/contacts`)).status).toBe(404);
  });

  it("hold folders in folders, with their counts, and go with everything in them", async () => {
    await using world = await startWorld();
    const folders = `users/${ADELE}/mailFolders`;
    const parent = await idOf(world.graph("POST", folders, { displayName: "Projects" }));
    const child = await idOf(
      world.graph("POST", `${folders}/${parent}/childFolders`, { displayName: "Apollo" }),
    );
    await world.graph("POST", `${folders}/${child}/messages`, { subject: "Launch" });
    expect((await world.graph("GET", `${folders}/${parent}`)).body).toMatchObject({ childFolderCount: 1 });
    expect((await world.graph("GET", `${folders}/${child}`)).body).toMatchObject({
      parentFolderId: parent,
      totalItemCount: 1,
      unreadItemCount: 1,
    });
    await world.subscribe({ resource: `users/${ADELE}/messages`, changeType: "deleted" });
    expect((await world.graph("DELETE", `${folders}/${parent}`)).status).toBe(204);
    expect((await world.graph("GET", `${folders}/${child}`)).status).toBe(404);
    expect((await arrived(world)).map(({ changeType }) => changeType)).toEqual(["deleted"]);
  });
});

describe("listings", () => {
  it(`${verifies("query-filter")} are filtered, ordered, counted and paged together`, async () => {
    await using world = await startWorld();
    const inbox = `users/${ADELE}/mailFolders/inbox/messages`;
    for (const subject of ["c", "a", "b", "other"]) {
      await world.graph("POST", inbox, { subject, importance: subject === "other" ? "low" : "high" });
    }
    const query = "$filter=importance eq 'high'&$orderby=subject&$top=2&$count=true&$select=subject";
    const first = await world.graph("GET", `${inbox}?${query}`);
    expect(names(first.body, "subject")).toEqual(["a", "b"]);
    expect(first.body["@odata.count"]).toBe(3);
    const second = await world.graph("GET", text(first.body, "@odata.nextLink"));
    expect(names(second.body, "subject")).toEqual(["c"]);
    const since = new Date(world.simulator.clock.now() + 60_000).toISOString();
    expect(names((await world.graph("GET", `${inbox}?$filter=receivedDateTime ge ${since}`)).body)).toEqual(
      [],
    );
    const bad = await world.graph("GET", `${inbox}?$filter=subject eq`);
    expect(bad.status).toBe(400);
    expect(errorOf(bad).message).toBe("Invalid filter clause: Expression expected.");
  });

  it("have the page size that is preferred", async () => {
    await using world = await startWorld();
    const folders = `users/${ADELE}/mailFolders`;
    const page = await world.graph("GET", folders, undefined, { prefer: "odata.maxpagesize=3" });
    expect(objects(page.body, "value")).toHaveLength(3);
  });
});

describe("a drive", () => {
  const drive = `users/${ADELE}/drive`;

  it("holds folders and files that are made, renamed, moved, replaced and deleted", async () => {
    await using world = await startWorld();
    const driveId = text((await world.graph("GET", drive)).body, "id");
    const folder = await idOf(world.graph("POST", `${drive}/root/children`, { name: "Reports", folder: {} }));
    const put = (path: string, body: object): ReturnType<World["graph"]> =>
      world.graph("PUT", `${drive}/${path}`, body);
    const file = await idOf(put("root:/Reports/2026/may.txt:/content", { text: "May" }));
    const nested = await world.graph("GET", `${drive}/root:/reports/2026`);
    expect(nested.body).toMatchObject({ name: "2026", folder: { childCount: 1 }, size: 14 });
    expect((await put(`items/${file}/content`, { text: "Replaced" })).body).toMatchObject({
      id: file,
      size: 19,
    });
    expect((await put(`items/${folder}:/june.txt:/content`, {})).status).toBe(201);
    expect((await put("items/nothing:/june.txt:/content", {})).status).toBe(404);

    const moved = await world.graph("PATCH", `${drive}/items/${file}`, {
      name: "May 2026.txt",
      parentReference: { id: folder },
    });
    expect(moved.body).toMatchObject({
      name: "May 2026.txt",
      parentReference: { id: folder, path: `/drives/${driveId}/root:/Reports` },
    });
    await world.graph("PATCH", `${drive}/items/${folder}`, { name: "Archive" });
    const children = await world.graph("GET", `drives/${driveId}/root:/Archive:/children`);
    expect(names(children.body, "name")).toEqual(["2026", "May 2026.txt", "june.txt"]);
    expect(objects(children.body, "value")[0]).toMatchObject({
      folder: { childCount: 0 },
      size: 0,
      parentReference: { path: `/drives/${driveId}/root:/Archive` },
    });
    expect((await world.graph("DELETE", `${drive}/items/${folder}`)).status).toBe(204);
    expect((await world.graph("GET", `${drive}/items/${file}`)).status).toBe(404);
    expect((await world.graph("GET", `${drive}/root`)).body).toMatchObject({
      size: 0,
      folder: { childCount: 0 },
    });
  });

  it("refuses what cannot be", async () => {
    await using world = await startWorld();
    const children = `${drive}/root/children`;
    const reports = { name: "Reports", folder: {} };
    await world.graph("POST", children, reports);
    const again = await world.graph("POST", children, reports);
    expect([again.status, errorOf(again).code]).toEqual([409, "nameAlreadyExists"]);
    const renamed = { ...reports, "@microsoft.graph.conflictBehavior": "rename" };
    expect((await world.graph("POST", children, renamed)).body["name"]).toBe("Reports 1");
    const other = await idOf(world.graph("POST", children, { name: "Other", folder: {} }));
    expect((await world.graph("PATCH", `${drive}/items/${other}`, { name: "reports" })).status).toBe(409);
    const nowhere = { parentReference: { id: "nowhere" } };
    expect((await world.graph("PATCH", `${drive}/items/${other}`, nowhere)).status).toBe(404);
    expect((await world.graph("POST", children, { name: "x" })).status).toBe(400);
    expect((await world.graph("PATCH", `${drive}/root`, { name: "x" })).status).toBe(400);
    expect((await world.graph("DELETE", `${drive}/items/root`)).status).toBe(400);
    expect((await world.graph("GET", `${drive}/root:/nowhere`)).status).toBe(404);
    expect((await world.graph("GET", "drives/b!abc/root")).status).toBe(404);
    expect((await world.graph("GET", "users/nobody/drive")).status).toBe(404);
  });

  it("belongs to groups and sites as well", async () => {
    await using world = await startWorld();
    const group = await createGroup(world);
    const ids = [
      text((await world.graph("GET", drive)).body, "id"),
      text((await world.graph("GET", `groups/${group}/drive`)).body, "id"),
      text((await world.graph("GET", "sites/root/drive")).body, "id"),
    ];
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect((await world.graph("GET", `drives/${id}/root`)).status).toBe(200);
  });

  it(`${verifies("drive-notification")} tells that something changed, once for each action, and not what`, async () => {
    await using world = await startWorld();
    const id = text((await world.graph("GET", drive)).body, "id");
    const [byUser, byDrive, byFolder] = [`/${drive}/root`, `drives/${id}/root`, `drives/${id}/root/Reports`];
    for (const resource of [byUser, byDrive, byFolder]) {
      const notificationUrl = `${world.receiver.url}/${encodeURIComponent(resource)}`;
      const answer = await world.subscribe({ resource, changeType: "updated", notificationUrl });
      expect(answer.status).toBe(201);
    }
    const folder = await idOf(world.graph("POST", `${drive}/root/children`, { name: "Reports", folder: {} }));
    await world.graph("PUT", `${drive}/root:/Reports/may.txt:/content`, {});
    await world.graph("DELETE", `${drive}/items/${folder}`);
    const told = await arrived(world);
    const of = (resource: string): readonly JsonObject[] =>
      told.filter((item) => item["resource"] === resource);
    expect(of(byUser)).toEqual(
      Array.from({ length: 3 }, () => ({ changeType: "updated", resource: byUser })),
    );
    expect(of(byDrive)).toHaveLength(3);
    expect(of(byFolder)).toHaveLength(1);
    expect(told).toHaveLength(7);
  });
});

describe("a site's lists", () => {
  it(`${verifies("list-notification")} tell that something changed, and not what`, async () => {
    await using world = await startWorld();
    const site = text((await world.graph("GET", "sites/root")).body, "id");
    const list = await idOf(world.graph("POST", `sites/${site}/lists`, { displayName: "Books" }));
    const resource = `sites/${site}/lists/${list}`;
    await world.subscribe({ resource, changeType: "updated" });
    const items = `${resource}/items`;
    const id = await idOf(world.graph("POST", items, { fields: { Title: "Emma", Author: "?" } }));
    const fields = await world.graph("PATCH", `${items}/${id}/fields`, { Author: "Jane Austen" });
    expect(fields.body).toMatchObject({ Title: "Emma", Author: "Jane Austen" });
    expect(
      names((await world.graph("GET", `${items}?$filter=fields/Author eq 'Jane Austen'`)).body, "id"),
    ).toEqual([id]);
    await world.graph("DELETE", `${items}/${id}`);
    expect(await arrived(world)).toEqual(
      Array.from({ length: 3 }, () => ({ changeType: "updated", resource })),
    );
  });

  it("are found by name, and not at all where there is none", async () => {
    await using world = await startWorld();
    const list = await idOf(world.graph("POST", "sites/root/lists", { displayName: "Books" }));
    expect((await world.graph("GET", "sites/contoso.sharepoint.com/lists/books")).body["id"]).toBe(list);
    expect(names((await world.graph("GET", "sites/root/lists")).body)).toEqual(["Books"]);
    expect((await world.graph("PATCH", `sites/root/lists/${list}`, { description: "Read" })).status).toBe(
      200,
    );
    expect((await world.graph("DELETE", `sites/root/lists/${list}`)).status).toBe(204);
    for (const path of ["sites/nowhere", "sites/nowhere/lists", `sites/root/lists/${list}/items`]) {
      expect(await world.graph("GET", path)).toHaveProperty("status", 404);
    }
    expect((await world.graph("PATCH", `sites/root/lists/${list}/items/1/fields`, {})).status).toBe(404);
    expect((await world.graph("POST", "sites/root/lists", {})).status).toBe(400);
  });
});

describe("presence", () => {
  const presence = `users/${ADELE}/presence`;
  const busy = { sessionId: "1", availability: "Busy", activity: "InACall", expirationDuration: "PT1H" };

  it("is offline until it is set", async () => {
    await using world = await startWorld();
    expect((await world.graph("GET", presence)).body).toMatchObject({ id: ADELE, availability: "Offline" });
    expect((await world.graph("POST", `${presence}/setPresence`, busy)).status).toBe(200);
    const all = await world.graph("POST", "communications/getPresencesByUserId", {
      ids: [ADELE, ALEX, "nobody"],
    });
    expect(names(all.body, "availability")).toEqual(["Busy", "Offline"]);
    await world.graph("POST", `${presence}/clearPresence`, {});
    expect((await world.graph("GET", `communications/presences/${ADELE}`)).body["availability"]).toBe(
      "Offline",
    );
    expect((await world.graph("POST", `${presence}/setPresence`, {})).status).toBe(400);
    expect((await world.graph("POST", "communications/getPresencesByUserId", {})).status).toBe(400);
    expect((await world.graph("GET", "users/nobody/presence")).status).toBe(404);
  });

  it(`${verifies("presence-notification")} is told of one user, or of several named by a filter`, async () => {
    await using world = await startWorld({ subscriptions: { quotas: { teamsPerAppAndResource: 2 } } });
    const several = `/communications/presences?$filter=id in ('${ADELE}','${ALEX}')`;
    for (const resource of [`communications/presences/${ADELE}`, several]) {
      expect((await world.subscribe({ resource, changeType: "updated" })).status).toBe(201);
    }
    await world.graph("POST", `${presence}/setPresence`, busy);
    await world.graph("POST", `users/${ALEX}/presence/setUserPreferredPresence`, busy);
    await world.graph("POST", "users/MeganB@contoso.onmicrosoft.com/presence/setPresence", busy);
    const told = await arrived(world);
    expect(told.map(({ resource }) => resource)).toEqual([
      `communications/presences/${ADELE}`,
      `communications/presences/${ADELE}`,
      `communications/presences/${ALEX}`,
    ]);
    expect(told[0]).toEqual({
      changeType: "updated",
      resource: `communications/presences/${ADELE}`,
      resourceData: {
        "@odata.id": `users/${ADELE}/presence`,
        "@odata.type": "#microsoft.graph.presence",
        id: ADELE,
      },
    });
  });
});

describe("To Do", () => {
  it("keeps tasks in lists, and tells of tasks", async () => {
    await using world = await startWorld();
    const lists = `users/${ADELE}/todo/lists`;
    expect(names((await world.graph("GET", lists)).body)).toEqual(["Tasks"]);
    const list = await idOf(world.graph("POST", lists, { displayName: "Shopping" }));
    const tasks = `${lists}/${list}/tasks`;
    expect((await world.subscribe({ resource: tasks, changeType: "created,updated,deleted" })).status).toBe(
      201,
    );
    const lost = await world.subscribe({ resource: `${lists}/nowhere/tasks`, changeType: "created" });
    expect(lost.status).toBe(404);
    const id = await idOf(world.graph("POST", tasks, { title: "Milk" }));
    await world.graph("PATCH", `${tasks}/${id}`, { status: "completed" });
    expect(
      (await world.graph("PATCH", `${lists}/${list}`, { displayName: "Food" })).body["displayName"],
    ).toBe("Food");
    await world.graph("DELETE", `${lists}/${list}`);
    const told = await arrived(world);
    expect(told.map(({ changeType }) => changeType)).toEqual(["created", "updated", "deleted"]);
    expect(told[0]).toMatchObject({ resourceData: { id, "@odata.type": "#Microsoft.Graph.todoTask" } });
    expect((await world.graph("GET", tasks)).status).toBe(404);
  });
});

describe("subscriptions with a filter", () => {
  it(`${verifies("outlook-filter")} are told created when an item comes to match, and deleted when it ceases to`, async () => {
    await using world = await startWorld();
    const resource = `users/${ADELE}/messages?$filter=isRead eq false and importance eq 'high'&$select=subject`;
    expect((await world.subscribe({ resource, changeType: "created,updated,deleted" })).status).toBe(201);
    const message = (id: string): string => `users/${ADELE}/messages/${id}`;
    const low = await idOf(world.graph("POST", `users/${ADELE}/messages`, { importance: "low" }));
    const high = await idOf(world.graph("POST", `users/${ADELE}/messages`, { importance: "high" }));
    await world.graph("PATCH", message(low), { subject: "still low" });
    await world.graph("PATCH", message(low), { importance: "high" });
    await world.graph("PATCH", message(high), { subject: "still high" });
    await world.graph("PATCH", message(high), { isRead: true });
    await world.graph("DELETE", message(high));
    await world.graph("DELETE", message(low));
    const told = await arrived(world);
    expect(told.map(({ changeType, resourceData }) => [changeType, Object(resourceData).id])).toEqual([
      ["created", high],
      ["created", low],
      ["updated", high],
      ["deleted", high],
      ["deleted", low],
    ]);
  });

  it.each([
    `users/${ADELE}/messages?$top=5`,
    `users/${ADELE}/messages?$filter=isRead eq`,
    `users/${ADELE}/events?$orderby=subject`,
    `users/${ADELE}/drive/root?$filter=name eq 'a'`,
    "users?$filter=id eq '1'",
    "chats/getAllMessages?$select=body",
  ])("are refused where it is not allowed: %s", async (resource) => {
    await using world = await startWorld();
    expect((await world.subscribe({ resource, changeType: "updated" })).status).toBe(400);
  });

  it("are another subscription than those with another filter", async () => {
    await using world = await startWorld();
    const subscribe = (query: string): ReturnType<World["graph"]> =>
      world.subscribe({ resource: `users/${ADELE}/messages${query}`, changeType: "created" });
    expect((await subscribe("")).status).toBe(201);
    expect((await subscribe("?$filter=isRead eq false")).status).toBe(201);
    expect((await subscribe("?$filter=isRead eq true")).status).toBe(201);
    expect((await subscribe("?$filter=isRead eq true&$select=subject")).status).toBe(409);
  });
});
