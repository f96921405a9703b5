import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  DispatchBench,
  type BenchOptions,
  type Declared,
  type TestHandler,
} from "../../test/support/dispatch-bench.ts";
import { createFaultStore, type Fault } from "../../test/support/fault-store.ts";
import { idOf, inboxItem } from "../../test/support/inbox-items.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { HandlerTimeoutError, Permanent, RetryAfter } from "../core/handler-errors.ts";
import type { InboxItem, InboxRow } from "../core/inbox.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { sqlite } from "../store/sqlite/sqlite.ts";
import { FakeClock } from "../testing/fake-clock.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function openSqlite(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), "tidings-dispatcher-"));
  folders.push(folder);
  return sqlite(join(folder, "tidings.db"), { allowEphemeral: true, synchronous: "normal" }).open();
}

/** Notifications of users in this order, `user/id`. */
function items(texts: string, options: Parameters<typeof inboxItem>[2] = {}): InboxItem[] {
  return texts.split(" ").map((text) => inboxItem(text.split("/")[0] ?? "", text, options));
}

const HALF: Random = { next: () => 0.5 };

function failing(error: unknown): TestHandler {
  return async () => {
    throw error;
  };
}

describe.each([
  { kind: "memory", paceMs: 0, open: async (): Promise<Store> => new MemoryStore() },
  { kind: "sqlite", paceMs: 1, open: openSqlite },
])("a dispatcher on $kind", ({ paceMs, open }) => {
  async function begin(declared: Declared | readonly Declared[], options: BenchOptions = {}) {
    const store = options.store ?? (await open());
    const bench = new DispatchBench([declared].flat(), { paceMs, ...options, store });
    return {
      bench,
      store,
      async [Symbol.asyncDispose]() {
        await bench.dispatcher.stop(0);
        await store.close();
      },
    };
  }

  it("hands the rows of a lane over in order, one at a time, and lanes side by side", async () => {
    const running = new Set<string>();
    const most = { inLane: 0, atOnce: 0 };
    const handled: string[] = [];
    await using world = await begin({
      concurrency: 3,
      async handle(row) {
        most.inLane = Math.max(most.inLane, running.has(row.lane) ? 2 : 1);
        running.add(row.lane);
        most.atOnce = Math.max(most.atOnce, running.size);
        await world.bench.clock.sleep(50);
        running.delete(row.lane);
        handled.push(idOf(row));
      },
    });
    const { bench } = world;
    await bench.append(...items("a/1 b/1 a/2 c/1 d/1 e/1 a/3 b/2"));
    await bench.append(...items("a/4 e/2"));
    await bench.untilEmpty();
    for (const user of ["a", "b", "c", "d", "e"]) {
      const own = handled.filter((id) => id.startsWith(user));
      expect(own).toEqual(own.toSorted());
    }
    expect(handled).toHaveLength(10);
    expect(most).toEqual({ inLane: 1, atOnce: 3 });
  });

  it("takes up what waited before it began", async () => {
    const store = await open();
    await store.append(items("a/1 a/2 b/1"));
    const handled: string[] = [];
    await using world = await begin({ handle: (row) => handled.push(idOf(row)) }, { store });
    await world.bench.untilEmpty();
    expect(handled.toSorted()).toEqual(["a/1", "a/2", "b/1"]);
  });

  it("hands over 2,000 rows of one lane in order, with few in hand, while others go on", async () => {
    const handled: string[] = [];
    let mostInHand = 0;
    await using world = await begin({
      async handle(row) {
        mostInHand = Math.max(mostInHand, world.bench.dispatcher.rowsInHand);
        handled.push(idOf(row));
        if (row.lane.endsWith("hot")) await world.bench.clock.sleep(1);
      },
    });
    const { bench } = world;
    const hot = Array.from({ length: 2_000 }, (_, n) => `hot/${n}`);
    await bench.append(...items(hot.slice(0, 1_500).join(" ")));
    await bench.append(...items("cold/1"));
    await bench.append(...items(hot.slice(1_500).join(" ")));
    await bench.append(...items("cold/2"));
    await bench.untilEmpty();
    expect(handled.filter((id) => id.startsWith("hot"))).toEqual(hot);
    expect(mostInHand).toBeLessThan(1_000);
    expect(handled.indexOf("cold/1")).toBeLessThan(600);
    expect(handled.indexOf("cold/2")).toBeLessThan(1_000);
  });

  it("parks a lane whose change failed, drops its rows, and resumes in order", async () => {
    const calls: string[] = [];
    const handle = (row: InboxRow): void => {
      calls.push(`${idOf(row)} ${row.failures}`);
      if (idOf(row) === "a/1" && row.failures < 2) throw new Error("not yet");
    };
    const retry = { attempts: 5, firstMs: 20_000, maxMs: 20_000 };
    await using world = await begin({ retry, handle }, { random: HALF });
    const { bench } = world;
    await bench.append(...items("a/1 a/2 b/1"));
    await bench.until(
      () => bench.toldOf("change:failed").length === 1 && bench.dispatcher.rowsInHand === 0,
      5_000,
    );
    await bench.append(...items("a/3 b/2"));
    await bench.until(() => calls.includes("b/2 0"), 5_000);
    await bench.untilEmpty();
    expect(calls.filter((call) => call.startsWith("a"))).toEqual([
      "a/1 0",
      "a/1 1",
      "a/1 2",
      "a/2 0",
      "a/3 0",
    ]);
    expect(bench.toldOf("change:failed").map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(
      bench.toldOf("change:handled").find(({ notificationId }) => notificationId === "a/1")?.attempt,
    ).toBe(3);
  });

  it("finds parked lanes again after a restart, and not before their time", async () => {
    const clock = new FakeClock();
    const store = await open();
    const retry = { attempts: 5, firstMs: 20_000, maxMs: 20_000 };
    const first = new DispatchBench([{ retry, handle: failing(new Error("no")) }], {
      store,
      clock,
      random: HALF,
      paceMs,
    });
    await first.append(...items("a/1 a/2 b/1"));
    await first.until(
      () => first.toldOf("change:failed").length === 2 && first.dispatcher.rowsInHand === 0,
      5_000,
    );
    await first.dispatcher.stop(5_000);
    const retryAt = first.toldOf("change:failed").map((told) => told.retryAt);
    const calls: [string, number][] = [];
    const handle = (row: InboxRow): unknown => calls.push([idOf(row), clock.now()]);
    await using world = await begin({ retry, handle }, { store, clock });
    await world.bench.untilEmpty();
    expect(calls.map(([id]) => id).filter((id) => id.startsWith("a"))).toEqual(["a/1", "a/2"]);
    expect(Math.min(...calls.map(([, at]) => at))).toBeGreaterThanOrEqual(Math.min(...retryAt));
  });

  it("makes a dead letter of what failed too often, and goes on with its lane", async () => {
    const calls: string[] = [];
    await using world = await begin({
      retry: { attempts: 3, firstMs: 10, maxMs: 10 },
      handle(row) {
        calls.push(idOf(row));
        if (idOf(row) === "a/1") throw new TypeError("bad");
      },
    });
    await world.bench.append(...items("a/1 a/2"));
    await world.bench.untilEmpty();
    expect(calls).toEqual(["a/1", "a/1", "a/1", "a/2"]);
    expect((await world.store.listDead({ limit: 9 })).letters).toMatchObject([
      { failures: 3, error: "TypeError: bad" },
    ]);
    expect(world.bench.toldOf("change:dead")).toMatchObject([{ notificationId: "a/1", attempt: 3 }]);
  });

  it("makes a dead letter at once of what is permanent", async () => {
    await using world = await begin({ handle: failing(new Permanent("never")) });
    await world.bench.append(...items("a/1"));
    await world.bench.untilEmpty();
    expect((await world.store.listDead({ limit: 9 })).letters).toMatchObject([
      { failures: 1, error: "Permanent: never" },
    ]);
  });

  it("comes again when it is told to, and spends no attempt", async () => {
    let calls = 0;
    await using world = await begin({
      retry: { attempts: 1, firstMs: 1, maxMs: 1 },
      handle(row) {
        expect(row.failures).toBe(0);
        if ((calls += 1) <= 5) throw new RetryAfter(1_000);
      },
    });
    const begun = world.bench.clock.now();
    await world.bench.append(...items("a/1"));
    await world.bench.untilEmpty();
    expect(calls).toBe(6);
    expect(world.bench.clock.now() - begun).toBeGreaterThanOrEqual(5_000);
    expect((await world.store.listDead({ limit: 9 })).letters).toEqual([]);
  });

  it("hands over the latest of what waits, and settles all of it", async () => {
    const calls: string[][] = [];
    await using world = await begin(
      { mode: "latest", handle: (_, __, group) => calls.push(group.map((row) => idOf(row))) },
      { keepHistory: true },
    );
    const { bench, store } = world;
    bench.dispatcher.pause("users");
    await bench.append(...items("a/1 a/2 b/1 a/3"));
    await bench.pass(100);
    bench.dispatcher.resume("users");
    await bench.untilEmpty();
    expect(calls).toHaveLength(2);
    expect(calls).toEqual(expect.arrayContaining([["a/1", "a/2", "a/3"], ["b/1"]]));
    expect(bench.toldOf("change:handled")[0]).toMatchObject({
      notificationId: "a/3",
      mergedCount: 3,
      mergedNotificationIds: ["a/1", "a/2"],
    });
    expect(await store.replay({ runId: "again", limit: 9 })).toMatchObject({ count: 4 });
  });

  it("makes dead letters of all that one call stood for", async () => {
    await using world = await begin({ mode: "latest", handle: failing(new Permanent("never")) });
    const { bench, store } = world;
    bench.dispatcher.pause("users");
    await bench.append(...items("a/1 a/2"));
    await bench.pass(100);
    bench.dispatcher.resume("users");
    await bench.untilEmpty();
    expect((await store.listDead({ limit: 9 })).letters.map((letter) => idOf(letter))).toEqual([
      "a/1",
      "a/2",
    ]);
  });

  it("survives 10 rows of a lane that each fail twice", async () => {
    const calls: string[] = [];
    await using world = await begin({
      retry: { attempts: 3, firstMs: 5, maxMs: 5 },
      handle(row) {
        calls.push(idOf(row));
        if (row.failures < 2) throw new Error("no");
      },
    });
    const ids = Array.from({ length: 10 }, (_, n) => `a/${n}`);
    await world.bench.append(...items(ids.join(" ")));
    await world.bench.untilEmpty();
    expect(calls).toEqual(ids.flatMap((id) => [id, id, id]));
    expect(await world.store.counts()).toEqual({ waiting: 0, dead: 0 });
  });
});

describe("rows that nobody can tell apart", () => {
  const twins = (...users: string[]): InboxItem[] =>
    users.map((user) => inboxItem(user.slice(0, 1), user, { identity: undefined }));

  async function callsFor(first: InboxItem[], meanwhile: InboxItem[]): Promise<string[][]> {
    const calls: string[][] = [];
    await using bench: DispatchBench = new DispatchBench([
      {
        async handle(_, __, group) {
          calls.push(group.map((row) => idOf(row)));
          await bench.clock.sleep(100);
        },
      },
    ]);
    await bench.append(...first);
    await bench.until(() => calls.length === 1);
    await bench.append(...meanwhile);
    await bench.untilEmpty();
    return calls;
  }

  it("are handled again when the first is running", async () => {
    expect(await callsFor(twins("a"), twins("a"))).toEqual([["a"], ["a"]]);
  });

  it("are one when they wait, as long as nothing else is between them", async () => {
    expect(await callsFor(twins("a"), twins("a", "a", "a2", "a"))).toEqual([
      ["a"],
      ["a", "a"],
      ["a2"],
      ["a"],
    ]);
  });

  it("are not mistaken for one that has an identity", async () => {
    const named = inboxItem("a", "a");
    expect(await callsFor(twins("a"), [...twins("a"), named, ...twins("a")])).toEqual([
      ["a"],
      ["a"],
      ["a"],
      ["a"],
    ]);
  });
});

describe("a batch", () => {
  /** Handles in batches of up to 10, of which those in `failed` fail. */
  function begin(failed: Set<string>, { throws = false } = {}) {
    const calls: string[][] = [];
    const settings = {
      batchSize: 10,
      concurrency: 1,
      retry: { attempts: 2, firstMs: 1_000, maxMs: 1_000 },
      handleGroups: async (groups: readonly (readonly InboxRow[])[]) => {
        const ids = groups.map((group) => group.map((row) => idOf(row)).join("+"));
        calls.push(ids);
        if (throws && ids.some((id) => failed.has(id))) throw new Error("all of it");
        return new Map(ids.flatMap((id, place) => (failed.has(id) ? [[place, new Error("not this")]] : [])));
      },
    };
    return { calls, bench: new DispatchBench([settings]) };
  }

  it("takes the first of several lanes, and more of each", async () => {
    const { calls, bench } = begin(new Set());
    bench.dispatcher.pause("users");
    await bench.append(...items("a/1 b/1 a/2 c/1 b/2"));
    await bench.pass(50);
    bench.dispatcher.resume("users");
    await bench.untilEmpty();
    expect(calls).toEqual([["a/1", "a/2", "b/1", "b/2", "c/1"]]);
    await bench.dispatcher.stop(0);
  });

  it("is bounded", async () => {
    const { calls, bench } = begin(new Set());
    bench.dispatcher.pause("users");
    await bench.append(
      ...items(Array.from({ length: 25 }, (_, n) => `${n % 2 === 0 ? "a" : "b"}/${n}`).join(" ")),
    );
    await bench.pass(50);
    bench.dispatcher.resume("users");
    await bench.untilEmpty();
    expect(Math.max(...calls.map((call) => call.length))).toBe(10);
    expect(calls.flat()).toHaveLength(25);
    await bench.dispatcher.stop(0);
  });

  it("has those tried again that failed, and what came behind them counts as not attempted", async () => {
    const { calls, bench } = begin(new Set(["a/2"]));
    bench.dispatcher.pause("users");
    await bench.append(...items("a/1 a/2 a/3 b/1 b/2"));
    await bench.pass(50);
    bench.dispatcher.resume("users");
    await bench.untilEmpty();
    expect(calls).toEqual([["a/1", "a/2", "a/3", "b/1", "b/2"], ["a/2", "a/3"], ["a/3"]]);
    expect(bench.toldOf("change:handled").map(({ notificationId }) => notificationId)).toEqual([
      "a/1",
      "b/1",
      "b/2",
      "a/3",
    ]);
    expect(bench.toldOf("change:failed")).toMatchObject([
      { notificationId: "a/2", error: { message: "not this" } },
    ]);
    expect(bench.toldOf("change:dead")).toMatchObject([{ notificationId: "a/2" }]);
    await bench.dispatcher.stop(0);
  });

  it("has nothing done when it throws, and the first of each lane has failed", async () => {
    const { bench } = begin(new Set(["a/2"]), { throws: true });
    bench.dispatcher.pause("users");
    await bench.append(...items("a/1 a/2 b/1"));
    await bench.pass(50);
    bench.dispatcher.resume("users");
    await bench.until(() => bench.toldOf("change:failed").length === 2);
    expect(bench.toldOf("change:failed").map(({ notificationId }) => notificationId)).toEqual(["a/1", "b/1"]);
    expect(bench.toldOf("change:handled")).toEqual([]);
    await bench.dispatcher.stop(0);
  });
});

describe("a handler", () => {
  it.each<{ name: string; handle: (clock: FakeClock) => TestHandler; error: unknown }>([
    {
      name: "that never settles",
      handle: () => async () => new Promise(() => {}),
      error: new HandlerTimeoutError(500),
    },
    {
      name: "that rejects late",
      handle: (clock) => async () => {
        await clock.sleep(700);
        throw new Error("late");
      },
      error: new HandlerTimeoutError(500),
    },
    {
      name: "that returns late",
      handle: (clock) => async () => clock.sleep(700),
      error: new HandlerTimeoutError(500),
    },
    {
      name: "that throws at once",
      handle: () => () => {
        throw new TypeError("at once");
      },
      error: new TypeError("at once"),
    },
    { name: "that throws undefined", handle: () => failing(undefined), error: undefined },
    { name: "that throws a text", handle: () => failing("no"), error: "no" },
  ])("$name has failed", async ({ handle, error }) => {
    const clock = new FakeClock();
    const retry = { attempts: 1, firstMs: 1, maxMs: 1 };
    await using bench = new DispatchBench([{ timeoutMs: 500, retry, handle: handle(clock) }], { clock });
    await bench.append(...items("a/1 a/2"));
    await bench.untilEmpty();
    await bench.pass(2_000);
    expect(bench.toldOf("change:dead").map((told) => told.error)).toEqual([error, error]);
    expect(bench.toldOf("change:handled")).toEqual([]);
  });

  it("hears that its time is over", async () => {
    let heard: AbortSignal | undefined;
    const retry = { attempts: 1, firstMs: 1, maxMs: 1 };
    const handle = async (_: unknown, signal: AbortSignal): Promise<void> => {
      heard = signal;
      await new Promise(() => {});
    };
    await using bench = new DispatchBench([{ timeoutMs: 500, retry, handle }]);
    await bench.append(...items("a/1"));
    await bench.pass(490);
    expect(heard?.aborted).toBe(false);
    await bench.pass(20);
    expect(heard?.aborted).toBe(true);
  });
});

describe("what a handler throws", () => {
  it.each<{ name: string; thrown: () => unknown }>([
    { name: "whose name is a symbol", thrown: () => Object.assign(new Error("no"), { name: Symbol("no") }) },
    {
      name: "whose code has no text",
      thrown: () => Object.assign(new Error("no"), { code: Object.create(null) }),
    },
    {
      name: "whose message throws",
      thrown: () =>
        Object.defineProperty(new Error("no"), "message", {
          get() {
            throw new Error("not that either");
          },
        }),
    },
    {
      name: "that is a revoked proxy",
      thrown() {
        const { proxy, revoke } = Proxy.revocable(new Error("no"), {});
        revoke();
        return proxy;
      },
    },
  ])("$name is retried and given up like any other", async ({ thrown }) => {
    let calls = 0;
    const handle = async (): Promise<void> => {
      calls += 1;
      throw thrown();
    };
    await using bench = new DispatchBench([{ retry: { attempts: 2, firstMs: 10, maxMs: 10 }, handle }]);
    await bench.append(...items("a/1"));
    await bench.pass(60_000);
    expect(calls).toBe(2);
    expect(await bench.store.counts()).toEqual({ waiting: 0, dead: 1 });
  });
});

describe("several declarations", () => {
  it("have a share of memory each, so that one that stands still leaves room", async () => {
    const handled: string[] = [];
    await using bench = new DispatchBench([
      { name: "stuck", concurrency: 1, timeoutMs: 1e9, handle: async () => new Promise(() => {}) },
      { name: "users", handle: (row) => handled.push(idOf(row)) },
    ]);
    const many = Array.from({ length: 9_000 }, (_, n) =>
      inboxItem(String(n), `s${n}`, { declaration: "stuck" }),
    );
    await bench.append(...many);
    await bench.append(...items("a/1"));
    await bench.pass(1_000);
    expect(handled).toEqual(["a/1"]);
    expect(bench.dispatcher.rowsInHand).toBeLessThanOrEqual(2_500);
  });
});

describe("hot lanes", () => {
  it("have a share of memory together, however many they are", async () => {
    const clock = new FakeClock();
    let most = 0;
    await using bench = new DispatchBench([{ handle: async () => clock.sleep(10) }], { clock });
    const users = Array.from({ length: 60 }, (_, n) => `u${n}`);
    for (let round = 0; round < 200; round += 1) {
      await bench.store.append(users.map((user) => inboxItem(user, `${user}-${round}`)));
    }
    await bench.until(async () => {
      most = Math.max(most, bench.dispatcher.rowsInHand);
      return (await bench.store.counts()).waiting === 0;
    });
    expect(most).toBeLessThanOrEqual(4_000 + 500);
  });
});

describe("a paused declaration", () => {
  it("begins nothing until it is resumed, while what runs may end, and says so once", async () => {
    const begun: string[] = [];
    await using bench: DispatchBench = new DispatchBench([
      {
        async handle(row) {
          begun.push(idOf(row));
          await bench.clock.sleep(100);
        },
      },
    ]);
    await bench.append(...items("a/1 a/2"));
    await bench.until(() => begun.length === 1);
    bench.dispatcher.pause("users");
    bench.dispatcher.pause("users");
    await bench.append(...items("b/1"));
    await bench.pass(120_000);
    expect(begun).toEqual(["a/1"]);
    expect(bench.toldOf("change:handled")).toHaveLength(1);
    bench.dispatcher.resume("users");
    bench.dispatcher.resume("users");
    await bench.untilEmpty();
    expect(begun.toSorted()).toEqual(["a/1", "a/2", "b/1"]);
    expect(bench.toldOf("declaration:paused")).toEqual([
      { declaration: "users", by: "user", error: undefined },
    ]);
    expect(bench.toldOf("declaration:resumed")).toEqual([{ declaration: "users" }]);
  });

  it("leaves its parked lanes parked", async () => {
    let calls = 0;
    const retry = { attempts: 9, firstMs: 10, maxMs: 10 };
    await using bench = new DispatchBench([
      {
        retry,
        handle: () => {
          if ((calls += 1) === 1) throw new Error("no");
        },
      },
    ]);
    await bench.append(...items("a/1"));
    await bench.until(() => calls === 1);
    bench.dispatcher.pause("users");
    await bench.pass(1_000);
    expect(calls).toBe(1);
    bench.dispatcher.resume("users");
    await bench.untilEmpty();
    expect(calls).toBe(2);
  });
});

describe("a declaration whose downstream is away", () => {
  const OUTAGE_MS = 3 * 3_600_000;

  it("dead-letters nothing in 3 hours, calls seldom, and then handles everything in order", async () => {
    const clock = new FakeClock();
    const endsAt = clock.now() + OUTAGE_MS;
    const handled: string[] = [];
    let callsInOutage = 0;
    await using bench = new DispatchBench(
      [
        {
          async handle(row) {
            await clock.sleep(10);
            if (clock.now() < endsAt) {
              callsInOutage += 1;
              throw Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
            }
            handled.push(idOf(row));
          },
        },
      ],
      { clock },
    );
    const users = Array.from({ length: 200 }, (_, n) => `u${n}`);
    const rounds = Array.from({ length: 6 }, (_, round) => users.map((user) => `${user}/${round}`));
    for (const round of rounds) {
      await bench.append(...items(round.join(" ")));
      await bench.pass(OUTAGE_MS / 6);
    }
    await bench.untilEmpty();
    expect(await bench.store.counts()).toEqual({ waiting: 0, dead: 0 });
    for (const user of users) {
      expect(handled.filter((id) => id.startsWith(`${user}/`))).toEqual(rounds.map((_, n) => `${user}/${n}`));
    }
    // One probe a minute at most, from when the waits are that long: half that on average.
    expect(callsInOutage).toBeLessThan(500);
    expect(bench.toldOf("declaration:paused")).toMatchObject([
      { by: "failures", error: { code: "ECONNREFUSED" } },
    ]);
    expect(bench.toldOf("declaration:resumed")).toHaveLength(1);
    const attempts = bench.toldOf("change:handled").map(({ attempt }) => attempt);
    expect(Math.max(...attempts)).toBeLessThanOrEqual(2);
  });

  it.each([
    { name: "with several codes", users: 12, codes: ["ECONNREFUSED", "ETIMEDOUT", "ENOTFOUND"] },
    { name: "for an app of four things", users: 4, codes: ["ECONNREFUSED"] },
    { name: "for an app of two things, with several codes", users: 2, codes: ["ECONNREFUSED", "ETIMEDOUT"] },
  ])("dead-letters nothing in 3 hours $name", async ({ users, codes }) => {
    const clock = new FakeClock();
    const endsAt = clock.now() + OUTAGE_MS;
    let calls = 0;
    const handle = async (): Promise<void> => {
      calls += 1;
      if (clock.now() < endsAt) throw Object.assign(new Error("away"), { code: codes[calls % codes.length] });
    };
    await using bench = new DispatchBench([{ handle }], { clock });
    await bench.append(...Array.from({ length: users }, (_, n) => inboxItem(`u${n}`, `n${n}`)));
    await bench.pass(OUTAGE_MS);
    await bench.untilEmpty();
    expect(await bench.store.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  it("is probed in time though the clock is put back", async () => {
    const clock = new WrongClock();
    let isAway = true;
    const handle = async (): Promise<void> => {
      if (isAway) throw new Error("away");
    };
    await using bench = new DispatchBench([{ handle }], { clock });
    await bench.append(...Array.from({ length: 20 }, (_, n) => inboxItem(String(n), `n${n}`)));
    await bench.until(() => bench.toldOf("declaration:paused").length === 1);
    isAway = false;
    clock.isAheadBy(-24 * 3_600_000);
    await bench.append(...items("new/1"));
    await bench.pass(120_000);
    expect(bench.toldOf("declaration:resumed")).toHaveLength(1);
  });

  it("is tried again soon: what was under way when it paused does not make it wait", async () => {
    const clock = new FakeClock();
    const calls: number[] = [];
    const handle = async (): Promise<void> => {
      calls.push(clock.now());
      await clock.sleep(10);
      throw new Error("away");
    };
    await using bench = new DispatchBench([{ handle }], { clock, random: { next: () => 0.99 } });
    await bench.append(...Array.from({ length: 40 }, (_, n) => inboxItem(String(n), `n${n}`)));
    await bench.pass(3_000);
    expect(calls.length).toBeGreaterThan(16);
    expect(Number(calls[16]) - Number(calls[0])).toBeLessThan(1_100);
  });

  it("costs nothing while it waits: the store is not asked all the time", async () => {
    const inner = new MemoryStore();
    let asked = 0;
    const store = new Proxy(inner, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...parameters: unknown[]) => {
          asked += 1;
          return Reflect.apply(method, target, parameters);
        };
      },
    });
    await using bench = new DispatchBench([{ handle: failing(new Error("away")) }], { store });
    await bench.append(...Array.from({ length: 40 }, (_, n) => inboxItem(String(n), `n${n}`)));
    await bench.pass(60_000);
    asked = 0;
    await bench.pass(600_000);
    expect(asked).toBeLessThan(400);
  });

  it("costs nothing while a probe takes long, or nothing is left to probe with", async () => {
    class CountingClock extends FakeClock {
      sleepCount = 0;

      override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
        this.sleepCount += 1;
        await super.sleep(ms, signal);
      }
    }
    const clock = new CountingClock();
    let isSlow = false;
    const handle = async (): Promise<void> => {
      if (isSlow) await clock.sleep(50_000);
      throw new Error("away");
    };
    const retry = { attempts: 1, firstMs: 1, maxMs: 1 };
    await using bench = new DispatchBench([{ retry, handle }], { clock });
    await bench.append(...Array.from({ length: 5 }, (_, n) => inboxItem(String(n), `n${n}`)));
    await bench.until(() => bench.toldOf("declaration:paused").length === 1);
    await bench.pass(10_000);
    clock.sleepCount = 0;
    await bench.pass(120_000);
    expect(clock.sleepCount).toBeLessThan(20);
    isSlow = true;
    await bench.append(...items("a/1"));
    await bench.pass(10_000);
    clock.sleepCount = 0;
    await bench.pass(30_000);
    expect(clock.sleepCount).toBeLessThan(20);
  });

  it("is probed on after the store failed too, though nothing comes anew", async () => {
    const clock = new FakeClock();
    const inner = new MemoryStore();
    const rates: Partial<Record<Fault, number>> = {};
    const faulty = createFaultStore(inner, { clock, random: HALF, rates, operations: ["takeDueLanes"] });
    let isAway = true;
    const handle = async (): Promise<void> => {
      if (isAway) throw new Error("away");
    };
    await using bench = new DispatchBench([{ handle }], { clock, store: faulty.store });
    await bench.append(...Array.from({ length: 5 }, (_, n) => inboxItem(String(n), `n${n}`)));
    await bench.until(() => bench.toldOf("declaration:paused").length === 1);
    rates["error-before"] = 1;
    await bench.until(() => faulty.counts["error-before"] > 0);
    rates["error-before"] = 0;
    isAway = false;
    await bench.untilEmpty(600_000);
    expect(bench.toldOf("change:handled")).toHaveLength(5);
  });

  it("is found to be back by what comes anew, though old ones fail on", async () => {
    const clock = new FakeClock();
    const retry = { attempts: 12, firstMs: 1_000, maxMs: 1_000 };
    const handle = async ({ lane }: InboxRow): Promise<void> => {
      if (lane.endsWith("poison")) throw new Error("bad");
    };
    await using bench = new DispatchBench([{ retry, handle }], { clock });
    await bench.append(...Array.from({ length: 8 }, (_, n) => inboxItem(`${n}poison`, `p${n}`)));
    await bench.until(() => bench.toldOf("declaration:paused").length === 1);
    await bench.pass(600_000);
    await bench.append(...items("good/1"));
    await bench.until(() => bench.toldOf("change:handled").length === 1, 180_000);
    expect(bench.toldOf("declaration:resumed")).not.toEqual([]);
  });

  it.each([
    { name: "one that is always bad", error: new TypeError("poison"), lanes: 1 },
    { name: "many that are judged", error: new Permanent("never"), lanes: 30 },
    { name: "many that say when to come again", error: new RetryAfter(1_000), lanes: 30 },
  ])("is not mistaken for it: $name", async ({ error, lanes }) => {
    const retry = { attempts: 12, firstMs: 10, maxMs: 10 };
    const handle = async ({ lane }: InboxRow): Promise<void> => {
      if (lane.endsWith("poison")) throw error;
    };
    await using bench = new DispatchBench([{ retry, handle }]);
    await bench.append(...Array.from({ length: lanes }, (_, n) => inboxItem(`${n}poison`, `p${n}`)));
    await bench.pass(3_000);
    await bench.append(...items("good/1 good/2"));
    await bench.pass(3_000);
    expect(bench.toldOf("change:handled")).toHaveLength(2);
    expect(bench.toldOf("declaration:paused")).toEqual([]);
  });

  it("goes on when all that waits is given up", async () => {
    const clock = new FakeClock();
    let isAway = true;
    const handle = async (): Promise<void> => {
      if (isAway) throw new Error("away");
      throw new Permanent("never");
    };
    await using bench = new DispatchBench([{ handle }], { clock });
    await bench.append(...Array.from({ length: 10 }, (_, n) => inboxItem(String(n), `n${n}`)));
    await bench.pass(10_000);
    isAway = false;
    await bench.untilEmpty();
    await bench.append(...items("new/1"));
    await bench.untilEmpty(120_000);
    expect((await bench.store.counts()).dead).toBe(11);
  });
});

