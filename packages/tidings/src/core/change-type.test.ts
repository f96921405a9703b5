import { describe, expect, it } from "vitest";

import { CHANGE_TYPES, parseChangeType, uniteChangeTypes, type ChangeType } from "./change-type.ts";

describe("parseChangeType", () => {
  it.each<[text: string, type: ChangeType | undefined]>([
    ["created", "created"],
    ["updated", "updated"],
    ["deleted", "deleted"],
    ["Created", "created"],
    ["DELETED", "deleted"],
    ["", undefined],
    [" updated", undefined],
    ["created,updated", undefined],
    ["unknownFutureValue", undefined],
    ["Validation: Testing client application reachability", undefined],
  ])("reads %j as %s", (text, type) => {
    expect(parseChangeType(text)).toBe(type);
  });
});

describe("uniteChangeTypes", () => {
  it.each<{ sets: ChangeType[][]; united: ChangeType[] }>([
    { sets: [], united: [] },
    { sets: [[]], united: [] },
    { sets: [["deleted", "created"]], united: ["created", "deleted"] },
    { sets: [["updated"], ["updated"]], united: ["updated"] },
    { sets: [["deleted"], ["updated"], ["created"]], united: [...CHANGE_TYPES] },
  ])("unites $sets to $united", ({ sets, united }) => {
    expect(uniteChangeTypes(sets)).toEqual(united);
  });

  it("takes any iterable", () => {
    expect(uniteChangeTypes(new Set<ChangeType[]>([["updated"]]))).toEqual(["updated"]);
  });
});
