import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { parseDelivery } from "./delivery.ts";
import type { JsonObject } from "./json.ts";
import { canonicalResource, resourceKeyOf } from "./resource-key.ts";

const U = "622eaaff-0683-4862-9de4-f2ec83c2bd98";
const T = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const TEAM = "d29828b8-c04d-4e2a-b2f6-07da6982f0f0";
const CHANNEL = "19:f127a8c55ad949d1a238464d22f0f99e@thread.skype";
const CHAT = "19:8ea0e38b-efb3-4757-924a-5f94061cf8c2_97f62344-57dc-409c-88ad-c4af14158ff5@unq.gbl.spaces";

/** A path, or a notification when the path alone is not what tells. */
type Told = string | { resource?: string; resourceData: JsonObject };

function keyOf(told: Told): string | undefined {
  return typeof told === "string"
    ? resourceKeyOf({ resource: told, resourceData: undefined })
    : resourceKeyOf({ resource: undefined, ...told });
}

const ONE_KEY: { key: string; ways: Told[] }[] = [
  {
    key: `users/${U}`,
    ways: [
      `users/${U}`,
      `Users/${U}`,
      `/users/${U}`,
      `USERS/${U.toUpperCase()}`,
      `users/${U}@${T}`,
      `Users/${U.toUpperCase()}@${T.toUpperCase()}`,
      `users('${U}')`,
      `Users('${U}@${T}')`,
      `users(${U})`,
      `users%28%27${U}%27%29`,
      `https://graph.microsoft.com/v1.0/users/${U}`,
      `https://graph.microsoft.com/beta/Users('${U}')`,
      `https://dod-graph.microsoft.us/v1.0/users/${U}?$select=id`,
      `users/${U}?$select=id,mail`,
      { resource: "users", resourceData: { id: U } },
      { resource: "Users", resourceData: { id: U.toUpperCase() } },
      { resource: "users", resourceData: { id: "stale", "@odata.id": `Users/${U}` } },
      { resourceData: { "@odata.id": `Users/${U}` } },
      { resource: "", resourceData: { "@odata.id": `Users/${U}` } },
    ],
  },
  {
    key: `users/${U}/messages/AAMkAGUw_-=`,
    ways: [
      `users/${U}/messages/AAMkAGUw_-=`,
      `Users/${U}/Messages/AAMkAGUw_-=`,
      `Users/${U}@${T}/Messages/AAMkAGUw_-=`,
      `users('${U}')/messages('AAMkAGUw_-=')`,
      `users/${U}/messages/AAMkAGUw_-%3D`,
      `users/${U}/mailFolders/inbox/messages/AAMkAGUw_-=`,
      `users/${U}/mailFolders('inbox')/messages('AAMkAGUw_-=')`,
      `users/${U}/MailFolders('AAMkFolder=')/Messages('AAMkAGUw_-=')`,
      `users/${U}/mailFolders/AAMkFolder/childFolders/AAMkChild/messages/AAMkAGUw_-=`,
      `https://graph.microsoft.com/v1.0/users/${U}/mailFolders/inbox/messages/AAMkAGUw_-=?$select=subject`,
      { resource: `users/${U}/messages`, resourceData: { id: "AAMkAGUw_-=" } },
      { resource: `users/${U}/mailFolders('inbox')/messages`, resourceData: { id: "AAMkAGUw_-=" } },
      {
        resource: `users/${U}/mailFolders/inbox/messages?$filter=isRead eq false`,
        resourceData: { id: "AAMkAGUw_-=" },
      },
      {
        resource: `users/${U}/messages`,
        resourceData: { "@odata.id": `Users/${U}@${T}/Messages/AAMkAGUw_-=`, id: "AAMkAGUw_-=" },
      },
    ],
  },
  {
    key: `users/${U}/messages/AAMk%2FAD+=`,
    ways: [
      `users/${U}/messages/AAMk%2FAD+=`,
      `users/${U}/messages/AAMk%2fAD%2B%3D`,
      `users/${U}/messages('AAMk/AD+=')`,
      `users('${U}')/messages('AAMk%2FAD%2B%3D')`,
      `users/${U}/mailFolders('in/box')/messages('AAMk/AD+=')`,
      { resource: `users/${U}/messages`, resourceData: { id: "AAMk/AD+=" } },
    ],
  },
  {
    key: "me/messages/AAMk",
    ways: ["me/messages/AAMk", "/Me/Messages('AAMk')", "me/mailFolders/inbox/messages/AAMk"],
  },
  {
    key: `users/${U}/events/AAMkEvent`,
    ways: [
      `users/${U}/events/AAMkEvent`,
      `Users/${U}@${T}/Events/AAMkEvent`,
      `users/${U}/calendar/events/AAMkEvent`,
      `users/${U}/calendars/AAMkCalendar/events/AAMkEvent`,
      `users/${U}/calendars('AAMkCalendar')/events('AAMkEvent')`,
      `users/${U}/calendarGroups/g/calendars/c/events/AAMkEvent`,
      `users/${U}/calendarView/AAMkEvent`,
      `users/${U}/calendarView('AAMkEvent')?startDateTime=2026-01-01`,
      `users/${U}/calendar/calendarView/AAMkEvent`,
      `users/${U}/calendars/c/calendarview/AAMkEvent`,
      { resource: `users/${U}/calendar/events`, resourceData: { id: "AAMkEvent" } },
      { resource: `users/${U}/calendarView`, resourceData: { id: "AAMkEvent" } },
    ],
  },
  {
    key: `users/${U}/contacts/AAMkContact`,
    ways: [
      `users/${U}/contacts/AAMkContact`,
      `Users/${U}@${T}/Contacts('AAMkContact')`,
      `users/${U}/contactFolders/f/contacts/AAMkContact`,
      `users/${U}/contactFolders('f')/childFolders('g')/contacts('AAMkContact')`,
      { resource: `users/${U}/contactFolders/f/contacts`, resourceData: { id: "AAMkContact" } },
    ],
  },
  {
    key: `users/o'neil@contoso.com/messages/AAMk`,
    ways: [
      `users('o''neil@contoso.com')/messages('AAMk')`,
      `users/o%27neil@contoso.com/messages/AAMk`,
      `users/o'neil@contoso.com/messages/AAMk`,
      `users/o'neil@contoso.com/mailFolders/inbox/messages/AAMk`,
    ],
  },
  {
    key: `chats/${CHAT}/messages/1612289765949`,
    ways: [
      `chats('${CHAT}')/messages('1612289765949')`,
      `chats/${CHAT}/messages/1612289765949`,
      `/Chats/${encodeURIComponent(CHAT)}/Messages/1612289765949`,
      `chats('${encodeURIComponent(CHAT)}')/messages('1612289765949')`,
      { resource: `chats/${CHAT}/messages`, resourceData: { id: "1612289765949" } },
      {
        resource: "chats/getAllMessages",
        resourceData: { id: "1612289765949", "@odata.id": `chats('${CHAT}')/messages('1612289765949')` },
      },
      {
        resource: `users/${U}/chats/getAllMessages`,
        resourceData: { id: "1612289765949", "@odata.id": `chats/${CHAT}/messages/1612289765949` },
      },
      {
        resource: `appCatalogs/teamsApps/${T}/installedToChats/getAllMessages`,
        resourceData: { "@odata.id": `chats('${CHAT}')/messages('1612289765949')` },
      },
    ],
  },
  {
    key: `teams/${TEAM}/channels/${CHANNEL}/messages/1565045424600`,
    ways: [
      `teams('${TEAM}')/channels('${CHANNEL}')/messages('1565045424600')`,
      `teams/${TEAM.toUpperCase()}/channels/${CHANNEL}/messages/1565045424600`,
      `https://graph.microsoft.com/beta/teams/${TEAM}/channels/${encodeURIComponent(CHANNEL)}/messages/1565045424600`,
      { resource: `teams/${TEAM}/channels/${CHANNEL}/messages`, resourceData: { id: "1565045424600" } },
      {
        resource: "teams/getAllMessages",
        resourceData: {
          "@odata.id": `teams('${TEAM}')/channels('${CHANNEL}')/messages('1565045424600')`,
        },
      },
    ],
  },
  {
    key: `teams/${TEAM}/channels/${CHANNEL}/messages/1565045424600/replies/1565047490246`,
    ways: [
      `teams('${TEAM}')/channels('${CHANNEL}')/messages('1565045424600')/replies('1565047490246')`,
      `teams/${TEAM}/channels/${CHANNEL}/messages/1565045424600/replies/1565047490246`,
      {
        resource: "teams/getAllMessages",
        resourceData: {
          id: "1565047490246",
          "@odata.id": `Teams('${TEAM}')/Channels('${CHANNEL}')/Messages('1565045424600')/Replies('1565047490246')`,
        },
      },
    ],
  },
  {
    key: `drives/b!AbC-d/root`,
    ways: [
      "drives/b!AbC-d/root",
      "/Drives('b!AbC-d')/Root",
      { resource: "drives/b!AbC-d/root", resourceData: { "@odata.type": "#Microsoft.Graph.DriveItem" } },
      { resource: "drives/b!AbC-d/root", resourceData: { id: "never-documented" } },
    ],
  },
  {
    key: "communications/presences/fc913b8d-28fc-4f91-9d1d-2a4c6a5f6a6b",
    ways: [
      "communications/presences/fc913b8d-28fc-4f91-9d1d-2a4c6a5f6a6b",
      "Communications/Presences('FC913B8D-28FC-4F91-9D1D-2A4C6A5F6A6B')",
      { resource: "communications/presences", resourceData: { id: "fc913b8d-28fc-4f91-9d1d-2a4c6a5f6a6b" } },
    ],
  },
];

