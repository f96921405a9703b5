import { describe, expect, it } from "vitest";

import { laneOf, resourceKeyOfLane, type LaneParts } from "./lane.ts";

const KEY = "kkkkkkkkkkkkkkkkkkkkkk";

describe("a lane", () => {
  it.each<{ name: string; parts: LaneParts; lane: string }>([
    {
      name: "one resource",
      parts: { declaration: "users", subscriptionKey: KEY, resourceKey: "users/1" },
      lane: `users ${KEY} users/1`,
    },
    {
      name: "a whole subscription",
      parts: { declaration: "drive", subscriptionKey: KEY, resourceKey: undefined },
      lane: `drive ${KEY}`,
    },
    {
      name: "lifecycle notifications",
      parts: { declaration: "", subscriptionKey: KEY, resourceKey: undefined },
      lane: ` ${KEY}`,
    },
    {
      name: "a resource key with spaces and line ends",
      parts: { declaration: "users", subscriptionKey: KEY, resourceKey: "users/a b\nc" },
      lane: `users ${KEY} users/a b\nc`,
    },
  ])("is written and read back: $name", ({ parts, lane }) => {
    expect(laneOf(parts)).toBe(lane);
    expect(resourceKeyOfLane(lane)).toBe(parts.resourceKey);
  });

  it("is another one when any part is", () => {
    const parts = { declaration: "a", subscriptionKey: "b", resourceKey: "c" };
    const lanes = [
      parts,
      { ...parts, declaration: "x" },
      { ...parts, subscriptionKey: "x" },
      { ...parts, resourceKey: "x" },
      { ...parts, resourceKey: undefined },
    ].map((each) => laneOf(each));
    expect(new Set(lanes).size).toBe(5);
  });
});
