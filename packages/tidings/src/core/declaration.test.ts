import { describe, expect, it } from "vitest";

import type { ChangeType } from "./change-type.ts";
import {
  assertCanShare,
  resolveDeclaration,
  withRiders,
  type DeclarationSpec,
  subscribesByItself,
  type DeclarationOptions,
} from "./declaration.ts";

/** As a user without type checks may call it. */
function unchecked(options: Record<string, unknown>): DeclarationOptions {
  return options;
}

describe("a declaration", () => {
  it("has every default resolved", () => {
    expect(resolveDeclaration("users/{userId}/messages")).toEqual({
      name: "users/{userId}/messages",
      template: { path: "users/{userId}/messages", query: undefined, paramNames: ["userId"] },
      query: "",
      changeTypes: ["created", "updated", "deleted"],
      isRich: false,
      lifetimeMs: undefined,
      mode: "each",
      concurrency: 16,
      timeoutMs: 60_000,
      retry: { attempts: 12, firstMs: 1_000, maxMs: 900_000 },
    });
  });

  it("takes what it is given", () => {
    const options = {
      name: "unread",
      changeType: "created",
      filter: "isRead eq false",
      select: ["subject", "from"],
      lifetimeMs: 3_600_000,
      mode: "latest",
      concurrency: 2,
      timeoutMs: 5,
      retry: { attempts: 3 },
    } as const;
    expect(resolveDeclaration("/users/{userId}/messages", options)).toEqual({
      name: "unread",
      template: { path: "users/{userId}/messages", query: undefined, paramNames: ["userId"] },
      query: "$filter=isRead eq false&$select=from,subject",
      changeTypes: ["created"],
      isRich: false,
      lifetimeMs: 3_600_000,
      mode: "latest",
      concurrency: 2,
      timeoutMs: 5,
      retry: { attempts: 3, firstMs: 1_000, maxMs: 900_000 },
    });
  });

  it.each([
    { mode: "some" },
    { concurrency: 0 },
    { concurrency: 1.5 },
    { lifetimeMs: 0 },
    { lifetimeMs: 1e7 + 0.5 },
    { timeoutMs: -1 },
    { timeoutMs: Infinity },
    { retry: { attempts: 0 } },
    { retry: { maxMs: Number.NaN } },
  ])("refuses %o, with the value shown", (options) => {
    const [value] = Object.values(options).map((each) =>
      typeof each === "object" ? Object.values(each)[0] : each,
    );
    // @ts-expect-error -- some of these are not of the type, which is the point
    expect(() => resolveDeclaration("users", options)).toThrow(`got \`${value}\``);
  });

  it.each([
    ["users", "users"],
    ["/users", "users"],
    ["security/alerts?$filter=status eq 'newAlert'", "security/alerts?$filter=statuseq'newAlert'"],
  ])("of %s is named %s", (resource, name) => {
    expect(resolveDeclaration(resource).name).toBe(name);
  });

  // Found by `npm run fuzz`: what a program without types may say.
  it.each([
    [{ select: null }, 'Expected `select` to be a list of names, such as `["subject"]`, got `object`'],
    [{ select: "subject" }, 'Expected `select` to be a list of names, such as `["subject"]`, got `string`'],
    [{ select: [7] }, 'Expected `select` to be a list of names, such as `["subject"]`, got `object`'],
    [{ filter: null }, "Expected `filter` to be like `isRead eq false`, got `object`"],
    [{ filter: 7 }, "Expected `filter` to be like `isRead eq false`, got `number`"],
    [{ prefer: null }, 'Expected `prefer` to be like `IdType="ImmutableId"`, got `null`'],
    [{ prefer: [7] }, 'Expected `prefer` to be like `IdType="ImmutableId"`, got `7`'],
    [{ retry: null }, "Expected `retry` to be like `{ attempts: 3 }`, got `object`"],
  ])("refuses %o with a sentence", (options, says) => {
    expect(() => Reflect.apply(resolveDeclaration, undefined, ["users", options])).toThrow(
      new TypeError(says),
    );
  });

  it.each(["a", "crm:users/1", "übersicht"])("may be named %j", (name) => {
    expect(resolveDeclaration("users", { name }).name).toBe(name);
  });

  it.each(["", "crm users", "users\n", "\t", "a\u0000b", "a\u00a0b"])("may not be named %j", (name) => {
    expect(() => resolveDeclaration("users", { name })).toThrow(
      new TypeError(`Expected \`name\` to be a word without white space, got \`${name}\``),
    );
  });

  it.each<{ resource: string; changeType?: DeclarationOptions["changeType"]; changeTypes: ChangeType[] }>([
    { resource: "users", changeTypes: ["updated", "deleted"] },
    { resource: "users/{id}/messages", changeTypes: ["created", "updated", "deleted"] },
    { resource: "drives/{id}/root", changeTypes: ["updated"] },
    { resource: "communications/callRecords", changeTypes: ["created", "updated"] },
    { resource: "something/new", changeTypes: ["created", "updated", "deleted"] },
    { resource: "users", changeType: "deleted", changeTypes: ["deleted"] },
    { resource: "users", changeType: ["deleted", "updated"], changeTypes: ["updated", "deleted"] },
    { resource: "users", changeType: ["updated", "updated"], changeTypes: ["updated"] },
  ])(
    "of $resource asked for $changeType is told of $changeTypes",
    ({ resource, changeType, changeTypes }) => {
      expect(resolveDeclaration(resource, { changeType }).changeTypes).toEqual(changeTypes);
    },
  );

  it.each([
    { changeType: [], got: "[]" },
    { changeType: "removed", got: "removed" },
    { changeType: "Created", got: "Created" },
    { changeType: "created,updated", got: "created,updated" },
    { changeType: ["created", "gone"], got: "gone" },
    { changeType: "", got: "" },
  ])("may not ask for $changeType", ({ changeType, got }) => {
    expect(() => resolveDeclaration("users/{id}/messages", unchecked({ changeType }))).toThrow(
      new TypeError(`Expected \`changeType\` to be of created, updated, deleted, got \`${got}\``),
    );
  });

  it.each<{ resource: string; changeType: ChangeType; says: string }>([
    {
      resource: "users",
      changeType: "created",
      says: "Expected `changeType` of `users` to be of updated, deleted, got `created`: Graph tells of a new one as `updated` (https://learn.microsoft.com/graph/api/resources/subscription#properties)",
    },
    {
      resource: "drives/{id}/root",
      changeType: "deleted",
      says: "Expected `changeType` of `drives/{id}/root` to be of updated, got `deleted`: Graph never tells of it (https://learn.microsoft.com/graph/api/resources/subscription#properties)",
    },
    {
      resource: "print/taskDefinitions/{id}/tasks",
      changeType: "updated",
      says: "Expected `changeType` of `print/taskDefinitions/{id}/tasks` to be of created, got `updated`: Graph never tells of it (https://learn.microsoft.com/graph/universal-print-webhook-notifications)",
    },
  ])(
    "of $resource may not ask for $changeType, which Graph never tells",
    ({ resource, changeType, says }) => {
      expect(() => resolveDeclaration(resource, { changeType })).toThrow(new TypeError(says));
    },
  );

  it.each<{ resource: string; options: DeclarationOptions; says: RegExp }>([
    { resource: "users", options: { lifetimeMs: 2_505_600_001 }, says: /at most 2505600000 \(41760 min\)/ },
    { resource: "users", options: { lifetimeMs: 2_699_999 }, says: /at least 2700000 \(45 min\)/ },
    { resource: "users/{id}/messages", options: { select: ["Body"] }, says: /without `Body`/ },
    { resource: "users/{id}/messages?$top=5", options: {}, says: /no `\$top`/ },
  ])("of $resource with $options is refused before Graph refuses it", ({ resource, options, says }) => {
    expect(() => resolveDeclaration(resource, options)).toThrow(TypeError);
    expect(() => resolveDeclaration(resource, options)).toThrow(says);
  });

  it("of a resource that nobody knows is let through", () => {
    const options = { changeType: "deleted", filter: "a/b eq 1", select: ["body"], lifetimeMs: 9e9 } as const;
    expect(resolveDeclaration("something/new", options)).toMatchObject({
      changeTypes: ["deleted"],
      lifetimeMs: 9e9,
    });
  });

  it.each(["", "https://graph.microsoft.com/v1.0/users", "users/{id"])("is none of %j", (resource) => {
    expect(() => resolveDeclaration(resource)).toThrow(TypeError);
  });

  it.each([
    ["users", true],
    ["users/{userId}/messages", false],
  ])("of %s subscribes by itself: %s", (resource, expected) => {
    expect(subscribesByItself(resolveDeclaration(resource))).toBe(expected);
  });
});

