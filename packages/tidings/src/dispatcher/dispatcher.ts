import { backoffMs } from "../core/backoff.ts";
import type { InboxRow, Settlement } from "../core/inbox.ts";
import type { Store } from "../core/ports/store.ts";
import { attempt, type AttemptParts } from "./attempt.ts";
import { Slots } from "./slots.ts";

export interface DispatcherParts extends AttemptParts {
  readonly store: Pick<Store, "load" | "settle">;
}

/** Rows held in memory at most, running and waiting. */
const MAX_ROWS_IN_HAND = 1_000;
/** Handlers running at once, of all declarations. */
const MAX_CONCURRENCY = 64;
/** How long to rest when the inbox is empty and nobody wakes us. */
const IDLE_MS = 1_000;
/** A store that fails is asked again after at most this. */
const STORE_RETRY = { firstMs: 100, maxMs: 5_000 };

/**
 * Takes rows from the inbox to their handlers.
 *
 * Rows of one lane run one after another in the order of acceptance: a lane has one runner, and while its first row
 * waits for a retry the others wait behind it. Lanes run beside each other. A row stays in the inbox until its
 * outcome is written, so a process that dies runs it again.
 *
 * States: *idle* (before `start`), *running*, *stopping* (`stop` was called: no attempt begins, those running may
 * end), *stopped*. There is no way back.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  /** Rows in hand of each lane, the one being tried first. A lane is in the map while it has a runner. */
  readonly #lanes = new Map<string, InboxRow[]>();
  readonly #inHand = new Set<number>();
  readonly #runners = new Set<Promise<void>>();
  readonly #slots = new Slots(MAX_CONCURRENCY);
  readonly #stopping = new AbortController();
  /** Aborts when `stop` will wait no longer; handlers see it. */
  readonly #abandoned = new AbortController();
  #wakeUp = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Says that the inbox has new rows. */
  wake(): void {
    this.#wakeUp.abort();
  }

  /**
   * Begins no attempt from now on and waits for those that run.
   *
   * @param graceMs how long to wait before handlers are told to abort and are no longer waited for
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.wake();
    const ended = Promise.all([this.#loop, ...this.#runners]);
    const graceOver = new AbortController();
    await Promise.race([ended, this.#parts.clock.sleep(graceMs, graceOver.signal)]);
    graceOver.abort();
    this.#abandoned.abort();
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      // Renewed before the load, so that a wake-up during it is not lost.
      this.#wakeUp = new AbortController();
      const rows = await this.#load();
      for (const row of rows) this.#enqueue(row);
      if (rows.length === 0)
        await clock.sleep(IDLE_MS, AbortSignal.any([this.#wakeUp.signal, this.#stopping.signal]));
    }
  }

  async #load(): Promise<InboxRow[]> {
    const limit = MAX_ROWS_IN_HAND - this.#inHand.size;
    if (limit <= 0) return [];
    const rows = await this.#untilStoreAnswers("load", (store) =>
      store.load({ except: this.#inHand, limit }),
    );
    return rows ?? [];
  }

  #enqueue(row: InboxRow): void {
    this.#inHand.add(row.seq);
    const lane = this.#lanes.get(row.lane);
    if (lane !== undefined) {
      lane.push(row);
      return;
    }
    const rows = [row];
    this.#lanes.set(row.lane, rows);
    const runner = this.#runLane(row.lane, rows).finally(() => this.#runners.delete(runner));
    this.#runners.add(runner);
  }

  async #runLane(name: string, rows: InboxRow[]): Promise<void> {
    for (let row = rows[0]; row !== undefined && !this.#stopping.signal.aborted; row = rows[0]) {
      const isFinished = await this.#runRow(row);
      if (!isFinished) break;
      rows.shift();
      this.#inHand.delete(row.seq);
    }
    this.#lanes.delete(name);
    this.wake();
  }

  /** Tries a row until it is done or dead. @returns false when stopped before */
  async #runRow(row: InboxRow): Promise<boolean> {
    const { clock } = this.#parts;
    for (let current = row; ;) {
      const waitMs = current.notBefore - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs, this.#stopping.signal);
      const settlement = await this.#slots.use(() => this.#attempt(current));
      if (settlement === undefined) return false;
      await this.#untilStoreAnswers("settle", (store) => store.settle([settlement]));
      if (settlement.kind !== "retry") return true;
      current = { ...current, failures: settlement.failures, notBefore: settlement.notBefore };
    }
  }

  async #attempt(row: InboxRow): Promise<Settlement | undefined> {
    if (this.#stopping.signal.aborted) return undefined;
    return attempt(row, this.#abandoned.signal, this.#parts);
  }

  /** Repeats a store call until it succeeds. @returns undefined when stopped before */
  async #untilStoreAnswers<Result>(
    what: string,
    call: (store: DispatcherParts["store"]) => Promise<Result>,
  ): Promise<Result | undefined> {
    const { store, clock, random, report } = this.#parts;
    for (let failures = 1; ; failures += 1) {
      try {
        return await call(store);
      } catch (error) {
        report("internal:error", { where: `dispatcher ${what}`, error });
        if (this.#stopping.signal.aborted) return undefined;
        await clock.sleep(backoffMs(failures, STORE_RETRY, random), this.#stopping.signal);
      }
    }
  }
}
