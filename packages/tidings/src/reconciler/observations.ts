import type { HeardSubscription } from "../core/events.ts";
import { afterHearing } from "../core/observation.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

export interface ObservationsParts {
  readonly rows: SubscriptionRows;
  readonly clock: Clock;
}

/** Observations kept, so that only news is compared with a row: more than are told of at once. */
const MAX_KNOWN = 50_000;

/** What notifications tell of the subscriptions they come from, written into the rows. */
export class Observations {
  readonly #parts: ObservationsParts;
  /** By key, what was compared with the row last. */
  readonly #known = new Map<string, string>();

  constructor(parts: ObservationsParts) {
    this.#parts = parts;
  }

  /** @returns whether any row is due by that. @throws StoreError */
  async take(heard: readonly HeardSubscription[]): Promise<boolean> {
    const { rows } = this.#parts;
    await rows.noteHeard(heard);
    let isAnyDue = false;
    for (const each of heard.filter((one) => this.#isNews(one)))
      isAnyDue = (await this.#compare(each)) || isAnyDue;
    return isAnyDue;
  }

  async #compare(heard: HeardSubscription): Promise<boolean> {
    const { rows, clock } = this.#parts;
    let isDue = false;
    await rows.edit(heard.key, (row) => {
      const after = row && afterHearing(row, heard, clock.now());
      isDue = after !== row;
      return after;
    });
    return isDue;
  }

  #isNews({ key, id, expiresAt }: HeardSubscription): boolean {
    const said = `${id} ${expiresAt ?? ""}`;
    if (this.#known.get(key) === said) return false;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(key, said);
    return true;
  }
}
