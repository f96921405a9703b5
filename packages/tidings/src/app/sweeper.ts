import type { Store } from "../core/ports/store.ts";
import { lookForUndeclared, type UndeclaredParts } from "./undeclared.ts";
import { within } from "./within.ts";

export interface SweeperParts extends UndeclaredParts {
  readonly store: UndeclaredParts["store"] & Pick<Store, "sweep">;
  /** How long finished changes are kept, in milliseconds. */
  readonly historyMs: number;
}

/** Identities are remembered for a day: Graph tries a delivery again for 4 hours. */
const SEEN_MS: number = 24 * 3_600_000;
const SWEEP_EVERY_MS = 60_000;
const LOOK_EVERY_MS = 3_600_000;
/** Rows removed at once, so that no delivery waits for a sweep. */
const SWEEP_SIZE = 1_000;
const PAUSE_MS = 20;

/** Removes, a little at a time, what need not be remembered any more, and tells of what nobody takes. */
export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #looksAt = 0;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** @param graceMs how long to wait for a store that does not answer */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    if (this.#loop !== undefined) await within(graceMs, this.#loop, this.#parts.clock);
  }

  /** Sweeps until nothing is left to remove, or until then, epoch milliseconds. @throws StoreError */
  async sweep(until: number): Promise<void> {
    const mayGoOn = (): boolean => this.#parts.clock.now() < until;
    let hasMore = true;
    while (hasMore && mayGoOn()) hasMore = await this.#sweepOnce(mayGoOn);
  }

  async #run(): Promise<void> {
    const { clock, report } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let hasMore = false;
      try {
        hasMore = await this.#sweepOnce(() => !signal.aborted);
      } catch (error) {
        report("internal:error", { where: "sweeping", error });
      }
      await clock.sleep(hasMore ? PAUSE_MS : SWEEP_EVERY_MS, signal);
    }
  }

  /** @returns true when there may be more */
  async #sweepOnce(mayGoOn: () => boolean): Promise<boolean> {
    const { store, clock, historyMs } = this.#parts;
    const now = clock.now();
    if (now >= this.#looksAt) {
      await lookForUndeclared(this.#parts, mayGoOn);
      this.#looksAt = now + LOOK_EVERY_MS;
    }
    const removed = await store.sweep({
      seenBefore: now - SEEN_MS,
      historyBefore: now - historyMs,
      limit: SWEEP_SIZE,
    });
    return removed >= SWEEP_SIZE;
  }
}
