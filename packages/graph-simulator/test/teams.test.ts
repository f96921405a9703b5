import { describe, expect, it } from "vitest";

import type { JsonObject } from "../src/http/json.ts";
import type { SimulatorOptions } from "../src/index.ts";
import { followRound, idOf, told } from "./delta-round.ts";
import { verifies } from "./requirements.ts";
import { ADELE, HOUR_MS, objects, startWorld, text, type World } from "./world.ts";

const ALEX = "1b5c8d29-7e3f-40a4-86b2-d4f9e8071a32";
const MEGAN = "2c6d9e3a-8f40-41b5-97c3-e50af9182b43";

/** Without limits: Teams takes one read a second of each thing, and these tests read more often. */
function startTeams(options: SimulatorOptions = {}): Promise<World> {
  return startWorld({ throttle: "off", ...options });
}

function member(id: string): JsonObject {
  return {
    "@odata.type": "#microsoft.graph.aadUserConversationMember",
    roles: ["owner"],
    "user@odata.bind": `https://graph.microsoft.com/v1.0/users('${id}')`,
  };
}

function message(content: string): JsonObject {
  return { body: { contentType: "text", content } };
}

function createChat(world: World, chatType: string, ids: readonly string[]): Promise<string> {
  return idOf(world.graph("POST", "chats", { chatType, members: ids.map(member) }));
}

async function createTeam(world: World): Promise<{ team: string; channel: string }> {
  const created = await world.graph("POST", "teams", {
    "template@odata.bind": "https://graph.microsoft.com/v1.0/teamsTemplates('standard')",
    displayName: "Apollo",
    members: [member(ADELE)],
  });
  expect(created.status).toBe(202);
  const [, team = ""] = /^\/teams\('(.*)'\)$/.exec(created.headers.get("content-location") ?? "") ?? [];
  const channels = await world.graph("GET", `teams/${team}/channels`);
  return { team, channel: text(objects(channels.body, "value")[0] ?? {}, "id") };
}

async function changes(world: World): Promise<readonly unknown[]> {
  await world.simulator.settled();
  return world.receiver.notifications.map(({ changeType, resource }) => [changeType, resource]);
}

