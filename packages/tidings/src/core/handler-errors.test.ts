import { describe, expect, it } from "vitest";

import { HandlerTimeoutError, Permanent, RetryAfter } from "./handler-errors.ts";

describe("an error for handlers", () => {
  it("says that nothing can help, with the cause", () => {
    const cause = new Error("no such mailbox");
    expect(new Permanent("gone", { cause })).toMatchObject({ name: "Permanent", message: "gone", cause });
  });

  it("says when to come again", () => {
    const error = new RetryAfter(1_500);
    expect(error).toMatchObject({ name: "RetryAfter", ms: 1_500 });
    expect(error.message).toBe("asked to be called again after 1500 ms");
    expect(new RetryAfter(0, "throttled", { cause: 429 })).toMatchObject({
      message: "throttled",
      cause: 429,
    });
  });

  it.each([
    { given: 1500.2, ms: 1_501 },
    { given: 0.5, ms: 1 },
    { given: Number.MAX_VALUE, ms: 86_400_000 },
  ])(
    "takes $given ms as $ms: stores keep whole milliseconds, and nothing waits for years",
    ({ given, ms }) => {
      expect(new RetryAfter(given).ms).toBe(ms);
    },
  );

  it.each([-1, Number.NaN, Infinity])("refuses %d ms", (ms) => {
    expect(() => new RetryAfter(ms)).toThrow(
      new RangeError(`Expected a number of milliseconds from 0 up, got \`${ms}\``),
    );
  });

  it("says how long the handler had", () => {
    expect(new HandlerTimeoutError(60_000)).toMatchObject({
      name: "HandlerTimeoutError",
      message: "the handler did not return within 60000 ms",
    });
  });
});
