import type { Applied, ApplyProblem, ApplyProgress } from "../core/applied.ts";
import type { MarkedSubscription } from "../core/audit.ts";
import { errorText } from "../core/error-text.ts";
import { judgeFailure } from "../core/subscription-failure.ts";
import { resourceOf, type SubscriptionRow } from "../core/subscription.ts";

export type UpkeepOutcome = "created" | "adopted" | "renewed" | "replaced" | "kept";

const MAX_PROBLEMS = 100;

/** What became of each desired subscription so far. The last word about one counts. */
export class UpkeepRun {
  readonly #outcomes = new Map<string, UpkeepOutcome | "failed" | "parked">();
  readonly #problems = new Map<string, ApplyProblem>();
  readonly #total: number;
  #removed = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get progress(): ApplyProgress {
    return { done: this.#outcomes.size, total: this.#total };
  }

  end({ key }: SubscriptionRow, outcome: UpkeepOutcome): void {
    const before = this.#outcomes.get(key);
    this.#problems.delete(key);
    // What was done in an earlier round is not undone by finding it in a later one.
    if (outcome === "kept" && before !== undefined && before !== "failed" && before !== "parked") return;
    this.#outcomes.set(key, outcome === "kept" && before !== undefined ? "adopted" : outcome);
  }

  fail(row: SubscriptionRow, error: unknown): void {
    const { key, tenantId } = row;
    const { kind: verdict } = judgeFailure(error);
    const kind = verdict === "park" || verdict === "give-up" ? "parked" : "failed";
    this.#outcomes.set(key, kind);
    this.#problems.set(key, {
      key,
      tenantId,
      resource: resourceOf(row),
      kind,
      message: errorText(error).message,
    });
  }

  /** One that nothing declares. */
  failToRemove(
    { id, resource, subscriptionKey: key }: MarkedSubscription,
    tenantId: string,
    error: unknown,
  ): void {
    const { message } = errorText(error);
    this.#outcomes.set(id, "failed");
    this.#problems.set(id, { key, tenantId, resource, kind: "failed", message });
  }

  /** A list that nobody got: what is in it is not known. */
  failToList(tenantId: string, error: unknown): void {
    const { message } = errorText(error);
    this.#outcomes.set(tenantId, "failed");
    this.#problems.set(tenantId, { key: "", tenantId, resource: "subscriptions", kind: "failed", message });
  }

  removed(): void {
    this.#removed += 1;
  }

  get applied(): Applied {
    const counts = { created: 0, adopted: 0, renewed: 0, replaced: 0, kept: 0, failed: 0, parked: 0 };
    for (const outcome of this.#outcomes.values()) counts[outcome] += 1;
    const left = Math.max(0, this.#total - this.#outcomes.size);
    const problems = [...this.#problems.values()].slice(0, MAX_PROBLEMS);
    return { ...counts, removed: this.#removed, left, problems };
  }
}
