import {
  freshBudget,
  isUnspent,
  leave,
  park,
  readyAt,
  slowDown,
  spend,
  type Budget,
} from "../core/budget.ts";
import type { BudgetClaim } from "../core/budget-claims.ts";
import type { Clock } from "../core/ports/clock.ts";

/** How a request waits for its budgets. */
export interface ClaimTerms {
  /** Of those that wait for one budget the soonest goes first. Epoch milliseconds. */
  readonly dueAt: number;
  /** Waits no longer than this, epoch milliseconds. */
  readonly giveUpAt: number;
  readonly signal?: AbortSignal | undefined;
}

/** `late`: it would come too late, and nothing was spent. */
export type ClaimOutcome = "granted" | "late";

interface Waiter extends ClaimTerms {
  readonly claims: readonly BudgetClaim[];
  /** Of two that are due at one time the one that came first goes first. */
  readonly place: number;
  readonly settle: (outcome: ClaimOutcome) => void;
}

/** Budgets are looked through for those to forget when there are so many more than were kept the last time. */
const SWEEP_EVERY = 1_000;

/**
 * Keeps requests within Graph's limits: each waits until all its budgets have room. Who waits is looked at in order,
 * and holds every budget that it lacks: nobody behind gets past it there, but those who need others go ahead.
 */
export class Budgets {
  readonly #clock: Clock;
  readonly #budgets = new Map<string, Budget>();
  #waiting: Waiter[] = [];
  #count = 0;
  #isPassDue = false;
  /** Somebody who waits may now be too late. */
  #isParkedAnew = false;
  #sleep = new AbortController();
  #sweepAt = SWEEP_EVERY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for the budgets and spends of them. @throws the signal's reason when it aborts */
  async claim(claims: readonly BudgetClaim[], terms: ClaimTerms): Promise<ClaimOutcome> {
    const { signal } = terms;
    signal?.throwIfAborted();
    if (this.parkedUntil(claims) > terms.giveUpAt) return "late";
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { ...terms, claims, place: (this.#count += 1), settle };
      const abort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(signal?.reason);
        // Others may have waited behind it.
        this.#passSoon();
      };
      function settle(outcome: ClaimOutcome): void {
        signal?.removeEventListener("abort", abort);
        resolve(outcome);
      }
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.push(waiter);
      this.#passSoon();
    });
  }

  /** Gives back the places of a request that was granted them. */
  release(claims: readonly BudgetClaim[]): void {
    for (const claim of claims) this.#budgets.set(claim.key, leave(this.#get(claim)));
    this.#passSoon();
  }

  /** Graph said how long to wait. */
  park(claim: BudgetClaim, forMs: number): void {
    this.#budgets.set(claim.key, park(this.#get(claim), forMs, this.#clock.now()));
    this.#isParkedAnew = true;
    this.#passSoon();
  }

  /** Graph refused a request that was sent at `sentAt`, and did not say how long to wait. */
  slowDown(claim: BudgetClaim, sentAt: number): void {
    this.#budgets.set(claim.key, slowDown(this.#get(claim), sentAt, this.#clock.now()));
    this.#isParkedAnew = true;
    this.#passSoon();
  }

  /** Until when Graph wants none of this, epoch milliseconds; a time that is over when it takes them. */
  parkedUntil(claims: readonly BudgetClaim[]): number {
    return Math.max(...claims.map((claim) => this.#get(claim).parkedUntil));
  }

  #get({ key, limit }: BudgetClaim): Budget {
    return this.#budgets.get(key) ?? freshBudget(limit, this.#clock.now());
  }

  /** There is one for each mailbox and chat that was ever read; those that are full again need not be kept. */
  #sweep(now: number): void {
    if (this.#budgets.size < this.#sweepAt) return;
    for (const [key, budget] of this.#budgets) if (isUnspent(budget, now)) this.#budgets.delete(key);
    this.#sweepAt = this.#budgets.size + SWEEP_EVERY;
  }

  /** Many that come in one go are looked at together. */
  #passSoon(): void {
    if (this.#isPassDue) return;
    this.#isPassDue = true;
    queueMicrotask(() => {
      this.#isPassDue = false;
      this.#pass();
    });
  }

  #pass(): void {
    const now = this.#clock.now();
    const held = new Set<string>();
    const areLate = this.#isParkedAnew;
    this.#isParkedAnew = false;
    let nextAt = Infinity;
    this.#waiting.sort((a, b) => a.dueAt - b.dueAt || a.place - b.place);
    this.#waiting = this.#waiting.filter((waiter) => {
      const { claims, giveUpAt, settle } = waiter;
      const isHeld = claims.some(({ key }) => held.has(key));
      const short = isHeld ? [] : claims.filter((claim) => this.#readyAt(claim, now) > now);
      if (!isHeld && short.length === 0) {
        this.#spend(claims, now);
        settle("granted");
        return false;
      }
      if (now >= giveUpAt || (areLate && this.parkedUntil(claims) > giveUpAt)) {
        settle("late");
        return false;
      }
      for (const claim of short) {
        held.add(claim.key);
        nextAt = Math.min(nextAt, this.#readyAt(claim, now));
      }
      nextAt = Math.min(nextAt, giveUpAt);
      return true;
    });
    this.#sweep(now);
    this.#passAt(nextAt, now);
  }

  #spend(claims: readonly BudgetClaim[], now: number): void {
    for (const claim of claims) this.#budgets.set(claim.key, spend(this.#get(claim), claim.cost, now));
  }

  #readyAt(claim: BudgetClaim, now: number): number {
    return readyAt(this.#get(claim), claim.cost, now);
  }

  #passAt(at: number, now: number): void {
    this.#sleep.abort();
    if (at === Infinity) return;
    this.#sleep = new AbortController();
    void this.#passAfter(at - now, this.#sleep.signal);
  }

  async #passAfter(ms: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, signal);
    if (!signal.aborted) this.#passSoon();
  }
}
