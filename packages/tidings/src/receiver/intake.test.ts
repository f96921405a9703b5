import { describe, expect, it } from "vitest";
import { StoreBrokenError, StoreBusyError, StoreError } from "../core/errors.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Intake } from "./intake.ts";

const STORED = { storedCount: 1, duplicateCount: 0 };

/** A store that takes its time and may fail, and what becomes of each delivery. */
function createWorld() {
  const clock = new FakeClock();
  const late: unknown[] = [];
  const intake = new Intake((error) => late.push(error));
  const answers: { ok: boolean; ms: number; error?: unknown }[] = [];
  const store = {
    delayMs: 0,
    error: undefined as Error | undefined,
    askedCount: 0,
    async append() {
      store.askedCount += 1;
      const { error } = store;
      if (store.delayMs > 0) await clock.sleep(store.delayMs);
      if (error !== undefined) throw error;
      return STORED;
    },
  };
  async function deliver(): Promise<void> {
    const startedAt = clock.now();
    await intake.append([], undefined, { store, clock }).then(
      () => answers.push({ ok: true, ms: clock.now() - startedAt }),
      (error: unknown) => answers.push({ ok: false, ms: clock.now() - startedAt, error }),
    );
  }
  return { clock, intake, store, deliver, answers, late };
}

describe("a store that is late", () => {
  it("is answered for within 2 s, and what it does later is nobody's", async () => {
    const { clock, store, deliver, answers } = createWorld();
    store.delayMs = 30_000;
    void deliver();
    await clock.advance(60_000);
    expect(answers).toEqual([{ ok: false, ms: 2_000, error: expect.any(StoreError) }]);
  });

  it("is asked once a second only, and fully again once it was in time", async () => {
    const { clock, store, deliver, answers } = createWorld();
    store.delayMs = Infinity;
    void deliver();
    await clock.advance(2_000);
    store.askedCount = 0;
    for (let ms = 0; ms < 10_000; ms += 100) {
      void deliver();
      await clock.advance(100);
    }
    expect(store.askedCount).toBeGreaterThanOrEqual(9);
    expect(store.askedCount).toBeLessThanOrEqual(10);
    store.delayMs = 0;
    await clock.advance(1_000);
    answers.length = 0;
    for (let n = 0; n < 10; n += 1) await deliver();
    expect(answers.map(({ ok }) => ok)).toEqual(Array(10).fill(true));
  });

  it("whose every answer takes 5 s makes few answers slow, and none later than 2.5 s", async () => {
    const { clock, store, deliver, answers } = createWorld();
    store.delayMs = 5_000;
    for (let ms = 0; ms < 120_000; ms += 20) {
      void deliver();
      await clock.advance(20);
    }
    await clock.advance(10_000);
    expect(answers).toHaveLength(6_000);
    expect(answers.some(({ ok }) => ok)).toBe(false);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThanOrEqual(2_500);
    // Those of the first 2 s, when nobody knew, and one a second.
    expect(answers.filter(({ ms }) => ms > 20).length).toBeLessThan(6_000 * 0.04);
  });

  it("that breaks then is told of", async () => {
    const { clock, store, deliver, late } = createWorld();
    store.delayMs = 30_000;
    store.error = new StoreBrokenError("EIO");
    void deliver();
    await clock.advance(60_000);
    expect(late).toEqual([store.error]);
  });
});

describe("a store that fails", () => {
  it("is asked again each time at first, then once a second", async () => {
    const { clock, store, deliver, answers } = createWorld();
    store.error = new StoreError("away");
    for (let n = 0; n < 10; n += 1) await deliver();
    expect(store.askedCount).toBe(3);
    expect(answers.map(({ ok, ms }) => ({ ok, ms }))).toEqual(
      Array.from({ length: 10 }, () => ({ ok: false, ms: 0 })),
    );
    await clock.advance(1_000);
    for (let n = 0; n < 10; n += 1) await deliver();
    expect(store.askedCount).toBe(4);
  });

  it("is asked again at once when the clock is set back", async () => {
    const { clock, intake, store, deliver } = createWorld();
    store.error = new StoreError("away");
    for (let n = 0; n < 3; n += 1) await deliver();
    store.error = undefined;
    const setBack = { now: () => clock.now() - 3_600_000, sleep: clock.sleep.bind(clock) };
    expect(await intake.append([], undefined, { store, clock: setBack })).toBe(STORED);
  });

  it("is asked as before when it is only busy", async () => {
    const { store, deliver } = createWorld();
    store.error = new StoreBusyError(20_000);
    for (let n = 0; n < 10; n += 1) await deliver();
    expect(store.askedCount).toBe(10);
  });

  it("is not ready, until it took a delivery or nobody asked it for 10 s", async () => {
    const { clock, intake, store, deliver } = createWorld();
    expect(intake.isTaking(clock)).toBe(true);
    store.error = new StoreError("away");
    await deliver();
    expect(intake.isTaking(clock)).toBe(false);
    await clock.advance(10_000);
    expect(intake.isTaking(clock)).toBe(true);
    await deliver();
    expect(intake.isTaking(clock)).toBe(false);
    store.error = undefined;
    await deliver();
    expect(intake.isTaking(clock)).toBe(true);
  });
});
