import { describe, expect, it } from "vitest";
import { HandlerTimeoutError } from "../core/handler-errors.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { runAttempt, type AttemptResult } from "./attempt.ts";

const TIMEOUT_MS = 1_000;

function begin(handle: (signal: AbortSignal, clock: FakeClock) => Promise<unknown>): {
  clock: FakeClock;
  abandoned: AbortController;
  result: Promise<AttemptResult<unknown>>;
} {
  const clock = new FakeClock();
  const abandoned = new AbortController();
  const limits = { clock, timeoutMs: TIMEOUT_MS, abandoned: abandoned.signal };
  return { clock, abandoned, result: runAttempt(async (signal) => handle(signal, clock), limits) };
}

async function never(): Promise<never> {
  return new Promise(() => {});
}

/** Rejects as whatever takes a signal does, in the same turn. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")));
  });
}

describe("an attempt", () => {
  it("returns what the handler does", async () => {
    await expect(begin(async () => 7).result).resolves.toEqual({ kind: "returned", result: 7 });
  });

  it.each<{ name: string; error: unknown }>([
    { name: "an error", error: new Error("no") },
    { name: "undefined", error: undefined },
  ])("fails with $name, thrown at once or later", async ({ error }) => {
    const thrown = begin(async () => {
      throw error;
    });
    await expect(thrown.result).resolves.toEqual({ kind: "failed", error });
    const rejected = begin(async (_, clock) => clock.sleep(10).then(async () => Promise.reject(error)));
    await rejected.clock.advance(10);
    await expect(rejected.result).resolves.toEqual({ kind: "failed", error });
  });

  it("fails when the handler does not settle in its time, and not before", async () => {
    const { clock, result } = begin(never);
    let ended: unknown;
    void result.then((value) => (ended = value));
    await clock.advance(TIMEOUT_MS - 1);
    expect(ended).toBeUndefined();
    await clock.advance(1);
    expect(ended).toEqual({ kind: "failed", error: new HandlerTimeoutError(TIMEOUT_MS) });
  });

  it("fails of its time, not of what its end makes the handler throw", async () => {
    const { clock, result } = begin(untilAborted);
    await clock.advance(TIMEOUT_MS);
    await expect(result).resolves.toEqual({ kind: "failed", error: new HandlerTimeoutError(TIMEOUT_MS) });
  });

  it("does not hear of a handler that rejects late", async () => {
    const { clock, result } = begin(async (_, clock) => {
      await clock.sleep(2 * TIMEOUT_MS);
      throw new Error("late");
    });
    await clock.advance(3 * TIMEOUT_MS);
    await expect(result).resolves.toMatchObject({ kind: "failed", error: { name: "HandlerTimeoutError" } });
  });

  it.each([
    {
      name: "its time is over",
      end: async ({ clock }: ReturnType<typeof begin>) => clock.advance(TIMEOUT_MS),
    },
    { name: "it is abandoned", end: async ({ abandoned }: ReturnType<typeof begin>) => abandoned.abort() },
  ])("aborts its signal when $name", async ({ end }) => {
    let seen: AbortSignal | undefined;
    const attempt = begin(async (signal) => {
      seen = signal;
      return never();
    });
    expect(seen?.aborted).toBe(false);
    await end(attempt);
    expect(seen?.aborted).toBe(true);
  });

  it.each([
    { name: "nothing", handle: never },
    { name: "an error", handle: untilAborted },
    { name: "a result", handle: async (signal: AbortSignal) => untilAborted(signal).catch(() => "partial") },
  ])("counts as abandoned when its handler makes $name of being told to end", async ({ handle }) => {
    const clock = new FakeClock();
    const abandoned = new AbortController();
    const result = runAttempt(handle, { clock, timeoutMs: TIMEOUT_MS, abandoned: abandoned.signal });
    abandoned.abort();
    await expect(result).resolves.toEqual({ kind: "abandoned" });
  });
});