describe("one thing has one key, however it is written", () => {
  it.each(ONE_KEY.flatMap(({ key, ways }) => ways.map((told) => ({ key, told }))))(
    "$key: $told",
    ({ key, told }) => {
      expect(keyOf(told)).toBe(key);
    },
  );

  it.each(ONE_KEY)("and the key is a way to write it: $key", ({ key }) => {
    expect(keyOf(key)).toBe(key);
  });
});

describe("two things have two keys", () => {
  it.each<{ name: string; one: Told; other: Told }>([
    {
      name: "Outlook ids that differ by case alone",
      one: `users/${U}/messages/AAMkAGUwNjQ4ZjIxAAA=`,
      other: `users/${U}/messages/AAMkAGUwNjQ4ZjIxAAa=`,
    },
    {
      name: "Outlook ids that look like names and differ by case",
      one: { resource: `users/${U}/messages`, resourceData: { id: "aaa" } },
      other: { resource: `users/${U}/messages`, resourceData: { id: "AAA" } },
    },
    {
      name: "an id with an encoded slash and one with the letters of it",
      one: `users/${U}/messages/a%2Fb`,
      other: `users/${U}/messages/a%252Fb`,
    },
    {
      name: "a slash in an id and a path one level deeper",
      one: `users/${U}/messages('a/b')`,
      other: `users/${U}/messages/a/b`,
    },
    { name: "one id in two mailboxes", one: `users/${U}/messages/a`, other: `users/${T}/messages/a` },
    { name: "one id in two collections", one: `users/${U}/messages/a`, other: `users/${U}/events/a` },
    {
      name: "one message id in two chats",
      one: `chats/${CHAT}/messages/16`,
      other: `chats/19:other@thread.v2/messages/16`,
    },
    {
      name: "chats whose ids differ by case",
      one: `chats/19:AbC@thread.v2/messages/16`,
      other: `chats/19:abc@thread.v2/messages/16`,
    },
    {
      name: "a message and a reply to it",
      one: `teams/${TEAM}/channels/${CHANNEL}/messages/1`,
      other: `teams/${TEAM}/channels/${CHANNEL}/messages/1/replies/1`,
    },
    {
      name: "a folder and a message in it",
      one: `users/${U}/mailFolders/a`,
      other: `users/${U}/mailFolders/a/messages/a`,
    },
    { name: "two drives", one: "drives/b!AbC/root", other: "drives/b!aBc/root" },
    { name: "a drive and a folder in it", one: "drives/b!AbC/root", other: "drives/b!AbC/root/folder" },
  ])("$name", ({ one, other }) => {
    expect(keyOf(one)).toBeDefined();
    expect(keyOf(one)).not.toBe(keyOf(other));
  });
});

