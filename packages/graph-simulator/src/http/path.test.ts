import { describe, expect, it } from "vitest";

import { PathPattern, pathSegments, unknownSegment } from "./path.ts";

describe("path segments", () => {
  it.each([
    ["/users/1/messages", ["users", "1", "messages"]],
    ["users('1')/messages/", ["users", "1", "messages"]],
    ["/users/a%20b", ["users", "a b"]],
    ["/users/%zz", ["users", "%zz"]],
    ["/chats/getAllMessages()", ["chats", "getAllMessages"]],
    ["/users/1/mailFolders('AAMk-_=')/messages", ["users", "1", "mailFolders", "AAMk-_=", "messages"]],
    ["onlineMeetings(joinWebUrl='https%3A%2F%2Fx')/y", ["onlineMeetings", "joinWebUrl='https://x'", "y"]],
    ["/drives/b!1/root:/a/b%20c.txt:/content", ["drives", "b!1", "root", ":", "a/b c.txt", "content"]],
    ["/drives/b!1/root:/a/", ["drives", "b!1", "root", ":", "a"]],
    ["/drives/b!1/items/01A:/b.txt:/content", ["drives", "b!1", "items", "01A", ":", "b.txt", "content"]],
    ["/chats/19:1_2@unq.gbl.spaces/messages", ["chats", "19:1_2@unq.gbl.spaces", "messages"]],
    ["/users/microsoft.graph.delta()", ["users", "delta"]],
    ["", []],
  ])("of %s", (path, segments) => {
    expect(pathSegments(path)).toEqual(segments);
  });
});

describe("a path pattern", () => {
  const pattern = new PathPattern("users/{userId}/messages");

  it("matches its words in any case and keeps the case of what fills its holes", () => {
    const params = pattern.match(["Users", "AbC", "MESSAGES"]);
    expect(params?.get("userId")).toBe("AbC");
    expect(params?.count).toBe(1);
    expect(pattern.has("userId")).toBe(true);
    expect(pattern.has("user")).toBe(false);
  });

  it.each([[["users", "1"]], [["users", "1", "events"]], [["users", "1", "messages", "2"]], [[]]])(
    "does not match %j",
    (segments) => {
      expect(pattern.match(segments)).toBeUndefined();
    },
  );

  it("spells a path in one way", () => {
    expect(pattern.spell((name) => `<${name}>`)).toBe("users/<userId>/messages");
  });

  it("has no parameters but its own", () => {
    expect(() => pattern.match(["users", "1", "messages"])?.get("messageId")).toThrow("{messageId}");
  });
});

it("the unknown segment is the first that no pattern has", () => {
  const patterns = [
    new PathPattern("users"),
    new PathPattern("users/{id}/messages"),
    new PathPattern("groups"),
  ];
  expect(unknownSegment(patterns, ["movies", "1"])).toBe("movies");
  expect(unknownSegment(patterns, ["users", "1", "shoes"])).toBe("shoes");
  expect(unknownSegment(patterns, ["users", "1"])).toBeUndefined();
});
