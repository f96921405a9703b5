import { describe, expect, it } from "vitest";

import { freshBudget, isUnspent, leave, park, readyAt, slowDown, spend, type Budget } from "./budget.ts";

const NOW = Date.UTC(2026, 0, 1);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** 50 in 10 s: 5 at once, then one each 217 ms. */
const PACED = { pace: { units: 50, windowMs: 10 * SECOND } };

function spendAll(budget: Budget, count: number, now: number): Budget {
  return Array.from({ length: count }).reduce<Budget>((rest) => spend(rest, 1, now), budget);
}

describe("a budget with a pace", () => {
  it("lets a tenth go at once, and spreads the rest over the window", () => {
    const full = freshBudget(PACED, NOW);
    expect(readyAt(spendAll(full, 4, NOW), 1, NOW)).toBe(NOW);
    const empty = spendAll(full, 5, NOW);
    expect(readyAt(empty, 1, NOW)).toBe(NOW + 218);
    expect(readyAt(empty, 2, NOW)).toBe(NOW + 435);
    expect(readyAt(empty, 1, NOW + 218)).toBe(NOW + 218);
  });

  it("of one a second lets one go each second", () => {
    const limit = { pace: { units: 1, windowMs: SECOND } };
    const empty = spend(freshBudget(limit, NOW), 1, NOW);
    expect(readyAt(empty, 1, NOW)).toBe(NOW + SECOND);
    expect(readyAt(empty, 1, NOW + 999)).toBe(NOW + SECOND);
  });

  it("never holds more than it lets go at once, however long nothing is spent", () => {
    const later = NOW + 24 * 60 * MINUTE;
    expect(readyAt(spendAll(freshBudget(PACED, NOW), 5, later), 1, later)).toBeGreaterThan(later);
  });

  it("lets what costs more than it holds wait for a full one, not for ever", () => {
    const empty = spendAll(freshBudget(PACED, NOW), 5, NOW);
    const at = readyAt(empty, 40, NOW);
    expect(at).toBe(NOW + Math.ceil(5 / (46 / 10_000)));
    expect(readyAt(spend(empty, 40, at), 1, at)).toBeGreaterThan(at + 7 * SECOND);
  });
});

describe("a budget with places", () => {
  const limit = { places: 2 };

  it("is ready when one is free", () => {
    const two = spend(spend(freshBudget(limit, NOW), 1, NOW), 1, NOW);
    expect(readyAt(two, 1, NOW)).toBe(Infinity);
    expect(readyAt(leave(two), 1, NOW)).toBe(NOW);
  });

  it("has no more places than it began with", () => {
    const budget = leave(leave(freshBudget(limit, NOW)));
    expect(readyAt(spend(spend(budget, 1, NOW), 1, NOW), 1, NOW)).toBe(Infinity);
  });
});

it("a budget without any limit is always ready", () => {
  const budget = spendAll(freshBudget({}, NOW), 10_000, NOW);
  expect(readyAt(budget, 1_000, NOW)).toBe(NOW);
});

describe("a parked budget", () => {
  it("is ready when its time is over, for one and not for a herd", () => {
    const parked = park(freshBudget(PACED, NOW), 30 * SECOND, NOW);
    const until = NOW + 30 * SECOND;
    expect(readyAt(parked, 1, NOW)).toBe(until);
    expect(readyAt(parked, 1, until)).toBe(until);
    expect(readyAt(spend(parked, 1, until), 1, until)).toBe(until + 218);
  });

  it("is not parked for less by a later word", () => {
    const parked = park(park(freshBudget({}, NOW), 30 * SECOND, NOW), SECOND, NOW);
    expect(readyAt(parked, 1, NOW)).toBe(NOW + 30 * SECOND);
  });

  it("stays so for no longer when the clock is set back", () => {
    const parked = park(freshBudget(PACED, NOW), 30 * SECOND, NOW);
    const earlier = NOW - 10 * MINUTE;
    expect(readyAt(parked, 1, earlier)).toBe(earlier + 30 * SECOND);
  });
});

describe("a budget that Graph refused without saying for how long", () => {
  /** Time between two units of the paced budget, once it is empty. */
  function gapOf(budget: Budget, now: number): number {
    const empty = spendAll(budget, 5, now);
    return readyAt(empty, 2, now) - readyAt(empty, 1, now);
  }

  it("has half its pace, and is parked for as long as it is slow", () => {
    const once = slowDown(freshBudget(PACED, NOW), NOW, NOW);
    expect(readyAt(once, 1, NOW)).toBe(NOW + 2 * SECOND);
    const twice = slowDown(once, NOW + 2 * SECOND, NOW + 2 * SECOND);
    // The share has risen a little meanwhile.
    expect(readyAt(twice, 1, NOW + 2 * SECOND)).toBeCloseTo(NOW + 6 * SECOND, -3);
    expect(gapOf(once, NOW)).toBeCloseTo(2 * (10_000 / 46), -1);
  });

  it("is slowed once by refusals of what was under way together", () => {
    const once = slowDown(freshBudget(PACED, NOW), NOW, NOW + 100);
    expect(slowDown(once, NOW + 50, NOW + 120)).toBe(once);
    expect(slowDown(once, NOW + 100, NOW + 200)).not.toBe(once);
  });

  it("is never slowed to nothing", () => {
    const slowed = Array.from({ length: 100 }).reduce<Budget>(
      (budget) => slowDown(budget, NOW, NOW),
      freshBudget(PACED, NOW),
    );
    expect(readyAt(slowed, 1, NOW)).toBe(NOW + 64 * SECOND);
  });

  it("has its pace again after some minutes", () => {
    const once = slowDown(freshBudget(PACED, NOW), NOW, NOW);
    const minuteLater = spend(once, 0, NOW + MINUTE);
    const later = spend(once, 0, NOW + 3 * MINUTE);
    expect(gapOf(minuteLater, NOW + MINUTE)).toBeGreaterThan(gapOf(later, NOW + 3 * MINUTE));
    expect(gapOf(later, NOW + 3 * MINUTE)).toBe(gapOf(freshBudget(PACED, NOW), NOW));
  });
});

describe("a budget that is as new", () => {
  const fresh = freshBudget(PACED, NOW);

  it.each<[name: string, budget: Budget, at: number, isNew: boolean]>([
    ["a new one", fresh, NOW, true],
    ["with something spent", leave(spend(fresh, 1, NOW)), NOW, false],
    ["with that flown in again", leave(spend(fresh, 1, NOW)), NOW + SECOND, true],
    ["with something under way", spend(fresh, 1, NOW), NOW + SECOND, false],
    ["parked", park(fresh, MINUTE, NOW), NOW, false],
    ["parked once", park(fresh, MINUTE, NOW), NOW + 2 * MINUTE, true],
    ["slowed", slowDown(fresh, NOW, NOW), NOW + MINUTE, false],
    ["slowed once", slowDown(fresh, NOW, NOW), NOW + 10 * MINUTE, true],
  ])("%s", (_, budget, at, isNew) => {
    expect(isUnspent(budget, at)).toBe(isNew);
  });
});