describe("stop()", () => {
  it("begins nothing more, waits for what runs, and has it written", async () => {
    const begun: string[] = [];
    const bench: DispatchBench = new DispatchBench([
      {
        async handle(row) {
          begun.push(idOf(row));
          await bench.clock.sleep(500);
        },
      },
    ]);
    await bench.append(...items("a/1 a/2 b/1"));
    await bench.until(() => begun.length === 2);
    let isStopped = false;
    const stopped = bench.dispatcher.stop(8_000).then(() => (isStopped = true));
    await bench.pass(100);
    expect(isStopped).toBe(false);
    await bench.pass(500);
    await stopped;
    expect(begun.toSorted()).toEqual(["a/1", "b/1"]);
    expect(await bench.store.counts()).toEqual({ waiting: 1, dead: 0 });
  });

  it("aborts what takes too long, and spends no attempt on it", async () => {
    const store = new MemoryStore();
    const signals: AbortSignal[] = [];
    const bench = new DispatchBench(
      [
        {
          handle: async (_, signal) => {
            signals.push(signal);
            await new Promise((__, reject) => {
              signal.addEventListener("abort", () => reject(new Error("aborted")));
            });
          },
        },
      ],
      { store },
    );
    await bench.append(...items("a/1 b/1"));
    await bench.until(() => signals.length === 2);
    const stopped = bench.dispatcher.stop(8_000);
    await bench.pass(7_999);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    await bench.pass(1);
    await stopped;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await bench.pass(60_000);
    expect(await store.nextLaneAt(["users"])).toBeUndefined();
    const { rows } = await store.scan({ declaration: "users", after: 0, limit: 9 });
    expect(rows.map(({ failures }) => failures)).toEqual([0, 0]);
  });

  it("ends though the store answers nothing", async () => {
    const clock = new FakeClock();
    const faulty = createFaultStore(new MemoryStore(), {
      clock,
      random: seededRandom(1),
      rates: { hang: 1 },
    });
    const bench = new DispatchBench([{ handle: () => undefined }], { store: faulty.store, clock });
    const stopped = bench.dispatcher.stop(1_000);
    await bench.pass(1_000);
    await expect(stopped).resolves.toBeUndefined();
  });

  it("is idempotent, and ends at once with nothing to do", async () => {
    const bench = new DispatchBench([{ handle: () => undefined }]);
    await bench.dispatcher.stop(8_000);
    await bench.dispatcher.stop(8_000);
    expect(bench.toldOf("internal:error")).toEqual([]);
  });

  it("hears of nothing afterwards", async () => {
    const handled: string[] = [];
    const bench = new DispatchBench([{ handle: (row) => handled.push(idOf(row)) }]);
    await bench.dispatcher.stop(0);
    await bench.append(...items("a/1"));
    await bench.pass(120_000);
    expect(handled).toEqual([]);
  });
});

