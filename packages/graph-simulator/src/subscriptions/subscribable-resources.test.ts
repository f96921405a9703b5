import { describe, expect, it } from "vitest";

import { matchResource, SUBSCRIBABLE_RESOURCES } from "./subscribable-resources.ts";

describe("a resource", () => {
  it.each([
    ["users", "user"],
    ["/users/1", "user"],
    ["Users/1/Messages", "message"],
    ["users/1/mailFolders('inbox')/messages", "message"],
    ["users/1/messages?$select=subject", "message"],
    ["/teams/getAllMessages", "chatMessage"],
    ["teams/getAllChannels", "channel"],
    ["teams/19", "team"],
    ["chats/getAllMembers", "conversationMember"],
    ["chats/19:abc@thread.v2", "chat"],
    ["/communications/onlineMeetings(joinWebUrl='https%3A%2F%2Fteams')/meetingCallEvents", "onlineMeeting"],
    ["communications/presences?$filter=id in ('1','2')", "presence"],
    ["users/1/drive/root", "driveItem"],
    ["sites/1/lists/2", "list"],
  ])("%s is of the kind %s", (path, name) => {
    expect(matchResource(path)).toMatchObject({ kind: "resource", resource: { name } });
  });

  it("keeps its query apart", () => {
    expect(matchResource("chats?$filter=a")).toMatchObject({ query: "$filter=a" });
  });

  it.each([
    ["movies", "movies"],
    ["users/1/movies", "movies"],
    ["users/1/drive", "drive"],
    ["", ""],
  ])("%s is none: the segment '%s' is not found", (path, segment) => {
    expect(matchResource(path)).toMatchObject({
      kind: "refused",
      status: 400,
      message: `Resource not found for the segment '${segment}'.`,
    });
  });

  it("has one row for its name", () => {
    const names = SUBSCRIBABLE_RESOURCES.map((resource) => resource.name);
    expect(new Set(names).size).toBe(names.length);
  });
});
