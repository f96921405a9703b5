import { backoffMs, type BackoffOptions } from "../core/backoff.ts";
import { LeaseLostError, StoreBrokenError, TidingsError } from "../core/errors.ts";
import type { Report } from "../core/events.ts";
import type { Settlement } from "../core/inbox.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import type { Lease, Store } from "../core/ports/store.ts";

export interface SettleQueueParts {
  readonly store: Pick<Store, "settle">;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
  readonly keepHistory: boolean;
}

const MAX_BATCH = 500;
/** A store that fails is asked again after at most this. */
const STORE_RETRY: BackoffOptions = { firstMs: 50, maxMs: 5_000 };

interface Waiting {
  readonly settlements: readonly Settlement[];
  readonly resolve: () => void;
}

/**
 * Writes outcomes in the order they came, one batch in flight. A batch that fails is written again before any later
 * one: were the retry of a lane's second row written before the end of its first, the first would run again.
 */
export class SettleQueue {
  readonly #parts: SettleQueueParts;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  readonly #giveUp = new AbortController();

  constructor(parts: SettleQueueParts) {
    this.#parts = parts;
  }

  /** Resolves when these are written; never, when the queue is abandoned before. */
  async push(settlements: readonly Settlement[]): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#waiting.push({ settlements, resolve });
      this.#writing ??= this.#write();
    });
  }

  get isIdle(): boolean {
    return this.#writing === undefined;
  }

  /** Resolves when everything is written, or nothing more will be. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  /** Tries a failing store no longer. What is not written is done again by the next process. */
  abandon(): void {
    this.#giveUp.abort();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#giveUp.signal.aborted) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      const isWritten = await this.#writeBatch(batch.flatMap(({ settlements }) => settlements));
      if (!isWritten) break;
      for (const { resolve } of batch) resolve();
    }
    // In the same turn as the last look: what is pushed from now on begins anew.
    this.#writing = undefined;
  }

  /** @returns false when given up */
  async #writeBatch(settlements: readonly Settlement[]): Promise<boolean> {
    const { store, lease, clock, random, report, keepHistory } = this.#parts;
    for (let failures = 1; !this.#giveUp.signal.aborted; failures += 1) {
      try {
        await store.settle(settlements, lease, { keepHistory });
        return true;
      } catch (error) {
        report("internal:error", { where: "settling", error });
        if (error instanceof LeaseLostError || error instanceof StoreBrokenError) return false;
        const canHelp = error instanceof TidingsError && error.retryable;
        if (!canHelp) return this.#writeSingly(settlements);
      }
      await clock.sleep(backoffMs(failures, STORE_RETRY, random), this.#giveUp.signal);
    }
    return false;
  }

  /** What a store never takes holds up nothing else: that row is run again by the next process. */
  async #writeSingly(settlements: readonly Settlement[]): Promise<boolean> {
    if (settlements.length === 1) return true;
    for (const settlement of settlements) {
      const isWritten = await this.#writeBatch([settlement]);
      if (!isWritten) return false;
    }
    return true;
  }
}
