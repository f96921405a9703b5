import type { Applied, ApplyProblem, ApplyProgress } from "../core/applied.ts";
import { errorText } from "../core/error-text.ts";
import type { PlannedSubscription } from "../core/planned-subscription.ts";
import { dueAtOf, type SubscriptionRow } from "../core/subscription.ts";
import type { RunningApp } from "./running-app.ts";

type Outcome = Exclude<keyof Applied, "kept" | "left" | "problems">;

const MAX_PROBLEMS = 100;

/** What is left to do, and what became of the rest. */
export class ApplyRun {
  readonly #app: Pick<RunningApp, "reconciler" | "store" | "clock">;
  readonly #left = new Map<string, PlannedSubscription>();
  readonly #heard = new Set<string>();
  readonly #adopted = new Set<string>();
  readonly #errors = new Map<string, unknown>();
  readonly #problems: ApplyProblem[] = [];
  #counts: Record<Outcome | "kept", number> = {
    created: 0,
    adopted: 0,
    renewed: 0,
    replaced: 0,
    removed: 0,
    kept: 0,
    failed: 0,
    parked: 0,
  };
  #total = 0;

  constructor(app: Pick<RunningApp, "reconciler" | "store" | "clock">) {
    this.#app = app;
  }

  get leftCount(): number {
    return this.#left.size;
  }

  get progress(): ApplyProgress {
    return { done: this.#heard.size, total: this.#total };
  }

  get applied(): Applied {
    return { ...this.#counts, left: this.#left.size, problems: this.#problems };
  }

  add(planned: PlannedSubscription): void {
    if (planned.action === "keep") {
      this.#counts.kept += 1;
      return;
    }
    this.#left.set(planned.key, planned);
    this.#total += 1;
  }

  async begin(): Promise<void> {
    for (const key of this.#left.keys()) await this.#app.reconciler.retryNow(key);
  }

  /** Takes note of what an event says. @returns whether it is the first of a subscription that there is something to do about */
  hear(key: string, { isAdopted, error }: { readonly isAdopted: boolean; readonly error: unknown }): boolean {
    if (!this.#left.has(key)) return false;
    if (isAdopted) this.#adopted.add(key);
    if (error !== undefined) this.#errors.set(key, error);
    const isNews = !this.#heard.has(key);
    this.#heard.add(key);
    return isNews;
  }

  /** Finds out what has become of what is left. @returns when the next of what is left is due, epoch milliseconds */
  async settle(): Promise<number> {
    let nextAt = Infinity;
    for (const planned of this.#left.values()) {
      const row = await this.#app.store.getSubscription(planned.key);
      const outcome = this.#outcomeOf(planned, row);
      if (outcome === undefined) {
        nextAt = Math.min(nextAt, row === undefined ? Infinity : dueAtOf(row));
        continue;
      }
      this.#left.delete(planned.key);
      this.#heard.add(planned.key);
      this.#counts[outcome] += 1;
      if (outcome === "failed" || outcome === "parked") this.#addProblem(planned, outcome, row);
    }
    return nextAt;
  }

  /** @returns undefined while it is under way */
  #outcomeOf(planned: PlannedSubscription, row: SubscriptionRow | undefined): Outcome | undefined {
    const { reconciler, clock } = this.#app;
    if (row === undefined) return "removed";
    if (row.parked !== null) return "parked";
    if (row.failures > 0) return "failed";
    if (reconciler.planOf(row).kind !== "wait") {
      // Put off until something is mended, which may take hours.
      const isPutOff = row.nextActionAt > clock.now() && row.claimedUntil <= clock.now();
      return isPutOff && reconciler.obstacleTo(row) !== undefined ? "failed" : undefined;
    }
    if (this.#adopted.has(row.key)) return "adopted";
    if (planned.id === undefined) return "created";
    return planned.id === row.graph?.id ? "renewed" : "replaced";
  }

  #addProblem(
    { key, tenantId, resource }: PlannedSubscription,
    kind: ApplyProblem["kind"],
    row: SubscriptionRow | undefined,
  ): void {
    if (this.#problems.length === MAX_PROBLEMS) return;
    const message = row?.parked?.message ?? this.#messageOf(key, row);
    this.#problems.push({ key, tenantId, resource, kind, message });
  }

  #messageOf(key: string, row: SubscriptionRow | undefined): string {
    const error = this.#errors.get(key);
    if (error !== undefined) return errorText(error).message;
    return (row && this.#app.reconciler.obstacleTo(row)) ?? "another process tried, and failed";
  }
}
