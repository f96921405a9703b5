import { describe, expect, it } from "vitest";
import { figuresOf, problemsOfStore, type Round } from "./isolation-figures.ts";

function round(p99Ms: number, changes: Partial<Round["measured"]> = {}): Round {
  const sinceSent = { p50Ms: 1, p99Ms, maxMs: p99Ms + 1 };
  return {
    measured: { sent: 10, handled: 10, lost: 0, repeated: 0, misplaced: 0, sinceSent, ...changes },
    usage: { appCores: 0.5, senderCores: 0.1, appBytes: p99Ms * 1000 },
  };
}

it("compares the medians of both sides, and counts what was lost beside the trouble", () => {
  const quiet = [round(4), round(90), round(5, { lost: 7 })];
  const disturbed = [round(6), round(5, { handled: 12, repeated: 2 }), round(1000, { misplaced: 1 })];
  expect(figuresOf("trouble", quiet, disturbed)).toMatchObject({
    sent: 30,
    handled: 32,
    lost: 0,
    repeated: 2,
    misplaced: 1,
    quiet: { p99Ms: 5, maxMs: 6, appBytes: 90_000 },
    disturbed: { p99Ms: 6, maxMs: 7, appBytes: 1_000_000 },
    ratio: 1.2,
  });
});

describe("a store in which everything is there", () => {
  const stored = { accepted: 100, waiting: 40, dead: 0 };

  it("has no problems", () => {
    expect(problemsOfStore({ sent: 100, done: 60, stored })).toStrictEqual([]);
  });

  it.each([
    { name: "one that was never accepted", change: { accepted: 99 } },
    { name: "a copy taken for another", change: { accepted: 101 } },
    { name: "one that is gone and was not done", change: { waiting: 39 } },
    { name: "one that was done and is still there", change: { waiting: 41 } },
    { name: "a dead letter", change: { dead: 1 } },
  ])("unlike one with $name", ({ change }) => {
    expect(problemsOfStore({ sent: 100, done: 60, stored: { ...stored, ...change } })).toHaveLength(1);
  });
});
