import type { Subscription } from "./subscription.ts";

/** What became of one subscription at one time; without `now`, it ended. */
interface Step {
  readonly at: number;
  readonly id: string;
  readonly now: Subscription | undefined;
}

/** The subscriptions as they were some time ago: what a list shows that has not caught up. */
export class PastList {
  readonly #lagMs: number;
  readonly #past = new Map<string, Subscription>();
  #steps: Step[] = [];

  constructor(lagMs: number) {
    this.#lagMs = lagMs;
  }

  record(step: Step): void {
    this.#steps.push(step);
    this.#catchUp(step.at);
  }

  /** In the order they were created. */
  list(now: number): readonly Subscription[] {
    this.#catchUp(now);
    return [...this.#past.values()];
  }

  clear(): void {
    this.#past.clear();
    this.#steps = [];
  }

  #catchUp(now: number): void {
    const due = this.#steps.findIndex((step) => step.at > now - this.#lagMs);
    for (const { id, now: subscription } of this.#steps.splice(0, due === -1 ? this.#steps.length : due)) {
      if (subscription) this.#past.set(id, subscription);
      else this.#past.delete(id);
    }
  }
}