// https://learn.microsoft.com/graph/teams-changenotifications-chatmessage
describe("declarations on a thing that Graph lets an app have one subscription for", () => {
  const messages = resolveDeclaration("chats/{chatId}/messages", { name: "all" });

  it.each<{ name: string; resource: string; options?: DeclarationOptions }>([
    { name: "the same", resource: "chats/{chatId}/messages" },
    { name: "other change types", resource: "chats/{id}/messages", options: { changeType: "deleted" } },
    { name: "another resource with a query", resource: "chats/getAllMessages?$search=hello" },
  ])("share it: $name", ({ resource, options }) => {
    const spec = resolveDeclaration(resource, { ...options, name: "other" });
    expect(() => assertCanShare(spec, [messages])).not.toThrow();
  });

  it.each<{ name: string; resource: string; options?: DeclarationOptions }>([
    { name: "a query", resource: "/Chats/{id}/messages?$search=hello" },
    {
      name: "headers",
      resource: "chats/{chatId}/messages",
      options: { prefer: "include-unknown-enum-members" },
    },
  ])("are refused where one has $name that the other has not", ({ resource, options }) => {
    const spec = resolveDeclaration(resource, { ...options, name: "other" });
    expect(() => assertCanShare(spec, [messages])).toThrow(
      /^Expected `other` to have the query and `prefer` of `all`, since Graph lets an app have one subscription for each chatMessage; got `.+` and `none`: see https:/,
    );
    expect(() => assertCanShare(messages, [spec])).toThrow(TypeError);
  });

  it("are let through where Graph takes several", () => {
    const mail = resolveDeclaration("users/{id}/messages", { name: "mail" });
    const unread = resolveDeclaration("users/{id}/messages", { name: "unread", filter: "isRead eq false" });
    expect(() => assertCanShare(unread, [mail])).not.toThrow();
  });
});

