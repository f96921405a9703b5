import { describe, expect, it, vi } from "vitest";
import { inboxItem } from "../../test/support/inbox-items.ts";
import type { TidingsEventName } from "../core/events.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Sweeper } from "./sweeper.ts";

const DAY_MS = 24 * 3_600_000;

function createBench() {
  const store = new MemoryStore();
  const clock = new FakeClock();
  const told: { name: TidingsEventName; event: unknown }[] = [];
  const sweeper = new Sweeper({
    store,
    clock,
    report: (name, event) => told.push({ name, event }),
    declared: ["", "users"],
    historyMs: 0,
  });
  return { store, clock, told, sweeper };
}

describe("what waits for a declaration that is gone", () => {
  it("is told of at once, then hourly, and is a dead letter after 7 days", async () => {
    const { store, clock, told, sweeper } = createBench();
    const receivedAt = clock.now();
    await store.append([
      inboxItem("a", "n1", { declaration: "gone", receivedAt }),
      inboxItem("b", "n2", { receivedAt }),
    ]);
    sweeper.start();
    await clock.advance(0);
    const event = { declaration: "gone", waiting: 1, oldestAt: receivedAt, buried: 0 };
    expect(told).toEqual([{ name: "declaration:missing", event }]);
    await clock.advance(6 * DAY_MS);
    expect(told.length).toBeGreaterThanOrEqual(6 * 24);
    expect(told.length).toBeLessThanOrEqual(6 * 24 + 1);
    expect(await store.counts()).toEqual({ waiting: 2, dead: 0 });
    await clock.advance(DAY_MS + 3_600_000 + 60_000);
    expect(await store.counts()).toEqual({ waiting: 1, dead: 1 });
    expect((await store.listDead({ limit: 9 })).letters).toMatchObject([
      { declaration: "gone", failures: 0, error: "Error: the app has no declaration `gone`" },
    ]);
    expect(told.at(-1)).toMatchObject({ event: { buried: 1 } });
    const count = told.length;
    await clock.advance(DAY_MS);
    expect(told).toHaveLength(count);
    await sweeper.stop(1_000);
  });

  it("is a dead letter after 7 days however much of it comes in an hour", async () => {
    const { store, clock, sweeper } = createBench();
    const gone = { declaration: "gone", receivedAt: clock.now() };
    const items = Array.from({ length: 3_500 }, (_, n) => inboxItem("a", `n${n}`, gone));
    await store.append(items);
    await clock.advance(7 * DAY_MS + 1);
    await sweeper.sweep(Infinity);
    expect(await store.counts()).toEqual({ waiting: 0, dead: 3_500 });
  });
});

describe("stop()", () => {
  it("ends with its grace when the store does not answer", async () => {
    const { store, clock, sweeper } = createBench();
    store.sweep = async () => new Promise(() => {});
    sweeper.start();
    await clock.advance(0);
    const stopped = vi.fn<() => void>();
    void sweeper.stop(1_000).then(stopped);
    await clock.advance(999);
    expect(stopped).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(stopped).toHaveBeenCalled();
  });
});

describe("sweep()", () => {
  it("buries no more when its time is over, and goes on the next time it looks", async () => {
    const { store, clock, told, sweeper } = createBench();
    const gone = { declaration: "gone", receivedAt: clock.now() };
    await store.append(Array.from({ length: 3_500 }, (_, n) => inboxItem("a", `n${n}`, gone)));
    await clock.advance(7 * DAY_MS + 1);
    const bury = store.bury.bind(store);
    store.bury = async (query) => {
      await clock.advance(10);
      return bury(query);
    };
    await sweeper.sweep(clock.now() + 25);
    const { waiting, dead } = await store.counts();
    expect([waiting, dead]).toEqual([2_000, 1_500]);
    expect(told.at(-1)).toMatchObject({ event: { waiting: 3_500, buried: 1_500 } });
    await clock.advance(3_600_000);
    await sweeper.sweep(Infinity);
    expect(await store.counts()).toEqual({ waiting: 0, dead: 3_500 });
  });

  it("ends when nothing is left to remove", async () => {
    const { store, clock, sweeper } = createBench();
    const items = Array.from({ length: 2_500 }, (_, n) =>
      inboxItem("a", `n${n}`, { receivedAt: clock.now() }),
    );
    await store.append(items);
    await clock.advance(2 * DAY_MS);
    await sweeper.sweep(Infinity);
    expect(await store.append(items)).toEqual({ storedCount: 2_500, duplicateCount: 0 });
  });
});
