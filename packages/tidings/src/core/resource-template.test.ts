import { describe, expect, it } from "vitest";

import { expandTemplate, parseResourceTemplate, resourceQuery, type Params } from "./resource-template.ts";

describe("a resource template", () => {
  it.each([
    { text: "users", path: "users", query: undefined, paramNames: [] },
    { text: "/users", path: "users", query: undefined, paramNames: [] },
    {
      text: "users/{userId}/messages",
      path: "users/{userId}/messages",
      query: undefined,
      paramNames: ["userId"],
    },
    {
      text: "teams/{teamId}/channels('{channel_2}')/messages",
      path: "teams/{teamId}/channels('{channel_2}')/messages",
      query: undefined,
      paramNames: ["teamId", "channel_2"],
    },
    {
      text: "security/alerts?$filter=status eq 'new' and a eq '?'",
      path: "security/alerts",
      query: "$filter=status eq 'new' and a eq '?'",
      paramNames: [],
    },
    { text: "users?", path: "users", query: "", paramNames: [] },
    {
      text: "chats/{_id}?notifyOnUserSpecificProperties=true",
      path: "chats/{_id}",
      query: "notifyOnUserSpecificProperties=true",
      paramNames: ["_id"],
    },
  ])("is parsed: $text", ({ text, ...template }) => {
    expect(parseResourceTemplate(text)).toEqual(template);
  });

  it.each([
    "",
    "/",
    "?$filter=a",
    "https://graph.microsoft.com/v1.0/users",
    "HTTPS://graph.microsoft.com/v1.0/users",
    "users /x",
    " users",
    "users\n",
    "users/\u0000",
  ])("is no path below the version root: %j", (text) => {
    expect(() => parseResourceTemplate(text)).toThrow(
      new TypeError(
        `Expected a resource path below Graph's version root, such as \`users\` or \`users/{userId}/messages\`, got \`${text}\``,
      ),
    );
  });

  it.each([
    "users/{}/messages",
    "users/{1}/messages",
    "users/{user-id}/messages",
    "users/{a}/messages/{a}",
    "users/{a/messages",
    "users/a}/messages",
    "users/{{a}}/messages",
    "users/{a}}/messages",
    "users/{a{b}}",
  ])("has braces that make no sense: %s", (text) => {
    expect(() => parseResourceTemplate(text)).toThrow(
      new TypeError(`Expected \`{name}\` once for each parameter of the path, got \`${text}\``),
    );
  });
});

describe("expanding a template", () => {
  it.each<{ text: string; params: Params; path: string }>([
    { text: "users", params: {}, path: "users" },
    { text: "users/{id}/messages", params: { id: "a@b.example" }, path: "users/a@b.example/messages" },
    {
      text: "teams/{team}/channels/{channel}/messages",
      params: { channel: "19:x@thread.tacv2", team: "t" },
      path: "teams/t/channels/19:x@thread.tacv2/messages",
    },
    {
      text: "users('{id}')/messages",
      params: { id: "o'neil@b.example" },
      path: "users('o''neil@b.example')/messages",
    },
    {
      text: "users/{id}/messages",
      params: { id: "o'neil@b.example" },
      path: "users/o'neil@b.example/messages",
    },
    { text: "a/{x}/{y}", params: { x: "$&", y: "$1" }, path: "a/$&/$1" },
    { text: "users/{id}?$filter=a", params: { id: "1" }, path: "users/1" },
  ])("$text gives $path", ({ text, params, path }) => {
    expect(expandTemplate(parseResourceTemplate(text), params)).toBe(path);
  });

  it.each(["", "a/b", "a?b", "a#b", "{a}", "a}", "a\nb", "a\u007f"])("refuses the value %j", (id) => {
    expect(() => expandTemplate(parseResourceTemplate("users/{id}/messages"), { id })).toThrow(
      new TypeError(
        `Expected \`id\` of \`users/{id}/messages\` to be an id without / ? # { }, got \`${id}\``,
      ),
    );
  });

  it.each([
    ["toString", {}],
    ["id", {}],
    ["id", { id: 7 }],
    ["id", { id: null }],
  ])("refuses a missing %s: %j", (name, params) => {
    const template = parseResourceTemplate(`users/{${name}}/messages`);
    // As a program without type checks may call it.
    const unchecked: Params = JSON.parse(JSON.stringify(params));
    expect(() => expandTemplate(template, unchecked)).toThrow(
      /^Expected `\w+` of `users\/\{\w+\}\/messages` to be an id/,
    );
  });

  it.each([
    { text: "users", params: { id: "1" }, says: "Expected only the parameters of `users` (none), got `id`" },
    {
      text: "a/{x}/{y}",
      params: { x: "1", y: "2", z: "3" },
      says: "Expected only the parameters of `a/{x}/{y}` (x, y), got `z`",
    },
  ])("of $text refuses an unknown parameter", ({ text, params, says }) => {
    expect(() => expandTemplate(parseResourceTemplate(text), params)).toThrow(new TypeError(says));
  });
});

describe("the query of a subscription", () => {
  it.each([
    { text: "users", options: {}, query: "" },
    { text: "users?", options: { select: [] }, query: "" },
    { text: "users?$expand=x", options: {}, query: "$expand=x" },
    { text: "users", options: { filter: "a eq 1" }, query: "$filter=a eq 1" },
    { text: "users", options: { select: ["b", "a"] }, query: "$select=a,b" },
    {
      text: "users?model=A",
      options: { select: ["b", "a"], filter: "a eq 1" },
      query: "model=A&$filter=a eq 1&$select=a,b",
    },
  ])("of $text with $options is $query", ({ text, options, query }) => {
    expect(resourceQuery(parseResourceTemplate(text), options)).toBe(query);
  });

  it("does not sort what it was given in place", () => {
    const select = Object.freeze(["b", "a"]);
    expect(resourceQuery(parseResourceTemplate("users"), { select })).toBe("$select=a,b");
  });
});
