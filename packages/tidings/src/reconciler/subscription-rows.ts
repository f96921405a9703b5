import type { ClaimQuery, Heard, Store, SubscriptionQuery } from "../core/ports/store.ts";
import { routeOf, type RouteTable } from "../core/route.ts";
import type { SubscriptionRow } from "../core/subscription.ts";

const PAGE_SIZE = 500;

/**
 * The desired subscriptions in the store. Every write goes through here, so that the receiver's routes are true
 * before Graph can send anything for the row.
 */
export class SubscriptionRows {
  readonly #store: Store;
  readonly #routes: RouteTable;

  constructor(store: Store, routes: RouteTable) {
    this.#store = store;
    this.#routes = routes;
  }

  /** What is declared is in the rows by now. */
  async completeRoutes(): Promise<void> {
    await this.#routes.complete();
  }

  async get(key: string): Promise<SubscriptionRow | undefined> {
    return this.#store.getSubscription(key);
  }

  /** Every row, in the order of the keys; of one tenant where it is named. */
  async *all(query: Pick<SubscriptionQuery, "tenantId"> = {}): AsyncGenerator<SubscriptionRow> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#store.listSubscriptions({ ...query, after, limit: PAGE_SIZE });
      yield* page;
      if (page.length < PAGE_SIZE) return;
      after = page.at(-1)?.key;
    }
  }

  async claim(query: ClaimQuery): Promise<SubscriptionRow[]> {
    return this.#store.claimSubscriptions(query);
  }

  async nextAt(): Promise<number | undefined> {
    return this.#store.nextSubscriptionAt();
  }

  async noteHeard(heard: readonly Heard[]): Promise<void> {
    await this.#store.noteHeard(heard);
  }

  /**
   * Reads, changes and writes a row until no other write comes between. An unchanged row is not written.
   *
   * @param change may be called several times; gives undefined where nothing is to be written
   * @returns the row as it is then, or undefined when there is none
   */
  async edit(
    key: string,
    change: (row: SubscriptionRow | undefined) => SubscriptionRow | undefined,
  ): Promise<SubscriptionRow | undefined> {
    for (;;) {
      const row = await this.#store.getSubscription(key);
      const changed = change(row);
      if (changed === undefined || changed === row) return row;
      const stored = await this.#put(changed);
      if (stored !== undefined) return stored;
    }
  }

  /**
   * As {@link edit}, for a row that exists: first with the version at hand, which is the stored one as a rule.
   */
  async change(
    row: SubscriptionRow,
    change: (row: SubscriptionRow) => SubscriptionRow,
  ): Promise<SubscriptionRow | undefined> {
    const stored = await this.#put(change(row));
    return stored ?? this.edit(row.key, (current) => current && change(current));
  }

  /** Deletes a row that nobody wants, unless somebody does by now. */
  async delete(row: SubscriptionRow): Promise<boolean> {
    const isDeleted = await this.#store.deleteSubscription(row);
    if (isDeleted) await this.#routes.delete(row.key);
    return isDeleted;
  }

  async #put(row: SubscriptionRow): Promise<SubscriptionRow | undefined> {
    const stored = await this.#store.putSubscription(row);
    if (stored !== undefined) await this.#routes.set(routeOf(stored));
    return stored;
  }
}