describe("a store that fails", () => {
  const FAULTS: readonly { operation: keyof Store; fault: Fault }[] = (
    ["scan", "loadLane", "takeDueLanes", "nextLaneAt", "settle"] as const
  ).flatMap((operation) =>
    (["error-before", "error-after", "delay"] as const).map((fault) => ({ operation, fault })),
  );

  it.each(FAULTS)("in $operation with $fault loses and reorders nothing", async ({ operation, fault }) => {
    const clock = new FakeClock();
    const inner = new MemoryStore();
    const rates: Partial<Record<Fault, number>> = { [fault]: 0.7 };
    const faulty = createFaultStore(inner, {
      clock,
      random: seededRandom(7),
      rates,
      operations: [operation],
      maxDelayMs: 2_000,
    });
    const firsts: string[] = [];
    const done = new Set<string>();
    const bench = new DispatchBench(
      [
        {
          retry: { attempts: 20, firstMs: 300, maxMs: 300 },
          handle(row) {
            const id = idOf(row);
            if (!firsts.includes(id)) firsts.push(id);
            if (row.failures === 0 && Number(id.split("/")[1]) % 3 === 0) throw new Error("no");
            done.add(id);
          },
        },
      ],
      { store: faulty.store, clock },
    );
    const owed: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const ids = [`a/${n}`, `b/${n}`, `c/${n}`];
      owed.push(...ids);
      await inner.append(items(ids.join(" ")));
      await bench.pass(100);
    }
    await bench.until(async () => (await inner.counts()).waiting === 0);
    expect(done.size).toBe(owed.length);
    for (const user of ["a", "b", "c"]) {
      expect(firsts.filter((id) => id.startsWith(user))).toEqual(owed.filter((id) => id.startsWith(user)));
    }
    expect(faulty.counts[fault]).toBeGreaterThan(1);
    expect(bench.toldOf("internal:error").length > 1).toBe(fault !== "delay");
    await bench.dispatcher.stop(0);
  });

  it("to settle a retry does not let the lane's later rows go first, whatever scans find meanwhile", async () => {
    const clock = new FakeClock();
    const inner = new MemoryStore();
    const rates: Partial<Record<Fault, number>> = {};
    const faulty = createFaultStore(inner, { clock, random: seededRandom(1), rates, operations: ["settle"] });
    const calls: string[] = [];
    await using bench = new DispatchBench(
      [
        {
          handle(row) {
            calls.push(`${idOf(row)} ${row.failures}`);
            if (idOf(row) === "a/1" && row.failures === 0) throw new Error("no");
          },
        },
      ],
      { store: faulty.store, clock },
    );
    rates["error-before"] = 1;
    await bench.append(...items("a/1"));
    await bench.until(() => calls.length === 1);
    for (let n = 2; n < 6; n += 1) {
      await bench.append(...items(`a/${n} b/${n}`));
      await bench.pass(1_000);
    }
    expect(calls.filter((call) => call.startsWith("a"))).toEqual(["a/1 0"]);
    rates["error-before"] = 0;
    await bench.untilEmpty();
    expect(calls.filter((call) => call.startsWith("a"))).toEqual([
      "a/1 0",
      "a/1 1",
      "a/2 0",
      "a/3 0",
      "a/4 0",
      "a/5 0",
    ]);
  });

  it("has nothing handled again that is handled and not yet written", async () => {
    const clock = new FakeClock();
    const inner = new MemoryStore();
    const random = seededRandom(1);
    const settling = { "error-before": 1 };
    const scanning = { "error-before": 0 };
    const first = createFaultStore(inner, { clock, random, rates: settling, operations: ["settle"] });
    const second = createFaultStore(first.store, { clock, random, rates: scanning, operations: ["scan"] });
    const handled: string[] = [];
    const handle = (row: InboxRow): unknown => handled.push(idOf(row));
    await using bench = new DispatchBench([{ handle }], { store: second.store, clock });
    await bench.append(...items("a/1 b/1"));
    await bench.until(() => handled.length === 2);
    scanning["error-before"] = 1;
    await bench.append(...items("c/1"));
    await bench.pass(1_000);
    scanning["error-before"] = 0;
    await bench.pass(60_000);
    settling["error-before"] = 0;
    await bench.untilEmpty();
    expect(handled).toEqual(["a/1", "b/1", "c/1"]);
  });
});

