import { describe, expect, it } from "vitest";
import { median, percentile, summarizeLatencies } from "./statistics.ts";

describe("median", () => {
  it.each([
    { values: [3], expected: 3 },
    { values: [10, 1, 5], expected: 5 },
    { values: [10, 1, 5, 7], expected: 6 },
    { values: [2, 10, 9], expected: 9 },
    { values: [], expected: Number.NaN },
  ])("of $values is $expected", ({ values, expected }) => {
    expect(median(values)).toBe(expected);
  });
});

describe("percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    { percent: 50, expected: 50 },
    { percent: 99, expected: 99 },
    { percent: 99.1, expected: 100 },
    { percent: 100, expected: 100 },
  ])("$percent of the numbers from 1 to 100 is $expected", ({ percent, expected }) => {
    expect(percentile(hundred, percent)).toBe(expected);
  });

  it("of few values takes the one above", () => {
    expect(percentile([1, 2, 3], 99)).toBe(3);
    expect(percentile([7], 1)).toBe(7);
  });

  it("of nothing is no number", () => {
    expect(percentile([], 50)).toBeNaN();
  });
});

it("a summary leaves its values as they were", () => {
  const values = [3, 1, 2];
  expect(summarizeLatencies(values)).toStrictEqual({ p50Ms: 2, p99Ms: 3, maxMs: 3 });
  expect(values).toStrictEqual([3, 1, 2]);
});
