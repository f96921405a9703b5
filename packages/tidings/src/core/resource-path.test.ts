import { describe, expect, it } from "vitest";

import { canonicalSegments, isCollection, isGraphName, joinSegments } from "./resource-path.ts";

const USER = "622eaaff-0683-4862-9de4-f2ec83c2bd98";
const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";

describe("canonical segments", () => {
  it.each<{ name: string; resource: string; segments: string[] }>([
    { name: "a plain path", resource: "users/1/messages", segments: ["users", "1", "messages"] },
    { name: "slashes around and within", resource: "/users//1/", segments: ["users", "1"] },
    { name: "nothing", resource: "", segments: [] },
    { name: "a slash", resource: "/", segments: [] },
    {
      name: "names in Graph's spelling",
      resource: "USERS/1/mailfolders/2",
      segments: ["users", "1", "mailFolders", "2"],
    },
    {
      name: "ids in their own",
      resource: "users/AbC/messages/aBc",
      segments: ["users", "AbC", "messages", "aBc"],
    },
    { name: "GUIDs in lower case", resource: `users/${USER.toUpperCase()}`, segments: ["users", USER] },
    { name: "a user at a tenant", resource: `Users/${USER}@${TENANT}`, segments: ["users", USER] },
    {
      name: "a user principal name",
      resource: "users/Adele@contoso.com",
      segments: ["users", "Adele@contoso.com"],
    },
    {
      name: "a GUID at a name",
      resource: `users/${USER}@contoso.com`,
      segments: ["users", `${USER}@contoso.com`],
    },
    {
      name: "a name at a GUID",
      resource: `users/adele@${TENANT}`,
      segments: ["users", `adele@${TENANT}`],
    },
    {
      name: "two tenants",
      resource: `users/${USER}@${TENANT}@${TENANT}`,
      segments: ["users", `${USER}@${TENANT}@${TENANT}`],
    },
    {
      name: "a quoted key",
      resource: "chats('19:x@thread.v2')/messages('16')",
      segments: ["chats", "19:x@thread.v2", "messages", "16"],
    },
    { name: "a bare key", resource: "users(1)/messages(2)", segments: ["users", "1", "messages", "2"] },
    { name: "an escaped quote", resource: "users('o''neil@b.c')", segments: ["users", "o'neil@b.c"] },
    {
      name: "two escaped quotes",
      resource: "users('a''''b')/messages",
      segments: ["users", "a''b", "messages"],
    },
    {
      name: "a slash in a quoted key",
      resource: "messages('a/b')/replies('c')",
      segments: ["messages", "a/b", "replies", "c"],
    },
    {
      name: "a question mark in a quoted key",
      resource: "messages('a?b')/replies",
      segments: ["messages", "a?b", "replies"],
    },
    { name: "a parenthesis in a quoted key", resource: "messages('a)b(c')", segments: ["messages", "a)b(c"] },
    { name: "encoded quotes", resource: "messages(%27a%27)", segments: ["messages", "a"] },
    { name: "an encoded id", resource: "messages/AAMk%2FAD%2B%3D", segments: ["messages", "AAMk/AD+="] },
    {
      name: "an encoded quoted id",
      resource: "messages('AAMk%2FAD%3D')",
      segments: ["messages", "AAMk/AD="],
    },
    { name: "a lone percent sign", resource: "messages/100%", segments: ["messages", "100%"] },
    { name: "a plus, which is no space", resource: "messages/a+b", segments: ["messages", "a+b"] },
    { name: "a query", resource: "users?$filter=a eq 'x/y'", segments: ["users"] },
    {
      name: "a query with quotes and slashes",
      resource: "users/1/messages?$search=\"a/b\"&x='?'",
      segments: ["users", "1", "messages"],
    },
    { name: "a URL of v1.0", resource: "https://graph.microsoft.com/v1.0/users/1", segments: ["users", "1"] },
    {
      name: "a URL of beta",
      resource: "HTTPS://graph.microsoft.us/BETA/users/1?x=1",
      segments: ["users", "1"],
    },
    {
      name: "a URL with a port",
      resource: "http://127.0.0.1:8080/v1.0/users('1')",
      segments: ["users", "1"],
    },
    {
      name: "a template's parameters",
      resource: "users/{userId}/messages",
      segments: ["users", "{userId}", "messages"],
    },
    {
      name: "a function with arguments",
      resource: "events/getEventsFromOrganizers(organizerIds=['1','2'])",
      segments: ["events", "getEventsFromOrganizers(organizerIds=['1','2'])"],
    },
    { name: "a key that is no word's", resource: "a-b('c')", segments: ["a-b('c')"] },
    // expandTemplate writes such a name as it is.
    {
      name: "an apostrophe in an id",
      resource: "users/o'neil@b.c/messages",
      segments: ["users", "o'neil@b.c", "messages"],
    },
    {
      name: "an apostrophe in an id, and a query",
      resource: "users/o'neil@b.c/messages?$filter=x",
      segments: ["users", "o'neil@b.c", "messages"],
    },
    {
      name: "two apostrophes in two ids",
      resource: "users/o'neil/messages/a'b",
      segments: ["users", "o'neil", "messages", "a'b"],
    },
  ])("of $name: $resource", ({ resource, segments }) => {
    expect(canonicalSegments(resource)).toEqual(segments);
  });
});

describe("a path", () => {
  it.each([
    { segments: ["users", "1"], path: "users/1" },
    { segments: ["messages", "AAMk/AD+="], path: "messages/AAMk%2FAD+=" },
    { segments: ["messages", "a?b#c%d"], path: "messages/a%3Fb%23c%25d" },
    { segments: ["chats", "19:x@thread.v2"], path: "chats/19:x@thread.v2" },
    { segments: [], path: "" },
  ])("of $segments is $path", ({ segments, path }) => {
    expect(joinSegments(segments)).toBe(path);
  });

  it.each([
    ["messages", "a/b"],
    ["messages", "a%2Fb"],
    ["messages", "100%"],
    ["messages", "a?b#c"],
    ["users", "o'neil@b.c", "messages", "x"],
    ["chats", "19:x_y@unq.gbl.spaces", "messages", "16"],
  ])("of %s %j is read back as it was", (...segments) => {
    expect(canonicalSegments(joinSegments(segments))).toEqual(segments);
  });
});

describe("a segment", () => {
  it.each([
    ["users", true, true],
    ["mailFolders", true, true],
    ["replies", true, true],
    ["getAllMessages", true, false],
    ["root", true, false],
    ["me", true, false],
    ["calendar", true, false],
    ["Users", false, false],
    ["mailfolders", false, false],
    ["AAMk", false, false],
    ["", false, false],
    ["constructor", false, false],
  ])("%j is a name of Graph's: %s, of a collection: %s", (segment, isName, isOfCollection) => {
    expect(isGraphName(segment)).toBe(isName);
    expect(isCollection(segment)).toBe(isOfCollection);
  });
});