/** A store whose answers come as late as is said, by operation; that may be changed meanwhile. */
function slowStore(inner: Store, clock: FakeClock, delaysMs: Partial<Record<keyof Store, number>>): Store {
  return new Proxy(inner, {
    get(target, name: keyof Store) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || name === "onAppended") return target.onAppended.bind(target);
      return async (...parameters: unknown[]) => {
        const result: unknown = await Reflect.apply(method, target, parameters);
        await clock.sleep(delaysMs[name] ?? 0);
        return result;
      };
    },
  });
}

describe("a store that is slow", () => {
  it.each([
    { name: "before that is written", settleMs: 3_000 },
    { name: "and that is written", settleMs: 0 },
  ])("keeps a lane in order that is parked while more of it is loaded, $name", async ({ settleMs }) => {
    const clock = new FakeClock();
    const delaysMs = { settle: 0, loadLane: 0 };
    const store = slowStore(new MemoryStore(), clock, delaysMs);
    const firsts: string[] = [];
    await using bench = new DispatchBench(
      [
        {
          concurrency: 1,
          async handle(row) {
            if (row.failures === 0) firsts.push(idOf(row));
            await clock.sleep(10);
            // When fewer than half are in hand, more are loaded: that takes until the next fails.
            if (row.seq === 100) delaysMs.loadLane = 2_000;
            if (row.seq !== 140 || row.failures > 0) return;
            delaysMs.settle = settleMs;
            throw new Error("no");
          },
        },
      ],
      { store, clock, random: HALF },
    );
    const ids = Array.from({ length: 600 }, (_, n) => `hot/${n}`);
    await bench.append(...items(ids.join(" ")));
    await bench.until(() => bench.toldOf("change:failed").length === 1);
    await bench.pass(10_000);
    Object.assign(delaysMs, { settle: 0, loadLane: 0 });
    await bench.untilEmpty();
    expect(firsts).toEqual(ids);
  });

  it("has nothing handled twice that comes with its lane before a scan finds it", async () => {
    const clock = new FakeClock();
    const delaysMs = { scan: 0, takeDueLanes: 0 };
    const store = slowStore(new MemoryStore(), clock, delaysMs);
    const handled: string[] = [];
    await using bench = new DispatchBench(
      [
        {
          async handle(row) {
            if (idOf(row) === "a/1" && row.failures === 0) throw new Error("no");
            if (idOf(row) === "b/1") await clock.sleep(1_300);
            handled.push(idOf(row));
          },
        },
      ],
      { store, clock, random: HALF },
    );
    await bench.append(...items("a/1 b/1"));
    await bench.pass(400);
    // Its time is half a second after it failed; while that is heard of, another comes.
    Object.assign(delaysMs, { scan: 1_000, takeDueLanes: 300 });
    await bench.pass(200);
    await bench.append(...items("a/2"));
    await bench.untilEmpty();
    await bench.pass(5_000);
    expect(handled).toEqual(["b/1", "a/1", "a/2"]);
  });
});

