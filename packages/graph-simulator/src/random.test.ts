import { describe, expect, it } from "vitest";

import { guidFor, Random } from "./random.ts";

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("random ids", () => {
  it("repeat with the seed and differ among themselves", () => {
    const one = new Random("1");
    const ids = Array.from({ length: 100 }, () => one.guid());
    const again = new Random("1");
    expect(ids.map(() => again.guid())).toEqual(ids);
    expect(new Set(ids).size).toBe(100);
    expect(ids.filter((id) => !GUID.test(id))).toEqual([]);
    expect(new Random("2").guid()).not.toBe(ids[0]);
  });

  it("of one purpose do not depend on how many another took", () => {
    const quiet = new Random("1");
    const busy = new Random("1");
    busy.fork("requests").guid();
    busy.guid();
    expect(busy.fork("users").guid()).toBe(quiet.fork("users").guid());
  });

  it.each([0, 1, 32, 33, 113])("are as long as asked for: %i bytes", (length) => {
    expect(new Random("1").bytes(length)).toHaveLength(length);
  });

  it("belong to a text", () => {
    expect(guidFor("a")).toBe(guidFor("a"));
    expect(guidFor("a")).not.toBe(guidFor("b"));
    expect(guidFor("a")).toMatch(GUID);
  });
});