describe("a notification that does not say what changed", () => {
  it.each<{ name: string; told: { resource: string | undefined; resourceData: JsonObject | undefined } }>([
    { name: "nothing at all", told: { resource: undefined, resourceData: undefined } },
    { name: "an empty path", told: { resource: "", resourceData: {} } },
    { name: "a slash", told: { resource: "/", resourceData: undefined } },
    { name: "an id without a path", told: { resource: undefined, resourceData: { id: "a" } } },
    { name: "a path that is no text", told: { resource: undefined, resourceData: { "@odata.id": 7 } } },
  ])("has no key: $name", ({ told }) => {
    expect(resourceKeyOf(told)).toBeUndefined();
  });

  it.each<{ name: string; told: Told; key: string }>([
    { name: "no id", told: { resource: "users", resourceData: {} }, key: "users" },
    { name: "an empty id", told: { resource: "users", resourceData: { id: "" } }, key: "users" },
    { name: "an id that is no text", told: { resource: "users", resourceData: { id: 7 } }, key: "users" },
    {
      name: "folders without an item",
      told: `users/${U}/mailFolders/inbox/messages`,
      key: `users/${U}/mailFolders/inbox/messages`,
    },
    {
      name: "every chat",
      told: { resource: "chats/getAllMessages", resourceData: { id: "1" } },
      key: "chats/getAllMessages",
    },
    { name: "a container alone", told: `users/${U}/calendar`, key: `users/${U}/calendar` },
  ])("has the key of what was subscribed to: $name", ({ told, key }) => {
    expect(keyOf(told)).toBe(key);
  });
});