/** A clock whose time may be wrong, and which lets time pass all the same. */
class WrongClock extends FakeClock {
  #aheadMs = 0;

  isAheadBy(ms: number): void {
    this.#aheadMs = ms;
  }

  override now(): number {
    return super.now() + this.#aheadMs;
  }
}

describe("a clock that was wrong", () => {
  it.each([
    { name: "a month ahead, and then right", ahead: 30 * 24 * 3_600_000, afterwards: 0 },
    { name: "right, and then put back by an hour", ahead: 0, afterwards: -3_600_000 },
    { name: "right, and then put back by a day", ahead: 0, afterwards: -24 * 3_600_000 },
  ])("$name, delays no lane by more than a minute or two", async ({ ahead, afterwards }) => {
    const clock = new WrongClock();
    let calls = 0;
    const handle = (): void => {
      calls += 1;
      if (calls === 1) throw new Error("once");
    };
    await using bench = new DispatchBench([{ handle }], { clock });
    clock.isAheadBy(ahead);
    await bench.append(...items("a/1"));
    await bench.clock.advance(0);
    expect(calls).toBe(1);
    clock.isAheadBy(afterwards);
    await bench.pass(120_000);
    expect(calls).toBe(2);
  });
});

describe("a wake-up that is lost", () => {
  it("costs a minute", async () => {
    const inner = new MemoryStore();
    const store = new Proxy(inner, {
      get(target, name) {
        if (name === "onAppended") return () => () => {};
        const method: unknown = Reflect.get(target, name);
        return typeof method === "function" ? method.bind(target) : method;
      },
    });
    const handled: string[] = [];
    await using bench = new DispatchBench([{ handle: (row) => handled.push(idOf(row)) }], { store });
    await bench.pass(1_000);
    await inner.append(items("a/1"));
    await bench.pass(60_000);
    expect(handled).toEqual(["a/1"]);
    // A lane that another process parked.
    bench.dispatcher.pause("users");
    await inner.append(items("b/1"));
    const { rows } = await inner.scan({ declaration: "users", after: 0, limit: 9 });
    for (const { seq, declaration, lane } of rows) {
      await inner.settle(
        [
          {
            kind: "retry",
            seq,
            declaration,
            lane,
            failures: 1,
            endedAt: bench.clock.now(),
            until: bench.clock.now() + 1,
          },
        ],
        { epoch: 1, lost: new AbortController().signal },
      );
    }
    bench.dispatcher.resume("users");
    await bench.pass(61_000);
    expect(handled).toEqual(["a/1", "b/1"]);
  });
});
