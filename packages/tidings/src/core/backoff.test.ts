import { describe, expect, it } from "vitest";

import { backoffMs } from "./backoff.ts";
import type { Random } from "./ports/random.ts";

const OPTIONS = { firstMs: 1_000, maxMs: 60_000 };

function always(value: number): Random {
  return { next: () => value };
}

describe("a backoff", () => {
  it.each([
    [1, 999],
    [2, 1_999],
    [3, 3_999],
    [6, 31_999],
    [7, 59_999],
    [8, 59_999],
    [10_000, 59_999],
  ])("after failure %i waits at most %i ms", (failures, longest) => {
    expect(backoffMs(failures, OPTIONS, always(1 - Number.EPSILON))).toBe(longest);
  });

  it.each([1, 5, 10_000])("may be no wait at all, after failure %i too", (failures) => {
    expect(backoffMs(failures, OPTIONS, always(0))).toBe(0);
  });

  it("spreads over the whole range, in whole milliseconds", () => {
    expect(backoffMs(1, OPTIONS, always(0.5))).toBe(500);
    expect(backoffMs(1, { firstMs: 3, maxMs: 10 }, always(0.5))).toBe(1);
  });

  it("never exceeds the maximum, even the first time", () => {
    expect(backoffMs(1, { firstMs: 100, maxMs: 10 }, always(0.5))).toBe(5);
  });
});
