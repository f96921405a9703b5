import type { ApplyProgress } from "../core/applied.ts";
import type { MarkedSubscription } from "../core/audit.ts";
import { judgeFailure, mayHaveHappened } from "../core/subscription-failure.ts";
import type { SubscriptionRow } from "../core/subscription.ts";
import type { UpkeepRun } from "./upkeep-run.ts";

/** Those of a tenant, or of one of its users, by the key they are for. */
export type Listed = ReadonlyMap<string, readonly MarkedSubscription[]>;

/** Whose list. */
export interface Scope {
  readonly tenantId: string;
  readonly userId: string | undefined;
}

/** What one call has come to know. */
export class UpkeepRound {
  readonly run: UpkeepRun;
  readonly listed = new Map<Scope, Listed>();
  readonly missing = new Set<SubscriptionRow>();
  /** What was made of them, or may have been: undefined. */
  readonly unsettled = new Map<SubscriptionRow, MarkedSubscription | undefined>();
  readonly #onProgress: (progress: ApplyProgress) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(
    run: UpkeepRun,
    onProgress: (progress: ApplyProgress) => void,
    signal: AbortSignal | undefined,
  ) {
    this.run = run;
    this.#onProgress = onProgress;
    this.#signal = signal;
  }

  get isOver(): boolean {
    return this.#signal?.aborted === true;
  }

  made(row: SubscriptionRow, made: MarkedSubscription): void {
    this.unsettled.set(row, made);
  }

  forget(row: SubscriptionRow, { id }: MarkedSubscription): this {
    if (this.unsettled.get(row)?.id === id) this.unsettled.set(row, undefined);
    return this;
  }

  fail(row: SubscriptionRow, error: unknown): void {
    this.run.fail(row, error);
    const mayBeThere = mayHaveHappened(error) || isInTheWay(error);
    if (mayBeThere && !this.unsettled.has(row)) this.unsettled.set(row, undefined);
    this.#onProgress(this.run.progress);
  }

  async attempt(row: SubscriptionRow, what: () => Promise<void>): Promise<void> {
    if (this.isOver) return;
    try {
      await what();
      this.#onProgress(this.run.progress);
    } catch (error) {
      this.fail(row, error);
    }
  }
}

/** Whether Graph takes no second one beside what is there. */
export function isInTheWay(error: unknown): boolean {
  const verdict = judgeFailure(error);
  return verdict.kind === "adopt" || (verdict.kind === "park" && verdict.need === "quota");
}
