import { describe, expect, it } from "vitest";

import { DEFAULT_RETRY_WINDOW_MS, nextAttemptAt } from "./retry-schedule.ts";

const MINUTE_MS = 60_000;

function delayAfter(attempt: number): number | null {
  return nextAttemptAt({
    attempt,
    owedAt: 0,
    now: 0,
    firstRetryDelayMs: 10_000,
    retryWindowMs: DEFAULT_RETRY_WINDOW_MS,
  });
}

describe("the retry schedule", () => {
  it("doubles the delay up to half an hour", () => {
    expect([1, 2, 3, 4, 8, 9, 30].map(delayAfter)).toEqual([
      10_000,
      20_000,
      40_000,
      80_000,
      1_280_000,
      30 * MINUTE_MS,
      30 * MINUTE_MS,
    ]);
  });

  it("ends with the window: the last moment is still inside", () => {
    const question = { attempt: 1, owedAt: 0, firstRetryDelayMs: 10_000, retryWindowMs: 60_000 };
    expect(nextAttemptAt({ ...question, now: 50_000 })).toBe(60_000);
    expect(nextAttemptAt({ ...question, now: 50_001 })).toBeNull();
  });
});
