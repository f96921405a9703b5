import { StoreBusyError, StoreError } from "../core/errors.ts";
import type { InboxItem, TokenSet } from "../core/inbox.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { AppendResult, Store } from "../core/ports/store.ts";

/** A question is answered for after this many ticks at the latest: 2 s, of the 3 s after which Graph calls us slow. */
const TICK_MS = 500;
const MAX_TICKS = 4;

/** After so many failures in a row, or one that was late, the store is asked by one delivery a second only. */
const MAX_FAILURES = 3;
const PROBE_MS = 1_000;

/** How long a failure says that the next delivery will fail, too. Without deliveries nobody would find out otherwise. */
const UNREADY_MS = 10_000;

interface Waiting {
  /** The tick it began in. */
  readonly since: number;
  readonly refuse: (error: StoreError) => void;
}

/**
 * The way into the store, which answers in time whatever the store does. What it has given up may still be written:
 * Graph sends it again, and it is a duplicate.
 */
export class Intake {
  /** In the order they came. */
  readonly #waiting = new Set<Waiting>();
  readonly #onLate: (error: unknown) => void;
  #tick = 0;
  #isTicking = false;
  /** In a row. */
  #failures = 0;
  #triedAt = 0;

  /** @param onLate told of what a question failed with after it was given up */
  constructor(onLate: (error: unknown) => void) {
    this.#onLate = onLate;
  }

  /** False for a while after the store did not take a delivery. */
  isTaking(clock: Clock): boolean {
    return this.#failures === 0 || !this.#hasTriedWithin(UNREADY_MS, clock);
  }

  /** @throws as {@link ask} */
  async append(
    items: readonly InboxItem[],
    tokens: TokenSet | undefined,
    { store, clock }: { readonly store: Pick<Store, "append">; readonly clock: Clock },
  ): Promise<AppendResult> {
    return this.ask(async () => store.append(items, tokens), clock);
  }

  /** @throws what the store throws; StoreError when it is late, or was and is not asked */
  async ask<Result>(question: () => Promise<Result>, clock: Clock): Promise<Result> {
    if (this.#failures >= MAX_FAILURES && this.#hasTriedWithin(PROBE_MS, clock)) {
      throw new StoreError("The store failed or was late, so it is asked once a second only");
    }
    this.#triedAt = clock.now();
    const late = Promise.withResolvers<never>();
    const waiting: Waiting = { since: this.#tick, refuse: late.reject };
    this.#waiting.add(waiting);
    if (!this.#isTicking) void this.#keepTime(clock);
    return Promise.race([this.#ask(question, waiting), late.promise]);
  }

  async #ask<Result>(question: () => Promise<Result>, waiting: Waiting): Promise<Result> {
    try {
      const result = await question();
      if (this.#waiting.delete(waiting)) this.#failures = 0;
      return result;
    } catch (error) {
      if (!this.#waiting.delete(waiting)) this.#onLate(error);
      // One that is busy works.
      else if (!(error instanceof StoreBusyError)) this.#failures += 1;
      throw error;
    }
  }

  /** By ticks, not by the time of day, which jumps; nor is a process that stood still late by more than one. */
  async #keepTime(clock: Clock): Promise<void> {
    this.#isTicking = true;
    while (this.#waiting.size > 0) {
      await clock.sleep(TICK_MS);
      this.#tick += 1;
      for (const waiting of this.#waiting) {
        if (this.#tick - waiting.since < MAX_TICKS) break;
        this.#waiting.delete(waiting);
        this.#failures = MAX_FAILURES;
        waiting.refuse(new StoreError(`The store did not answer within ${TICK_MS * MAX_TICKS} ms`));
      }
    }
    this.#isTicking = false;
  }

  #hasTriedWithin(ms: number, clock: Clock): boolean {
    const elapsed = clock.now() - this.#triedAt;
    // Less than nothing: the clock was set back.
    return elapsed >= 0 && elapsed < ms;
  }
}
