import fc from "fast-check";
import { expect, it } from "vitest";
import { DispatchBench, type Declared } from "../../test/support/dispatch-bench.ts";
import { createFaultStore, type Fault, type FaultStore } from "../../test/support/fault-store.ts";
import { checkHistory, repeatsOf } from "../../test/support/history/check-history.ts";
import type { HistoryEvent } from "../../test/support/history/history.ts";
import { idOf, inboxItem } from "../../test/support/inbox-items.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { Permanent, RetryAfter } from "../core/handler-errors.ts";
import type { InboxItem } from "../core/inbox.ts";
import { isJsonObject } from "../core/json.ts";
import type { Random } from "../core/ports/random.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { FakeClock } from "../testing/fake-clock.ts";

/** What the world does to a dispatcher. */
interface Scenario {
  readonly seed: number;
  readonly mode: "each" | "latest";
  readonly concurrency: number;
  readonly laneCount: number;
  /** Deliveries, each of some notifications. */
  readonly deliveries: readonly {
    readonly afterMs: number;
    readonly lanes: readonly number[];
    readonly hasIdentity: boolean;
  }[];
  /** Each notification of a delivery is followed by as many of its lane, less one. */
  readonly burst: number;
  /** How likely a handler fails, from 0 to 1. */
  readonly failing: number;
  readonly maxHandlerMs: number;
  /** How long each process lives before it is killed; the last lives on. */
  readonly livesMs: readonly number[];
  readonly faults: Partial<Record<Fault, number>>;
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer(),
  mode: fc.constantFrom("each", "latest"),
  concurrency: fc.integer({ min: 1, max: 8 }),
  laneCount: fc.integer({ min: 1, max: 8 }),
  deliveries: fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 300 }),
      lanes: fc.array(fc.nat(7), { minLength: 1, maxLength: 12 }),
      hasIdentity: fc.boolean(),
    }),
    { minLength: 1, maxLength: 20 },
  ),
  burst: fc.constantFrom(1, 1, 1, 40),
  failing: fc.constantFrom(0, 0.1, 0.5),
  maxHandlerMs: fc.constantFrom(0, 5, 200),
  livesMs: fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 3 }),
  faults: fc.constantFrom<Partial<Record<Fault, number>>>(
    {},
    { delay: 0.5 },
    { "error-before": 0.2 },
    { "error-after": 0.2 },
    { "error-before": 0.1, "error-after": 0.1, delay: 0.4 },
  ),
});

/** Everything of one run: a store that outlives its processes, and what happened. */
class Run {
  readonly history: HistoryEvent[] = [];
  readonly clock = new FakeClock();
  readonly store = new MemoryStore();
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #laneOf = new Map<string, string>();
  #life = 0;

  constructor(asked: Scenario) {
    this.#scenario = asked;
    this.#random = seededRandom(asked.seed);
  }

  /** A process that lives until it is cut: from then on nothing it does is seen. */
  begin(faults: Scenario["faults"]): DispatchBench & { readonly cut: () => void } {
    this.#life += 1;
    const { clock } = this;
    const faulty = createFaultStore(this.store, { clock, random: this.#random, rates: faults });
    const declared = this.#declare(this.#life, faulty);
    const bench = new DispatchBench([declared], {
      store: faulty.store,
      clock,
      random: this.#random,
      onTold: (name, event) => {
        if (name === "change:dead" && !faulty.isCut()) this.#died(event);
      },
    });
    return Object.assign(bench, {
      cut() {
        faulty.cut();
        void bench.dispatcher.stop(0);
      },
    });
  }

  #died(event: unknown): void {
    expect.assert(isJsonObject(event));
    const ids = [event["notificationId"], event["mergedNotificationIds"]].flat().map(String);
    const lane = this.#laneOf.get(ids[0] ?? "") ?? "";
    this.history.push({ kind: "died", ids, lane, life: this.#life });
  }

  async accept(items: readonly InboxItem[]): Promise<void> {
    for (const item of items) this.#laneOf.set(idOf(item), item.lane);
    for (const kind of ["sent", "stored", "acked"] as const) {
      if (kind === "stored") await this.store.append(items);
      for (const item of items) {
        this.history.push({ kind, ids: [idOf(item)], lane: item.lane, life: this.#life });
      }
    }
  }

  #declare(life: number, faulty: FaultStore): Declared {
    const { mode, concurrency, maxHandlerMs, failing } = this.#scenario;
    const random = this.#random;
    return {
      mode,
      concurrency,
      retry: { attempts: 4, firstMs: 100, maxMs: 2_000 },
      handle: async ({ lane }, _, group) => {
        const ids = group.map((row) => idOf(row));
        const record = (event: { kind: "began" } | { kind: "ended"; outcome: "ok" | "failed" }): void => {
          if (!faulty.isCut()) this.history.push({ ...event, ids, lane, life });
        };
        record({ kind: "began" });
        if (random.next() < 0.5) await this.clock.sleep(random.next() * maxHandlerMs);
        const isFailing = random.next() < failing;
        record({ kind: "ended", outcome: isFailing ? "failed" : "ok" });
        if (isFailing) throw failureOf(random.next());
      },
    };
  }
}

function failureOf(chance: number): Error {
  if (chance < 0.1) return new Permanent("never");
  if (chance < 0.3) return new RetryAfter(chance * 1_000);
  return chance < 0.6 ? new TypeError("bad") : new Error("no");
}

async function play(asked: Scenario): Promise<Run> {
  const run = new Run(asked);
  const lives = [...asked.livesMs];
  let process = run.begin(asked.faults);
  let diesAt = run.clock.now() + (lives.shift() ?? Infinity);
  async function pass(ms: number): Promise<void> {
    const until = run.clock.now() + ms;
    while (diesAt <= until) {
      await run.clock.advance(Math.max(0, diesAt - run.clock.now()));
      process.cut();
      process = run.begin(asked.faults);
      diesAt = run.clock.now() + (lives.shift() ?? Infinity);
    }
    await run.clock.advance(Math.max(0, until - run.clock.now()));
  }
  let n = 0;
  for (const { afterMs, lanes, hasIdentity } of asked.deliveries) {
    await pass(afterMs);
    const all = lanes.flatMap((lane) => Array.from({ length: asked.burst }, () => lane));
    const items = all.map((lane) => {
      const id = `n${(n += 1)}`;
      return inboxItem(String(lane % asked.laneCount), id, hasIdentity ? {} : { identity: undefined });
    });
    await run.accept(items);
  }
  await pass(5_000);
  await process.until(async () => (await run.store.counts()).waiting === 0);
  process.cut();
  return run;
}

it("whatever fails, however slowly, and whenever it is killed: nothing is lost, reordered or run at once", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (asked) => {
      const { history, store } = await play(asked);
      expect(checkHistory(history)).toEqual([]);
      const canRepeat =
        asked.livesMs.length > 0 || "error-after" in asked.faults || "error-before" in asked.faults;
      expect(canRepeat ? new Map() : repeatsOf(history)).toEqual(new Map());
      const died = new Set(history.flatMap(({ kind, ids }) => (kind === "died" ? ids : [])));
      const { letters } = await store.listDead({ limit: died.size + 1 });
      expect(letters.map((letter) => idOf(letter))).toSatisfy((ids: string[]) =>
        ids.every((id) => died.has(id)),
      );
    }),
    { numRuns: 60 },
  );
});