describe("resource data", () => {
  const CHAT = "chats/{chatId}/messages";
  const rich = { includeResourceData: true } as const;
  const isRich = (...specs: DeclarationSpec[]): boolean[] => withRiders(specs).map((spec) => spec.isRich);

  it.each<{ resource: string; options: DeclarationOptions; says: RegExp }>([
    { resource: "users", options: rich, says: /`includeResourceData` of `users` to be false, got `true`/ },
    { resource: "users/{id}/messages", options: rich, says: /`select` .* to name the properties/ },
    {
      resource: "users/{id}/messages",
      options: { ...rich, select: ["subject", "Body"] },
      says: /`\$select` without `Body`/,
    },
    {
      resource: "users/{id}/events",
      options: { ...rich, select: ["uniqueBody"] },
      says: /`\$select` without `uniqueBody`/,
    },
    { resource: CHAT, options: { ...rich, select: ["body"] }, says: /no `select` of .* with resource data/ },
    {
      resource: "users/{id}/messages",
      options: { ...rich, select: ["subject"], lifetimeMs: 1_441 * 60_000 },
      says: /`lifetimeMs` .* with resource data to be at most 86400000/,
    },
  ])(
    "of $resource is refused as Graph would, with the page that says so: $options",
    ({ resource, options, says }) => {
      expect(() => resolveDeclaration(resource, options)).toThrow(says);
      expect(() => resolveDeclaration(resource, options)).toThrow("(https://learn.microsoft.com/");
    },
  );

  it.each([null, "yes", 1])("is asked for by true, not by %j", (includes) => {
    const options: object = { includeResourceData: includes };
    expect(() => resolveDeclaration(CHAT, options)).toThrow(TypeError);
  });

  it("of what nobody knows is let through", () => {
    expect(resolveDeclaration("something/new", rich).isRich).toBe(true);
  });

  it("is had by all on one thing that Graph lets an app have one subscription for, in whatever order", () => {
    const basic = resolveDeclaration("Chats/{id}/messages", { name: "basic" });
    const with_ = resolveDeclaration(CHAT, { ...rich, name: "rich" });
    expect(isRich(basic, with_)).toEqual([true, true]);
    expect(isRich(with_, basic)).toEqual([true, true]);
    expect(isRich(basic)).toEqual([false]);
  });

  it("is had by who asks for it alone, where Graph takes several, or of another thing", () => {
    const mail = resolveDeclaration("users/{id}/messages", { name: "mail" });
    const mailToo = resolveDeclaration("users/{id}/messages", { ...rich, name: "too", select: ["subject"] });
    const chats = resolveDeclaration("chats/getAllMessages", { name: "all" });
    const chat = resolveDeclaration(CHAT, { ...rich, name: "rich" });
    expect(isRich(mail, mailToo, chats, chat)).toEqual([false, true, false, true]);
  });
});

describe("what a declaration prefers", () => {
  it.each<{ prefer: DeclarationOptions["prefer"]; expected: string | undefined }>([
    { prefer: undefined, expected: undefined },
    { prefer: 'IdType="ImmutableId"', expected: 'IdType="ImmutableId"' },
    {
      prefer: ["includesecuritywebhooks", ' IdType="ImmutableId"'],
      expected: 'IdType="ImmutableId", includesecuritywebhooks',
    },
  ])("is in one order, so that it is shared: $prefer", ({ prefer, expected }) => {
    expect(resolveDeclaration("users", { prefer }).prefer).toBe(expected);
  });

  it.each<{ prefer: string | string[] }>([
    { prefer: "" },
    { prefer: "a\r\nx-injected: 1" },
    { prefer: "a, b" },
    { prefer: [] },
  ])("is refused when it is no header value: $prefer", ({ prefer }) => {
    expect(() => resolveDeclaration("users", { prefer })).toThrow(TypeError);
  });
});
