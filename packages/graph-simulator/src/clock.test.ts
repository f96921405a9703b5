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

describe("a clock that is lived through", () => {
  const START = Date.UTC(2026, 0, 1);

  it("stands still until it is told to go on", async () => {
    const clock = new Clock({ kind: "virtual", startAt: START });
    await new Promise(setImmediate);
    expect(clock.now()).toBe(START);
    await clock.run(1_500);
    expect(clock.now()).toBe(START + 1_500);
    clock.advance(500);
    expect(clock.now()).toBe(START + 2_000);
  });

  it("does each thing at its own moment, and ends what it starts before the next", async () => {
    const clock = new Clock({ kind: "virtual", startAt: START });
    const told: [string, number][] = [];
    const tell = (what: string): void => void told.push([what, clock.now() - START]);
    clock.at(START + 10, () => {
      void clock.activities.run(async () => {
        tell("begun");
        for (let turns = 0; turns < 5; turns += 1) await new Promise(setImmediate);
        tell("answered");
        await clock.sleep(30);
        tell("slept");
      });
    });
    clock.at(START + 20, () => tell("second"));
    await clock.run(100);
    expect(told).toEqual([
      ["begun", 10],
      ["answered", 10],
      ["second", 20],
      ["slept", 40],
    ]);
  });

  it("lets time pass for an activity that waits for another which waits for the clock", async () => {
    const clock = new Clock({ kind: "virtual", startAt: START });
    let endedAt = 0;
    clock.at(START + 1, () => {
      void clock.activities.run(async () => {
        await clock.activities.run(() => clock.sleep(50));
        endedAt = clock.now() - START;
      });
    });
    await clock.run(100);
    expect(endedAt).toBe(51);
  });

  it("measures what is lived through, not what is jumped over", async () => {
    const clock = new Clock({ kind: "virtual", startAt: START });
    const before = clock.elapsed();
    clock.advance(1_000);
    expect(clock.elapsed() - before).toBe(0);
    await clock.run(20);
    expect(clock.elapsed() - before).toBe(20);
  });

  it("rings thousands of alarms in order, and none that was cancelled", async () => {
    const clock = new Clock({ kind: "virtual", startAt: START });
    const rung: number[] = [];
    const cancels = Array.from({ length: 5_000 }, (_, index) => {
      const at = (index * 7_919) % 5_003;
      return clock.at(START + at, () => rung.push(at));
    });
    for (const [index, cancel] of cancels.entries()) if (index % 3 === 0) cancel();
    clock.advance(10_000);
    expect(rung).toHaveLength(3_333);
    expect(rung).toEqual(rung.toSorted((a, b) => a - b));
  });

  it("is not blocked by an end that comes while a part of it still waits", async () => {
    const clock = new Clock({ kind: "virtual", startAt: START });
    clock.at(START + 1, () => {
      void clock.activities.run(async () => {
        void clock.sleep(10);
      });
    });
    await clock.run(50);
    expect(clock.now()).toBe(START + 50);
  });
});
