import { StoreError } from "../../src/core/errors.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { Reconciler } from "../../src/reconciler/reconciler.ts";
import type { Life } from "./mortal.ts";
import type { ProcessPlan } from "./reconciler-scenario.ts";

export interface ReconcilingProcessParts {
  readonly plan: ProcessPlan;
  readonly life: Life;
  readonly reconciler: Reconciler;
  readonly clock: Clock;
}

/**
 * A process that reconciles whenever it is time to, for as long as it lives. Unlike a real one it does not look every
 * minute in vain, so that a month goes by in no time.
 */
export class ReconcilingProcess {
  readonly plan: ProcessPlan;
  readonly life: Life;
  readonly #reconciler: Reconciler;
  readonly #clock: Clock;
  #poked = new AbortController();

  constructor({ plan, life, reconciler, clock }: ReconcilingProcessParts) {
    this.plan = plan;
    this.life = life;
    this.#reconciler = reconciler;
    this.#clock = clock;
    void this.#run();
  }

  /** What the store's failure keeps from being done is not done. */
  async attempt(work: (reconciler: Reconciler) => Promise<void>): Promise<void> {
    try {
      await work(this.#reconciler);
      this.#poked.abort();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
  }

  async #run(): Promise<void> {
    while (!this.life.isOver) {
      this.#poked = new AbortController();
      const nextAt = await this.#look();
      await this.#clock.sleep(Math.max(1, nextAt - this.#clock.now()), this.#poked.signal);
    }
  }

  async #look(): Promise<number> {
    try {
      return (await this.#reconciler.reconcileOnce()).nextAt ?? Infinity;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return this.#clock.now() + 1_000;
    }
  }
}
