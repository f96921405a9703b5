import { describe, expect, it } from "vitest";
import { LeaseLostError, StoreBrokenError, StoreError } from "../core/errors.ts";
import type { Settlement } from "../core/inbox.ts";
import type { Store } from "../core/ports/store.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { SettleQueue } from "./settle-queue.ts";

function done(seq: number): Settlement {
  return { kind: "done", seq, endedAt: 0 };
}

/** A queue on a store whose calls are answered one by one, by hand. */
function createBench({ keepHistory = false } = {}) {
  const clock = new FakeClock();
  const calls: { seqs: number[]; keepHistory: boolean | undefined; answer: (error?: Error) => void }[] = [];
  const reported: unknown[] = [];
  const settle: Store["settle"] = async (settlements, _lease, options) =>
    new Promise((resolve, reject) => {
      calls.push({
        seqs: settlements.map(({ seq }) => seq),
        keepHistory: options?.keepHistory,
        answer: (error) => (error === undefined ? resolve() : reject(error)),
      });
    });
  const queue = new SettleQueue({
    store: { settle },
    lease: { epoch: 1, lost: new AbortController().signal },
    clock,
    random: { next: () => 0.5 },
    report: (name, event) => reported.push([name, event]),
    keepHistory,
  });
  const written: number[] = [];
  const push = (...seqs: number[]): void => {
    void queue.push(seqs.map((seq) => done(seq))).then(() => written.push(...seqs));
  };
  return { queue, calls, reported, written, push, clock };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const NO = new StoreError("no");

describe("an outcome that the store never takes", () => {
  it("holds up none of those beside it or behind it", async () => {
    const { calls, push, written, reported } = createBench();
    push(1, 2);
    push(3);
    calls[0]?.answer(new TypeError("Expected a whole number"));
    await turn();
    expect(calls[1]).toMatchObject({ seqs: [1] });
    calls[1]?.answer(new TypeError("Expected a whole number"));
    await turn();
    expect(calls[2]).toMatchObject({ seqs: [2] });
    calls[2]?.answer();
    await turn();
    expect(calls[3]).toMatchObject({ seqs: [3] });
    calls[3]?.answer();
    await turn();
    expect(written).toEqual([1, 2, 3]);
    expect(reported).toHaveLength(2);
  });

  it.each([new LeaseLostError(), new StoreBrokenError("no")])(
    "because of %s ends the writing",
    async (error) => {
      const { calls, push, written, clock } = createBench();
      push(1, 2);
      calls[0]?.answer(error);
      await clock.advance(60_000);
      expect(calls).toHaveLength(1);
      expect(written).toEqual([]);
    },
  );
});

describe("outcomes are written", () => {
  it.each([true, false])("with keepHistory %s", async (keepHistory) => {
    const { calls, push } = createBench({ keepHistory });
    push(1, 2);
    expect(calls).toMatchObject([{ seqs: [1, 2], keepHistory }]);
  });

  it("one batch at a time, in the order they came", async () => {
    const { calls, push, written } = createBench();
    push(1);
    push(2);
    push(3, 4);
    await turn();
    expect(calls).toMatchObject([{ seqs: [1] }]);
    calls[0]?.answer();
    await turn();
    expect(calls).toMatchObject([{ seqs: [1] }, { seqs: [2, 3, 4] }]);
    expect(written).toEqual([1]);
    calls[1]?.answer();
    await turn();
    expect(written).toEqual([1, 2, 3, 4]);
  });

  it("in batches that are bounded", async () => {
    const { calls, push } = createBench();
    push(0);
    for (let n = 1; n <= 600; n += 1) push(n);
    calls[0]?.answer();
    await turn();
    expect(calls[1]?.seqs).toHaveLength(500);
  });

  it("again when the store fails, before any later one, and it is told", async () => {
    const { calls, push, written, reported, clock } = createBench();
    push(1);
    push(2);
    calls[0]?.answer(NO);
    await turn();
    expect(reported).toEqual([["internal:error", { where: "settling", error: NO }]]);
    await clock.advance(24);
    expect(calls).toHaveLength(1);
    await clock.advance(1);
    expect(calls.map(({ seqs }) => seqs)).toEqual([[1], [1]]);
    calls[1]?.answer();
    await turn();
    expect(calls[2]?.seqs).toEqual([2]);
    expect(written).toEqual([1]);
  });

  it("when they are pushed in the very turn in which the last were written", async () => {
    const { queue, calls, push } = createBench();
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const before = calls.length;
      push(1);
      calls.at(-1)?.answer();
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      push(2);
      await turn();
      expect(calls).toHaveLength(before + 2);
      calls.at(-1)?.answer();
      await queue.flushed();
      await turn();
    }
  });
});

describe("a queue is flushed", () => {
  it("at once when nothing waits", async () => {
    await expect(createBench().queue.flushed()).resolves.toBeUndefined();
  });

  it("when all is written, what came meanwhile too", async () => {
    const { queue, calls, push, written } = createBench();
    push(1);
    push(2);
    const flushed = queue.flushed();
    calls[0]?.answer();
    await turn();
    calls[1]?.answer();
    await flushed;
    await turn();
    expect(written).toEqual([1, 2]);
  });
});

describe("an abandoned queue", () => {
  it("tries a failing store no more", async () => {
    const { queue, calls, push, written, clock } = createBench();
    push(1);
    push(2);
    calls[0]?.answer(NO);
    await turn();
    queue.abandon();
    await queue.flushed();
    await clock.advance(60_000);
    push(3);
    await turn();
    expect(calls).toHaveLength(1);
    expect(written).toEqual([]);
  });

  it("hears of what is being written, and writes nothing after it", async () => {
    const { queue, calls, push, written } = createBench();
    push(1);
    push(2);
    queue.abandon();
    calls[0]?.answer();
    await turn();
    expect(written).toEqual([1]);
    expect(calls).toHaveLength(1);
  });
});
