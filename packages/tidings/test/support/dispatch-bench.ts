import { setTimeout as sleep } from "node:timers/promises";
import type { Report, TidingsEventName, TidingsEvents } from "../../src/core/events.ts";
import type { InboxItem, InboxRow } from "../../src/core/inbox.ts";
import type { Random } from "../../src/core/ports/random.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { DEFAULT_RETRY } from "../../src/core/retry.ts";
import type {
  DeclarationRunnerSettings,
  Group,
  HandleGroups,
} from "../../src/dispatcher/declaration-runner.ts";
import { Dispatcher } from "../../src/dispatcher/dispatcher.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { seededRandom } from "./seeded-random.ts";

/** Handles the rows of one call, of which the last speaks for all. */
export type TestHandler = (row: InboxRow, signal: AbortSignal, group: Group) => unknown;

export interface Declared extends Partial<Omit<DeclarationRunnerSettings, "handle">> {
  readonly handle?: TestHandler;
  /** Instead of `handle`, for batches. */
  readonly handleGroups?: HandleGroups;
}

export interface BenchOptions {
  readonly store?: Store;
  readonly clock?: FakeClock;
  readonly random?: Random;
  readonly keepHistory?: boolean;
  readonly onTold?: Report;
  /** For a store that takes real time: how long to give it at each step, in milliseconds. @default 0 */
  readonly paceMs?: number;
  /** @default true */
  readonly isStarted?: boolean;
}

/** How far the clock goes at once while something is waited for. */
const STEP_MS = 20;

/** A dispatcher on a store, with a clock that stands still until it is moved. */
export class DispatchBench implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly told: { readonly name: TidingsEventName; readonly event: unknown }[] = [];

  readonly #paceMs: number;

  constructor(declared: readonly Declared[], options: BenchOptions = {}) {
    this.#paceMs = options.paceMs ?? 0;
    const { store = new MemoryStore(), clock = new FakeClock(), random = seededRandom(1) } = options;
    this.clock = clock;
    this.store = store;
    const report: Report = (...told) => {
      const [name, event] = told;
      this.told.push({ name, event });
      options.onTold?.(...told);
    };
    this.dispatcher = new Dispatcher({
      store,
      clock,
      random,
      report,
      keepHistory: options.keepHistory ?? false,
      declarations: declared.map((each) => settingsOf(each)),
    });
    if (options.isStarted !== false) this.dispatcher.start();
  }

  async append(...items: readonly InboxItem[]): Promise<void> {
    await this.store.append(items);
  }

  toldOf<Name extends TidingsEventName>(name: Name): TidingsEvents[Name][] {
    const isOfName = (each: {
      name: TidingsEventName;
      event: unknown;
    }): each is { name: Name; event: TidingsEvents[Name] } => each.name === name;
    return this.told.filter(isOfName).map(({ event }) => event);
  }

  /** Lets time pass, after what is under way has come to wait for it. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(0);
    await this.clock.advance(ms);
  }

  /** Lets time pass until it is so. @throws Error when it is not after an hour of its time */
  async until(isSo: () => boolean | Promise<boolean>, limitMs = 3_600_000): Promise<void> {
    const end = this.clock.now() + limitMs;
    while (!(await isSo())) {
      if (this.clock.now() >= end) throw new Error(`it is not so after ${limitMs} ms: ${isSo.toString()}`);
      await this.clock.advance(STEP_MS);
      if (this.#paceMs > 0) await sleep(this.#paceMs);
    }
  }

  /** Lets time pass until the inbox is empty. */
  async untilEmpty(limitMs?: number): Promise<void> {
    await this.until(async () => (await this.store.counts()).waiting === 0, limitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispatcher.stop(0);
  }
}

function settingsOf({ handle, handleGroups, ...settings }: Declared): DeclarationRunnerSettings {
  return {
    name: "users",
    mode: "each",
    concurrency: 16,
    timeoutMs: 60_000,
    retry: DEFAULT_RETRY,
    batchSize: 1,
    ...settings,
    handle:
      handleGroups ??
      (async (groups, signal) => {
        for (const group of groups) await handle?.(group.at(-1) ?? group[0], signal, group);
        return new Map();
      }),
  };
}