describe("an item of a mailbox", () => {
  it.each([
    [`users/${U}/mailFolders/inbox`, `users/${U}/mailFolders/inbox`],
    [`users/${U}/mailFolders/inbox/childFolders/a`, `users/${U}/mailFolders/inbox/childFolders/a`],
    [`groups/${U}/calendar/events/a`, `groups/${U}/events/a`],
    [`users/${U}/mailFolders/f/messages/m/attachments/a`, `users/${U}/messages/m/attachments/a`],
    [`users/${U}/todo/lists/l/tasks/t`, `users/${U}/todo/lists/l/tasks/t`],
    [`users/${U}/mailFolders/f/constructor/a`, `users/${U}/mailFolders/f/constructor/a`],
  ])("is found only in its folder: %s is %s", (told, key) => {
    expect(keyOf(told)).toBe(key);
  });
});

describe("recorded deliveries", () => {
  it.each([
    ["outlook-message", [`users/${U}/messages/AAMkAGUwNjQ4ZjIxAAA=`]],
    ["directory-user", ["users/4d3bf6a0-6b2b-4b3c-9f83-8d2b5d6a1f10"]],
    ["teams-chat-message", [`chats/${CHAT}/messages/1612289765949`]],
    [
      "encrypted-channel-reply",
      [`teams/${TEAM}/channels/${CHANNEL}/messages/1565045424600/replies/1565047490246`],
    ],
    ["drive-item", ["me/drive/root", "me/drive/root"]],
    ["presence", ["communications/presences/fc913b8d-28fc-4f91-9d1d-2a4c6a5f6a6b"]],
  ])("tell of %s as %s", (name, keys) => {
    const url = new URL(`../../test/fixtures/${name}.json`, import.meta.url);
    const { delivery }: { delivery: unknown } = JSON.parse(readFileSync(url, "utf8"));
    const parsed = parseDelivery(delivery);
    const items = parsed.kind === "delivery" ? parsed.items : [];
    expect(items.map((item) => item.kind === "notification" && resourceKeyOf(item))).toEqual(keys);
  });
});

describe("a subscribed resource", () => {
  it.each([
    ["/Users", "users"],
    [
      `Users('${U.toUpperCase()}')/MailFolders('Inbox')/Messages?$select=id`,
      `users/${U}/mailFolders/Inbox/messages`,
    ],
    ["https://graph.microsoft.com/v1.0/me/events", "me/events"],
    ["chats/getallmessages", "chats/getAllMessages"],
  ])("%s has the canonical path %s", (resource, path) => {
    expect(canonicalResource(resource)).toBe(path);
  });
});
