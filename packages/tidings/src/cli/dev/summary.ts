import type { SimulatorLedger } from "@tidings/graph-simulator";
import type { ChangeOutcome } from "../../core/events.ts";
import type { StoreCounts } from "../../core/ports/store.ts";

/** What became of every notification that Graph made, counted from both sides. */
export interface DevSummary {
  /** Notifications the simulated Graph owed the app, as its ledger says. */
  readonly made: number;
  /** Those of them whose handler returned. */
  readonly handled: number;
  /** Times a handler was called again for a change it had handled. */
  readonly duplicate: number;
  /** Neither handled, nor waiting, nor a dead letter. */
  readonly lost: number;
  /** Rows in the inbox, to be tried again. */
  readonly waiting: number;
  /** Rows given up after their retries. */
  readonly dead: number;
}

/** Keeps what handlers finished, to be held against Graph's ledger. */
export class HandledRecord {
  readonly #notificationIds = new Set<string>();
  readonly #done = new Set<string>();
  #duplicateCount = 0;

  add({ declaration, notificationId }: ChangeOutcome): void {
    if (notificationId === undefined) return;
    const key = `${declaration} ${notificationId}`;
    if (this.#done.has(key)) this.#duplicateCount += 1;
    this.#done.add(key);
    this.#notificationIds.add(notificationId);
  }

  summarize(ledger: SimulatorLedger, { waiting, dead }: StoreCounts): DevSummary {
    const made = ledger.notifications.map(({ id }) => id);
    const handled = made.filter((id) => this.#notificationIds.has(id)).length;
    return {
      made: made.length,
      handled,
      duplicate: this.#duplicateCount,
      lost: Math.max(0, made.length - handled - waiting - dead),
      waiting,
      dead,
    };
  }
}
