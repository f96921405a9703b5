import { describe, expect, it } from "vitest";
import { DispatchBench, type BenchOptions, type Declared } from "../../test/support/dispatch-bench.ts";
import { idOf, inboxItem } from "../../test/support/inbox-items.ts";
import type { InboxItem } from "../core/inbox.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { FakeClock } from "../testing/fake-clock.ts";

/** A dispatcher that runs nothing by itself. */
function idleBench(declared: Declared, options: BenchOptions = {}): DispatchBench {
  return new DispatchBench([declared], { isStarted: false, ...options });
}

/** Items of as many users, and no two alike. */
function itemsOf(count: number): InboxItem[] {
  return Array.from({ length: count }, (_, n) => inboxItem(String(n), `n${(lastId += 1)}`));
}

let lastId = 0;

/** What a drain came to, while the clock goes on by seconds. */
async function drained(bench: DispatchBench, deadline = Infinity): Promise<number | undefined> {
  const drain = bench.dispatcher.drain(deadline);
  let isOver = false;
  void drain.finally(() => (isOver = true));
  await bench.until(() => isOver);
  return drain;
}

describe("drain()", () => {
  it("runs nothing before it is asked, everything that is due then, and nothing after", async () => {
    const handled: string[] = [];
    await using bench = idleBench({ handle: (row) => handled.push(idOf(row)) });
    await bench.append(...itemsOf(1_000));
    await bench.pass(60_000);
    expect(handled).toEqual([]);
    expect(await drained(bench)).toBeUndefined();
    expect(handled).toHaveLength(1_000);
    expect(await bench.store.counts()).toEqual({ waiting: 0, dead: 0 });
    await bench.append(...itemsOf(1));
    await bench.pass(120_000);
    expect(handled).toHaveLength(1_000);
    await drained(bench);
    expect(handled).toHaveLength(1_001);
  });

  it("leaves what failed to its time, and says when that is", async () => {
    let isFailing = true;
    const retry = { attempts: 5, firstMs: 10_000, maxMs: 10_000 };
    const handle = (): void => {
      if (isFailing) throw new Error("no");
    };
    await using bench = idleBench({ retry, handle }, { random: { next: () => 0.5 } });
    await bench.append(...itemsOf(1));
    const nextAt = await drained(bench);
    expect(nextAt).toBe((await bench.store.nextLaneAt(["users"])) ?? 0);
    expect(nextAt).toBeGreaterThan(bench.clock.now());
    expect(await drained(bench)).toBe(nextAt);
    isFailing = false;
    await bench.clock.advance(Number(nextAt) - bench.clock.now());
    expect(await drained(bench)).toBeUndefined();
    expect(await bench.store.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  it("begins nothing that could end after the deadline", async () => {
    const clock = new FakeClock();
    const begins: number[] = [];
    const startedAt = clock.now();
    const handle = async (): Promise<void> => {
      begins.push(clock.now());
      await clock.sleep(10_000);
    };
    await using bench = idleBench({ concurrency: 1, timeoutMs: 20_000, handle }, { clock });
    await bench.append(...itemsOf(9));
    const nextAt = await drained(bench, startedAt + 55_000);
    const endedAt = clock.now();
    expect(begins).toHaveLength(4);
    expect(begins.at(-1)).toBeLessThanOrEqual(startedAt + 35_000);
    expect(endedAt).toBeLessThan(startedAt + 55_000);
    expect(nextAt).toBeLessThanOrEqual(endedAt);
    expect(await bench.store.counts()).toEqual({ waiting: 5, dead: 0 });
  });

  it("probes what is away no more often than it would otherwise", async () => {
    let calls = 0;
    const handle = (): void => {
      calls += 1;
      throw new Error("away");
    };
    await using bench = idleBench({ handle });
    await bench.append(...itemsOf(100));
    const nextAt = await drained(bench);
    expect(calls).toBeLessThan(30);
    expect(nextAt).toBeGreaterThan(bench.clock.now());
  });

  it("leaves alone what is paused", async () => {
    let calls = 0;
    await using bench = idleBench({ handle: () => (calls += 1) });
    bench.dispatcher.pause("users");
    await bench.append(...itemsOf(3));
    expect(await drained(bench)).toBeUndefined();
    expect(calls).toBe(0);
    bench.dispatcher.resume("users");
    await drained(bench);
    expect(calls).toBe(3);
  });

  it("is shared by those who ask at once", async () => {
    const clock = new FakeClock();
    let calls = 0;
    const handle = async (): Promise<void> => {
      calls += 1;
      await clock.sleep(1_000);
    };
    await using bench = idleBench({ handle }, { clock });
    await bench.append(...itemsOf(5));
    const all = Promise.all([drained(bench), drained(bench)]);
    expect(await all).toEqual([undefined, undefined]);
    expect(calls).toBe(5);
  });

  it("waits for what runs by itself after start()", async () => {
    const clock = new FakeClock();
    const handled: string[] = [];
    const handle: Declared["handle"] = async (row) => {
      await clock.sleep(5_000);
      handled.push(idOf(row));
    };
    await using bench = new DispatchBench([{ handle, concurrency: 2 }], { clock });
    await bench.append(...itemsOf(4));
    await drained(bench);
    expect(handled).toHaveLength(4);
    await drained(bench);
    await bench.append(...itemsOf(1));
    await drained(bench, clock.now() + 1_000);
    expect(handled).toHaveLength(4);
    await drained(bench);
    expect(handled).toHaveLength(5);
  });

  it("makes way for start()", async () => {
    const handled: string[] = [];
    await using bench = idleBench({ handle: (row) => handled.push(idOf(row)) });
    await bench.append(...itemsOf(1));
    const drain = bench.dispatcher.drain(Infinity);
    bench.dispatcher.start();
    await bench.append(...itemsOf(1));
    await bench.untilEmpty();
    await drain;
    expect(handled).toHaveLength(2);
  });

  it.each(["settle", "lease", "scan", "nextLaneAt", "release"] as const)(
    "ends at the deadline though the store does not answer %s",
    async (operation) => {
      const store = new Proxy(new MemoryStore(), {
        get(target, name) {
          if (name === operation) return async () => NEVER;
          const method: unknown = Reflect.get(target, name);
          return typeof method === "function" ? method.bind(target) : method;
        },
      });
      await using bench = idleBench({ timeoutMs: 1_000 }, { store });
      await bench.append(...itemsOf(1));
      const deadline = bench.clock.now() + 10_000;
      await drained(bench, deadline);
      expect(bench.clock.now()).toBeLessThan(deadline + 1_000);
    },
  );

  it("goes on where one that was asked before ended at its own deadline", async () => {
    const clock = new FakeClock();
    const handle = async (): Promise<void> => clock.sleep(900);
    await using bench = idleBench({ timeoutMs: 1_000, concurrency: 1, handle }, { clock });
    await bench.append(...itemsOf(20));
    await Promise.all([drained(bench, clock.now() + 3_000), drained(bench)]);
    expect(await bench.store.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  it("begins anew when it was asked while another was ending", async () => {
    const clock = new FakeClock();
    const store = new Proxy(new MemoryStore(), {
      get(target, name) {
        if (name === "release") return async () => clock.sleep(50);
        const method: unknown = Reflect.get(target, name);
        return typeof method === "function" ? method.bind(target) : method;
      },
    });
    await using bench = idleBench({}, { clock, store });
    await bench.append(...itemsOf(1));
    const first = bench.dispatcher.drain(Infinity);
    await bench.until(async () => (await store.counts()).waiting === 0);
    await bench.append(...itemsOf(1));
    await drained(bench);
    await first;
    expect(await store.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  it("after start() waits for the next lease when one is lost", async () => {
    const clock = new FakeClock();
    const store = new MemoryStore();
    const handle: Declared["handle"] = async (_, signal) => clock.sleep(2_000, signal);
    await using bench = new DispatchBench([{ handle }], { clock, store });
    await bench.append(...itemsOf(1));
    await bench.pass(100);
    const drain = drained(bench);
    await store.lease();
    await drain;
    expect(await store.counts()).toEqual({ waiting: 0, dead: 0 });
  });
});

const NEVER: Promise<never> = new Promise(() => {});

describe("a lease that is lost", () => {
  it("has its attempts told to end and their outcomes refused; the next holder runs them again", async () => {
    const clock = new FakeClock();
    const store = new MemoryStore();
    const calls: string[] = [];
    const aborted: string[] = [];
    const handle: Declared["handle"] = async (row, signal) => {
      calls.push(idOf(row));
      await clock.sleep(10_000, signal);
      if (signal.aborted) aborted.push(idOf(row));
    };
    await using bench = new DispatchBench([{ handle }], { clock, store });
    await bench.append(...itemsOf(1));
    await bench.pass(1_000);
    const others = await store.lease();
    await bench.pass(0);
    expect(aborted).toEqual(calls.slice(0, 1));
    expect(await store.counts()).toEqual({ waiting: 1, dead: 0 });
    // It asked for the lease anew, and has it back.
    await bench.untilEmpty();
    expect(others.lost.aborted).toBe(true);
    expect(calls).toHaveLength(2);
    expect(calls[0]).toBe(calls[1]);
  });
});
