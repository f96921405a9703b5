import { afterEach, describe, expect, it } from "vitest";

import { Clock } from "./clock.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

describe("a clock", () => {
  const clocks: Clock[] = [];
  const startClock = (): Clock => {
    const clock = new Clock();
    clocks.push(clock);
    return clock;
  };
  afterEach(() => {
    for (const clock of clocks.splice(0)) clock.stop();
  });

  it("runs with real time", () => {
    expect(Math.abs(startClock().now() - Date.now())).toBeLessThan(1000);
  });

  it("rings what a jump makes due, the earliest first, before the jump is over", () => {
    const clock = startClock();
    const start = clock.now();
    const rung: string[] = [];
    clock.at(start + 40 * DAY_MS, () => rung.push("far"));
    clock.at(start + 20_000, () => rung.push("second"));
    clock.at(start + 10_000, () => rung.push("first"));
    clock.at(start + 20_000, () => rung.push("third"));
    clock.advance(30_000);
    expect(rung).toEqual(["first", "second", "third"]);
    expect(clock.now()).toBeGreaterThanOrEqual(start + 30_000);
  });

  it("rings an alarm that an alarm set", () => {
    const clock = startClock();
    const due = clock.now() + 1_000;
    let hasRung = false;
    clock.at(due, () => {
      clock.at(due, () => {
        hasRung = true;
      });
    });
    clock.advance(1_000);
    expect(hasRung).toBe(true);
  });

  it("rings in real time, never during the call that sets it", async () => {
    const clock = startClock();
    let hasRung = false;
    const rung = new Promise<void>((resolve) => {
      clock.at(clock.now(), () => {
        hasRung = true;
        resolve();
      });
    });
    expect(hasRung).toBe(false);
    await rung;
  });

  it("does not ring what was cancelled", () => {
    const clock = startClock();
    const rung: string[] = [];
    const cancel = clock.at(clock.now() + 1_000, () => rung.push("cancelled"));
    cancel();
    cancel();
    clock.advance(2_000);
    expect(rung).toEqual([]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("does not advance by %d", (ms) => {
    expect(() => startClock().advance(ms)).toThrow(RangeError);
  });
});