describe("chats", () => {
  it("are one for two people, and as many as they like for more", async () => {
    await using world = await startTeams();
    const pair = await createChat(world, "oneOnOne", [ADELE, ALEX]);
    expect(pair).toBe(`19:${ADELE}_${ALEX}@unq.gbl.spaces`);
    expect(await createChat(world, "oneOnOne", [ALEX, ADELE])).toBe(pair);
    const group = await createChat(world, "group", [ADELE, ALEX, MEGAN]);
    expect(group).toMatch(/^19:[0-9a-f]{32}@thread\.v2$/);
    const chats = async (path: string): Promise<readonly unknown[]> =>
      objects((await world.graph("GET", path)).body, "value").map(({ id }) => id);
    expect(await chats("chats")).toEqual([pair, group]);
    expect(await chats(`users/${MEGAN}/chats`)).toEqual([group]);
    const members = `chats/${group}/members`;
    const [first] = objects((await world.graph("GET", members)).body, "value");
    expect(first).toMatchObject({ userId: ADELE, displayName: "Adele Vance" });
    expect((await world.graph("DELETE", `${members}/${text(first ?? {}, "id")}`)).status).toBe(204);
    expect(await chats(`users/${ADELE}/chats`)).toEqual([pair]);
    expect((await world.graph("PATCH", `chats/${group}`, { topic: "Lunch" })).body["topic"]).toBe("Lunch");
  });

  it.each([
    { name: "of one person", body: { chatType: "oneOnOne", members: [member(ADELE)] } },
    { name: "with a stranger", body: { chatType: "group", members: [member(ADELE), member("nobody")] } },
    { name: "without a type", body: { members: [member(ADELE)] } },
    { name: "without members", body: { chatType: "group" } },
  ])("are refused $name", async ({ body }) => {
    await using world = await startTeams();
    expect((await world.graph("POST", "chats", body)).status).toBe(400);
    expect(world.simulator.ledger.changes).toEqual([]);
  });

  it(`${verifies("chat-messages-filter")} list messages newest first, and those changed since`, async () => {
    await using world = await startTeams();
    const chat = await createChat(world, "group", [ADELE, ALEX]);
    const messages = `chats/${chat}/messages`;
    const old = await idOf(world.graph("POST", messages, message("old")));
    const older = await idOf(world.graph("POST", messages, message("unchanged")));
    world.simulator.clock.advance(HOUR_MS / 2);
    const since = new Date(world.simulator.clock.now() - 1_000).toISOString();
    const fresh = await idOf(world.graph("POST", messages, message("new")));
    expect((await world.graph("PATCH", `${messages}/${old}`, message("edited"))).status).toBe(204);
    const ids = async (path: string): Promise<readonly unknown[]> =>
      objects((await world.graph("GET", path)).body, "value").map(({ id }) => id);
    expect(await ids(messages)).toEqual([fresh, older, old]);
    const query = `$orderby=lastModifiedDateTime desc&$filter=lastModifiedDateTime gt ${since}`;
    expect(new Set(await ids(`${messages}?${query}`))).toEqual(new Set([old, fresh]));
    expect(await ids(`users/${ALEX}/chats/getAllMessages`)).toHaveLength(3);
    expect(await ids(`users/${MEGAN}/chats/getAllMessages`)).toEqual([]);
    expect((await world.graph("GET", `${messages}?$top=51`)).status).toBe(400);
    expect((await world.graph("GET", `${messages}/delta`)).status).toBe(404);
  });

  it("have a delta function when that is confirmed", async () => {
    await using world = await startTeams({ unconfirmed: { chatMessagesDelta: true } });
    const chat = await createChat(world, "group", [ADELE, ALEX]);
    await world.graph("POST", `chats/${chat}/messages`, message("a"));
    expect((await followRound(world, `chats/${chat}/messages/delta`)).items).toHaveLength(1);
  });

  it(`${verifies("chat-message-notification")} tell of messages to the chat, its members and the tenant`, async () => {
    await using world = await startTeams();
    const chat = await createChat(world, "group", [ADELE, ALEX]);
    for (const resource of [
      "chats/getAllMessages",
      `/chats/${chat}/messages`,
      `users/${ADELE}/chats/getAllMessages`,
      `users/${MEGAN}/chats/getAllMessages`,
    ]) {
      expect((await world.subscribe({ resource, changeType: "created,updated,deleted" })).status).toBe(201);
    }
    const id = await idOf(world.graph("POST", `chats/${chat}/messages`, message("a")));
    await world.simulator.settled();
    expect(world.receiver.notifications).toHaveLength(3);
    const resource = `chats('${chat}')/messages('${id}')`;
    expect(world.receiver.notifications[0]).toMatchObject({
      changeType: "created",
      resource,
      resourceData: { id, "@odata.type": "#Microsoft.Graph.chatMessage", "@odata.id": resource },
    });
    expect((await world.graph("POST", `chats/${chat}/messages/${id}/softDelete`)).status).toBe(204);
    expect((await world.graph("GET", `chats/${chat}/messages/${id}`)).body).toMatchObject({
      deletedDateTime: expect.any(String),
      body: { content: "" },
    });
    await world.graph("POST", `chats/${chat}/messages/${id}/undoSoftDelete`);
    await world.simulator.settled();
    const later = world.receiver.notifications.slice(3).map(({ changeType }) => changeType);
    expect(later).toEqual(["deleted", "deleted", "deleted", "updated", "updated", "updated"]);
  });

  it(`${verifies("chat-message-query")} tell only of messages that mention somebody, or have a word`, async () => {
    await using world = await startTeams({ subscriptions: { quotas: { teamsPerAppAndResource: 2 } } });
    const chat = await createChat(world, "group", [ADELE, ALEX]);
    const resource = `chats/${chat}/messages`;
    await world.subscribe({ resource: `${resource}?$search="apollo"&model=A`, changeType: "created" });
    await world.subscribe({
      resource: `${resource}?$filter=mentions/any(u: u/mentioned/user/id eq '${ALEX}')`,
      changeType: "created",
    });
    const mentions = [{ id: 0, mentioned: { user: { id: ALEX } } }];
    await world.graph("POST", resource, message("nothing"));
    await world.graph("POST", resource, message("Apollo has landed"));
    await world.graph("POST", resource, { ...message("you"), mentions });
    expect(world.simulator.ledger.notifications).toHaveLength(2);
  });

  it("tell of themselves and their members", async () => {
    await using world = await startTeams();
    await world.subscribe({ resource: "chats", changeType: "created,updated" });
    await world.subscribe({ resource: "chats/getAllMembers", changeType: "created,deleted" });
    const chat = await createChat(world, "group", [ADELE]);
    await world.graph("PATCH", `chats/${chat}`, { topic: "Lunch" });
    expect((await world.graph("POST", `chats/${chat}/members`, member(ALEX))).status).toBe(201);
    expect((await world.graph("POST", `chats/${chat}/members`, member("nobody"))).status).toBe(400);
    const [first, second, ...rest] = await changes(world);
    expect(first).toEqual(["created", `chats('${chat}')`]);
    expect(second).toEqual(["created", expect.stringMatching(/\/members\('/)]);
    expect(rest).toHaveLength(2);
  });
});

describe("teams", () => {
  it("are made with a group, members and a channel, and go with the group", async () => {
    await using world = await startTeams();
    await world.subscribe({ resource: "teams", changeType: "created,updated,deleted" });
    const { team } = await createTeam(world);
    expect((await world.graph("GET", `groups/${team}`)).body).toMatchObject({ displayName: "Apollo" });
    expect((await world.graph("GET", `teams/${team}/operations/1`)).body).toMatchObject({
      status: "succeeded",
    });
    const members = await world.graph("GET", `teams/${team}/members`);
    expect(objects(members.body, "value")).toMatchObject([{ userId: ADELE, roles: ["owner"] }]);
    expect((await world.graph("PATCH", `teams/${team}`, { description: "To the moon" })).status).toBe(204);
    await world.graph("DELETE", `groups/${team}`);
    expect((await world.graph("GET", `teams/${team}`)).status).toBe(404);
    const resource = `teams('${team}')`;
    expect(await changes(world)).toEqual([
      ["created", resource],
      ["updated", resource],
      ["deleted", resource],
    ]);
    expect((await world.graph("POST", "teams", {})).status).toBe(400);
  });

  it("can be made of a group that is there, once", async () => {
    await using world = await startTeams();
    const group = await idOf(
      world.graph("POST", "groups", {
        displayName: "Sales",
        mailEnabled: true,
        mailNickname: "sales",
        securityEnabled: false,
      }),
    );
    expect((await world.graph("PUT", `groups/${group}/team`, {})).body).toMatchObject({
      id: group,
      displayName: "Sales",
    });
    expect((await world.graph("PUT", `groups/${group}/team`, {})).status).toBe(409);
    expect((await world.graph("PUT", "groups/nobody/team", {})).status).toBe(404);
  });

  it("tell of channels", async () => {
    await using world = await startTeams();
    const { team } = await createTeam(world);
    await world.subscribe({ resource: "teams/getAllChannels", changeType: "created,updated,deleted" });
    const channels = `teams/${team}/channels`;
    const id = await idOf(world.graph("POST", channels, { displayName: "Landing" }));
    expect(id).toMatch(/^19:[0-9a-f]{32}@thread\.tacv2$/);
    await world.graph("PATCH", `${channels}/${id}`, { description: "Where it lands" });
    await world.graph("DELETE", `${channels}/${id}`);
    const resource = `teams('${team}')/channels('${id}')`;
    expect(await changes(world)).toEqual([
      ["created", resource],
      ["updated", resource],
      ["deleted", resource],
    ]);
    expect((await world.graph("GET", "teams/nobody/channels")).status).toBe(404);
  });

  it(`${verifies("channel-message-notification")} tell of messages and replies in a channel`, async () => {
    await using world = await startTeams();
    const { team, channel } = await createTeam(world);
    const messages = `teams/${team}/channels/${channel}/messages`;
    await world.subscribe({ resource: `/${messages}`, changeType: "created" });
    await world.subscribe({ resource: "teams/getAllMessages", changeType: "deleted" });
    const id = await idOf(world.graph("POST", messages, message("Launch?")));
    const reply = await idOf(world.graph("POST", `${messages}/${id}/replies`, message("Launch!")));
    await world.graph("POST", `${messages}/${id}/replies/${reply}/softDelete`);
    const resource = `teams('${team}')/channels('${channel}')/messages('${id}')`;
    expect(await changes(world)).toEqual([
      ["created", resource],
      ["created", `${resource}/replies('${reply}')`],
      ["deleted", `${resource}/replies('${reply}')`],
    ]);
    const listed = await world.graph("GET", messages);
    expect(objects(listed.body, "value").map((item) => item["id"])).toEqual([id]);
    const exported = await world.graph("GET", `teams/${team}/channels/getAllMessages`);
    expect(objects(exported.body, "value")).toHaveLength(2);
    expect((await world.graph("GET", `${messages}/1/replies`)).status).toBe(404);
    expect((await world.graph("POST", `${messages}/1/softDelete`)).status).toBe(404);
    expect((await world.graph("GET", "teams/nobody/channels/getAllMessages")).status).toBe(404);
  });

  it(`${verifies("delta-channel-messages")} track the messages of a channel, without replies`, async () => {
    await using world = await startTeams();
    const { team, channel } = await createTeam(world);
    const messages = `teams/${team}/channels/${channel}/messages`;
    const id = await idOf(world.graph("POST", messages, { ...message("a"), subject: "a" }));
    const first = await followRound(world, `${messages}/delta?$top=1`);
    expect(told(first.items, "subject")).toEqual(["a"]);
    await world.graph("POST", `${messages}/${id}/replies`, { ...message("reply"), subject: "reply" });
    world.simulator.clock.advance(HOUR_MS / 2);
    const since = new Date(world.simulator.clock.now() - 1_000).toISOString();
    await world.graph("POST", messages, { ...message("b"), subject: "b" });
    await world.graph("POST", messages, { ...message("c"), subject: "c" });
    const second = await followRound(world, first.deltaLink);
    expect(told(second.items, "subject")).toEqual(["b", "c"]);
    expect(second.pages).toEqual([1, 1]);
    const late = await followRound(world, `${messages}/delta?$filter=lastModifiedDateTime gt ${since}`);
    expect(told(late.items, "subject")).toEqual(["b", "c"]);
    await world.graph("POST", `${messages}/${id}/softDelete`);
    const third = await followRound(world, second.deltaLink);
    expect(third.items).toMatchObject([{ id, deletedDateTime: expect.any(String) }]);
    for (const query of ["$top=51", "$filter=subject eq 'a'"]) {
      expect(await world.graph("GET", `${messages}/delta?${query}`)).toHaveProperty("status", 400);
    }
    world.simulator.expireDeltaTokens({ path: "teams" });
    expect((await world.graph("GET", third.deltaLink)).status).toBe(410);
    expect((await world.graph("GET", "teams/nobody/channels/1/messages/delta")).status).toBe(404);
  });

  it("have a delta function of replies when that is confirmed", async () => {
    await using world = await startTeams({ unconfirmed: { repliesDelta: true } });
    const { team, channel } = await createTeam(world);
    const messages = `teams/${team}/channels/${channel}/messages`;
    const id = await idOf(world.graph("POST", messages, message("a")));
    await world.graph("POST", `${messages}/${id}/replies`, message("reply"));
    expect((await followRound(world, `${messages}/${id}/replies/delta`)).items).toHaveLength(1);
  });
});

it.each([
  "chats/19:nobody@thread.v2/messages",
  "teams/nobody/channels",
  "teams/nobody/channels/19:nobody@thread.tacv2/messages",
  "users/nobody/chats/getAllMessages",
  "communications/presences/nobody",
  "drives/nothing/root",
  "sites/root/lists/nothing",
])("nobody can subscribe to what is not there: %s", async (resource) => {
  await using world = await startTeams();
  expect((await world.subscribe({ resource, changeType: "updated" })).status).toBe(404);
});
