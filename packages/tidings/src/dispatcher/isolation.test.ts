import { expect, it } from "vitest";
import { DispatchBench, type Declared } from "../../test/support/dispatch-bench.ts";
import { createFaultStore } from "../../test/support/fault-store.ts";
import { idOf, inboxItem } from "../../test/support/inbox-items.ts";
import { seededRandom } from "../../test/support/seeded-random.ts";
import { RetryAfter } from "../core/handler-errors.ts";
import type { InboxItem } from "../core/inbox.ts";
import type { Store } from "../core/ports/store.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { FakeClock } from "../testing/fake-clock.ts";

/** A clock on which it can be seen that a handler keeps the thread. */
class BusyClock extends FakeClock {
  #busyMs = 0;

  override now(): number {
    return super.now() + this.#busyMs;
  }

  /** Time passes, and nobody wakes meanwhile. */
  keepThread(ms: number): void {
    this.#busyMs += ms;
  }
}

/** What happens beside those that are waited for. */
interface Trouble {
  readonly name: string;
  readonly waiting: readonly InboxItem[];
  readonly declared: (clock: BusyClock) => readonly Declared[];
  /** What all declarations may have in hand: their shares, a scan, and the lanes that are woken at once. */
  readonly maxInHand: number;
  /** Longer for one of its own declaration, which is found behind what waited before the start. */
  readonly maxWaitMs: number;
}

const BEHIND_A_SHARE = 200 + 16 * 62;

const TROUBLES: readonly Trouble[] = [
  ...[4_000, 500, 20].map((lanes) => ({
    name: `4,000 rows in ${lanes} lanes of a declaration that always throws`,
    waiting: rowsOf("others", 4_000, lanes),
    declared: (clock: BusyClock) => [{ name: "others", handle: throwing(clock) }, { name: "users" }],
    maxInHand: 2_000 + BEHIND_A_SHARE,
    maxWaitMs: 100,
  })),
  {
    name: "4,000 rows of a declaration whose handler waits for nothing",
    waiting: rowsOf("others", 4_000, 500),
    declared: (clock) => [{ name: "others", handle: () => clock.keepThread(1) }, { name: "users" }],
    maxInHand: 2_000 + BEHIND_A_SHARE,
    maxWaitMs: 100,
  },
  {
    name: "4,000 rows of one other lane",
    waiting: rowsOf("users", 4_000, 1),
    declared: (clock) => [{ handle: () => clock.keepThread(1) }],
    maxInHand: 1_000,
    maxWaitMs: 400,
  },
  {
    name: "40 lanes of 300 rows whose first takes 30 s, and slots for 100",
    waiting: rowsOf("users", 12_000, 40),
    declared: (clock) => [
      {
        concurrency: 100,
        handle: async (row) => (idOf(row).startsWith("waiting") ? clock.sleep(30_000) : undefined),
      },
    ],
    maxInHand: 2_500,
    maxWaitMs: 400,
  },
];

const PROBES = 40;
/** Between those that are waited for, so that the trouble is met in all its phases. */
const GAP_MS = 7;

it.each(TROUBLES)("a new row begins soon beside $name", async ({ waiting, declared, ...limits }) => {
  const clock = new BusyClock();
  const store = new MemoryStore();
  await store.append(waiting);
  const begunAt = new Map<string, number>();
  await using bench = new DispatchBench(
    declared(clock).map((each) => noting(each, (id) => begunAt.set(id, clock.now()))),
    { clock, store: answeringLater(store, clock) },
  );
  let longestMs = 0;
  let mostInHand = 0;
  for (let number = 1; number <= PROBES; number += 1) {
    await clock.advance(GAP_MS);
    const item = inboxItem(`new-${number}`, `new/${number}`);
    const acceptedAt = clock.now();
    await store.append([item]);
    await bench.until(() => {
      mostInHand = Math.max(mostInHand, bench.dispatcher.rowsInHand);
      return begunAt.has(idOf(item));
    }, 60_000);
    longestMs = Math.max(longestMs, (begunAt.get(idOf(item)) ?? Infinity) - acceptedAt);
  }
  // It was met at all.
  expect(begunAt.size).toBeGreaterThan(PROBES + 15);
  expect(longestMs).toBeLessThanOrEqual(limits.maxWaitMs);
  expect(mostInHand).toBeLessThanOrEqual(limits.maxInHand);
});

function rowsOf(declaration: string, count: number, lanes: number): InboxItem[] {
  return Array.from({ length: count }, (_, n) =>
    inboxItem(`waiting-${n % lanes}`, `waiting/${n}`, { declaration }),
  );
}

/** Asks to come again: with any other error the declaration would pause itself. */
function throwing(clock: BusyClock): NonNullable<Declared["handle"]> {
  return () => {
    clock.keepThread(1);
    throw new RetryAfter(1_000);
  };
}

function noting(declared: Declared, note: (id: string) => void): Declared {
  return {
    ...declared,
    handle: (row, ...rest) => {
      note(idOf(row));
      return declared.handle?.(row, ...rest);
    },
  };
}

/** As from another thread: what need not wait for an answer goes on meanwhile. */
function answeringLater(store: MemoryStore, clock: FakeClock): Store {
  return createFaultStore(store, { clock, random: seededRandom(1), rates: { delay: 1 }, maxDelayMs: 2 })
    .store;
}
