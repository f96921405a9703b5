import { backoffMs, type BackoffOptions } from "../core/backoff.ts";
import type { Lease, Store } from "../core/ports/store.ts";
import { aborted } from "./aborted.ts";
import { Tenure, type TenureParts } from "./tenure.ts";

export interface DispatcherParts extends Omit<TenureParts, "store" | "lease" | "deadline" | "paused"> {
  readonly store: TenureParts["store"] & Pick<Store, "lease" | "release">;
}

/** A lease that another holds is asked for again after about this. */
const LEASE_RETRY: BackoffOptions = { firstMs: 1_000, maxMs: 5_000 };

/**
 * Runs the inbox while it holds the lease of it: at most one tenure at a time, for ever after `start`, or until
 * nothing is due by `drain`. After `stop` there is no way back.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #paused = new Set<string>();
  readonly #stopping = new AbortController();
  #tenure: Tenure | undefined;
  /** The tenure at hand, or the next. */
  #nextTenure = Promise.withResolvers<Tenure>();
  #running: Promise<void> | undefined;
  /** The last drain that was asked for. */
  #draining: Promise<unknown> | undefined;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** Rows held in memory, those that are finished and not yet written so among them. */
  get rowsInHand(): number {
    return this.#tenure?.rowsInHand ?? 0;
  }

  start(): void {
    this.#running ??= this.#runForEver();
  }

  /** Begins no attempt of a declaration until `resume`. What runs may end. */
  pause(declaration: string): void {
    if (this.#paused.has(declaration)) return;
    this.#paused.add(declaration);
    this.#tenure?.pause(declaration);
    this.#parts.report("declaration:paused", { declaration, by: "user", error: undefined });
  }

  resume(declaration: string): void {
    if (!this.#paused.delete(declaration)) return;
    this.#parts.report("declaration:resumed", { declaration });
    this.#tenure?.resume(declaration);
  }

  /**
   * Runs what is due until nothing is, or nothing that could end by the deadline. Where rows are run already, waits for
   * that.
   *
   * @param deadline epoch milliseconds, or `Infinity`
   * @returns when something will be due, if that is known
   * @throws StoreError
   */
  async drain(deadline: number): Promise<number | undefined> {
    const { clock } = this.#parts;
    const ended = new AbortController();
    const late = new AbortController();
    if (deadline !== Infinity)
      void clock.sleep(deadline - clock.now(), ended.signal).then(() => late.abort());
    const over = AbortSignal.any([this.#stopping.signal, late.signal]);
    const drained = this.#running === undefined ? this.#drainNext(deadline, over) : this.#untilIdle(over);
    try {
      return await Promise.race([drained, aborted(over).then(() => clock.now())]);
    } finally {
      ended.abort();
    }
  }

  /**
   * Begins no attempt from now on, waits for those that run, and for their outcomes to be written.
   *
   * @param graceMs how long to wait before handlers are told to abort and are no longer waited for
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const graceOver = new AbortController();
    const ended = Promise.all([this.#running, this.#draining]);
    await Promise.race([ended, this.#parts.clock.sleep(graceMs, graceOver.signal)]);
    graceOver.abort();
    this.#tenure?.abandon();
  }

  async #runForEver(): Promise<void> {
    await this.#draining;
    while (!this.#stopping.signal.aborted) {
      const lease = await this.#acquire();
      if (lease === undefined) return;
      this.#begin(lease, Infinity);
      await aborted(this.#overOf(lease));
      await this.#end(lease);
    }
  }

  /** Drains after those who asked before: their deadlines may have left something. */
  async #drainNext(deadline: number, over: AbortSignal): Promise<number | undefined> {
    const before = this.#draining;
    const drained = Promise.resolve(before).then(async () => this.#drainOnce(deadline, over));
    this.#draining = drained.catch(() => undefined);
    return drained;
  }

  async #drainOnce(deadline: number, over: AbortSignal): Promise<number | undefined> {
    if (over.aborted) return undefined;
    const lease = await this.#parts.store.lease();
    if (lease === undefined) return undefined;
    const tenure = this.#begin(lease, deadline);
    try {
      await Promise.race([tenure.idle(), aborted(AbortSignal.any([over, lease.lost]))]);
      return await tenure.nextAt();
    } finally {
      // By the deadline every attempt has ended; what could not be written in time is done again.
      if (over.aborted && !this.#stopping.signal.aborted) tenure.abandon();
      await this.#end(lease);
    }
  }

  /** Waits for a tenure that comes to have nothing to do: one may end before, with its lease. */
  async #untilIdle(over: AbortSignal): Promise<number | undefined> {
    while (!over.aborted) {
      const tenure = await this.#nextTenure.promise;
      if (await tenure.idle()) return tenure.nextAt();
    }
    return undefined;
  }

  /** @returns undefined when it is stopped before it gets one */
  async #acquire(): Promise<Lease | undefined> {
    const { store, clock, random, report } = this.#parts;
    for (let tries = 1; !this.#stopping.signal.aborted; tries += 1) {
      try {
        const lease = await store.lease();
        if (lease !== undefined) return lease;
      } catch (error) {
        report("internal:error", { where: "leasing the inbox", error });
      }
      await clock.sleep(backoffMs(tries, LEASE_RETRY, random), this.#stopping.signal);
    }
    return undefined;
  }

  #begin(lease: Lease, deadline: number): Tenure {
    this.#tenure = new Tenure({ ...this.#parts, lease, deadline, paused: this.#paused });
    this.#tenure.start();
    this.#nextTenure.resolve(this.#tenure);
    return this.#tenure;
  }

  async #end(lease: Lease): Promise<void> {
    this.#nextTenure = Promise.withResolvers();
    // What another may run by now is not waited for.
    if (lease.lost.aborted) this.#tenure?.abandon();
    await this.#tenure?.end();
    this.#tenure = undefined;
    try {
      await this.#parts.store.release(lease);
    } catch (error) {
      this.#parts.report("internal:error", { where: "releasing the inbox", error });
    }
  }

  #overOf(lease: Lease): AbortSignal {
    return AbortSignal.any([lease.lost, this.#stopping.signal]);
  }
}
