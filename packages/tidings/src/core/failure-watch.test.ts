import { describe, expect, it } from "vitest";
import { FailureWatch, PAUSE_AFTER, PAUSE_AFTER_LANES } from "./failure-watch.ts";
import { RetryAfter } from "./handler-errors.ts";

const LANES = Array.from({ length: PAUSE_AFTER_LANES }, (_, n) => `lane ${n}`);

function verdictsOf(watch: FailureWatch, errors: readonly unknown[]): boolean[] {
  return errors.map((error, n) => watch.failed(`lane ${n}`, error, 0));
}

describe("the trouble is common", () => {
  it.each<{ name: string; errors: unknown[] }>([
    { name: "alike", errors: LANES.map((lane) => new TypeError(lane)) },
    {
      name: "with an outage's several codes",
      errors: LANES.map((_, n) =>
        Object.assign(new Error("away"), { code: n % 2 ? "ETIMEDOUT" : "ECONNREFUSED" }),
      ),
    },
    { name: "with what is no error", errors: LANES },
    { name: "with nothing", errors: LANES.map(() => undefined) },
  ])("when five lanes fail $name", ({ errors }) => {
    expect(verdictsOf(new FailureWatch(), errors)).toEqual([false, false, false, false, true]);
  });

  it("when two lanes do nothing but fail for five minutes", () => {
    const watch = new FailureWatch();
    const times = [0, 60_000, PAUSE_AFTER.ms - 1, PAUSE_AFTER.ms];
    expect(times.map((now, n) => watch.failed(`lane ${n % 2}`, new Error("away"), now))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("and goes on to be", () => {
    const watch = new FailureWatch();
    for (const lane of LANES) watch.failed(lane, new Error(lane), 0);
    expect(watch.failed("lane 0", new Error("again"), 0)).toBe(true);
    expect(watch.failed("another", new Error("too"), 0)).toBe(true);
  });
});

describe("the trouble is a lane's own", () => {
  it("when it is one, however often and long", () => {
    const watch = new FailureWatch();
    const times = [0, 1, 2, 3, 4, 5, PAUSE_AFTER.ms * 100];
    expect(times.map((now) => watch.failed("lane 0", new Error("poison"), now))).not.toContain(true);
  });

  it("with a success among the failures, from which all is counted anew", () => {
    const watch = new FailureWatch();
    for (const lane of LANES.slice(1)) watch.failed(lane, new Error(lane), 0);
    watch.succeeded();
    const later = PAUSE_AFTER.ms * 2;
    expect(LANES.slice(1).map((lane) => watch.failed(lane, new Error(lane), later))).not.toContain(true);
    expect(watch.failed("lane 0", new Error("fifth"), later)).toBe(true);
  });

  it("when each says when to come again", () => {
    const errors = LANES.map(() => new RetryAfter(1_000));
    expect(verdictsOf(new FailureWatch(), errors)).not.toContain(true);
  });
});
