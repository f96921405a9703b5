import { describe, expect, it } from "vitest";
import { inboxItem, inboxRow } from "../../test/support/inbox-items.ts";
import type { InboxRow } from "../core/inbox.ts";
import { firstGroup, laneRowsOf, parkLane, type Lane } from "./lane.ts";

/** Rows told as text: `=` is one without an identity, and what follows is what it says. */
function rowsOf(texts: readonly string[]): InboxRow[] {
  return texts.map((text, n) => {
    const isNameless = text.startsWith("=");
    return inboxRow(n + 1, inboxItem("1", text, { identity: isNameless ? undefined : text }));
  });
}

describe("one call stands for", () => {
  it.each<{ name: string; mode: "each" | "latest"; rows: string[]; count: number }>([
    { name: "nothing of nothing", mode: "each", rows: [], count: 0 },
    { name: "nothing of nothing, the latest too", mode: "latest", rows: [], count: 0 },
    { name: "one change with an identity", mode: "each", rows: ["a", "a", "b"], count: 1 },
    { name: "all that wait, when the latest is wanted", mode: "latest", rows: ["a", "=x", "b"], count: 3 },
    { name: "those nobody can tell apart", mode: "each", rows: ["=x", "=x", "=y", "=x"], count: 2 },
    {
      name: "those nobody can tell apart, up to one with an identity",
      mode: "each",
      rows: ["=x", "b", "=x"],
      count: 1,
    },
    { name: "those nobody can tell apart, all of them", mode: "each", rows: ["=x", "=x", "=x"], count: 3 },
    { name: "one that differs from the next", mode: "each", rows: ["=x", "=y"], count: 1 },
  ])("$name", ({ mode, rows, count }) => {
    const all = rowsOf(rows);
    expect(firstGroup(all, mode)).toEqual(all.slice(0, count));
  });
});

it("a parked lane has nothing in hand, and counts as never begun", () => {
  const lane: Lane = { name: "a", state: "running", rows: rowsOf(["a", "b"]), lastSeq: 2, hasMore: true };
  parkLane(lane);
  expect(lane).toEqual({ name: "a", state: "parking", rows: [], lastSeq: 0, hasMore: false });
});

describe("rows of one lane in hand", () => {
  it.each([
    { name: "leave half of the share to lanes that may run", share: 4_000, concurrency: 100, expected: 20 },
    { name: "are one at least", share: 64, concurrency: 1_000, expected: 1 },
    { name: "are not more than a lane soon runs", share: 4_000, concurrency: 1, expected: 256 },
  ])("$name", ({ share, concurrency, expected }) => {
    expect(laneRowsOf({ share, concurrency })).toBe(expected);
  });
});
