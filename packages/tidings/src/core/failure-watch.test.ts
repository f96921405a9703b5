import { describe, expect, it } from "vitest";

import { FailureWatch, PAUSE_AFTER_LANES } from "./failure-watch.ts";
import { RetryAfter } from "./handler-errors.ts";

const LANES = Array.from({ length: PAUSE_AFTER_LANES }, (_, n) => `lane ${n}`);

function coded(code: string): Error {
  return Object.assign(new Error("connect"), { code });
}

function verdictsOf(watch: FailureWatch, errors: readonly unknown[]): boolean[] {
  return errors.map((error, n) => watch.failed(`lane ${n}`, error));
}

describe("lanes fail alike", () => {
  it.each<{ name: string; errors: unknown[] }>([
    { name: "with the same name", errors: LANES.map((lane) => new TypeError(lane)) },
    { name: "with the same name and code", errors: LANES.map(() => coded("ECONNREFUSED")) },
    { name: "with what is no error", errors: LANES },
    { name: "with nothing", errors: LANES.map(() => undefined) },
  ])("$name", ({ errors }) => {
    expect(verdictsOf(new FailureWatch(), errors)).toEqual([false, false, false, false, true]);
  });

  it("and go on to", () => {
    const watch = new FailureWatch();
    for (const lane of LANES) watch.failed(lane, new Error(lane));
    expect(watch.failed("lane 0", new Error("again"))).toBe(true);
    expect(watch.failed("another", new Error("too"))).toBe(true);
  });
});

describe("lanes do not fail alike", () => {
  it("when it is one, however often", () => {
    const watch = new FailureWatch();
    expect(LANES.map(() => watch.failed("lane 0", new Error("poison")))).not.toContain(true);
  });

  it.each<{ name: string; other: unknown }>([
    { name: "another name", other: new TypeError("other") },
    { name: "another code", other: coded("ENOTFOUND") },
    { name: "what is no error", other: "other" },
  ])("with $name among them", ({ other }) => {
    const errors = [
      coded("ECONNREFUSED"),
      coded("ECONNREFUSED"),
      other,
      ...LANES.slice(1).map(() => coded("ECONNREFUSED")),
    ];
    expect(verdictsOf(new FailureWatch(), errors)).not.toContain(true);
  });

  it("with a success among them", () => {
    const watch = new FailureWatch();
    for (const lane of LANES.slice(1)) watch.failed(lane, new Error(lane));
    watch.succeeded();
    expect(LANES.slice(1).map((lane) => watch.failed(lane, new Error(lane)))).not.toContain(true);
    expect(watch.failed("lane 0", new Error("fifth"))).toBe(true);
  });

  it("when each says when to come again", () => {
    expect(
      verdictsOf(
        new FailureWatch(),
        LANES.map(() => new RetryAfter(1_000)),
      ),
    ).not.toContain(true);
  });
});
