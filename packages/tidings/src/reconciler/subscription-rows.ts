import type { Store } from "../core/ports/store.ts";
import { routeOf, type RouteTable } from "../core/route.ts";
import type { SubscriptionRow } from "../core/subscription.ts";

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

  /** Makes the routes of what the store holds already. @returns how many */
  async loadRoutes(): Promise<number> {
    const rows = await this.#store.listSubscriptions();
    await Promise.all(rows.map(async (row) => this.#routes.set(routeOf(row))));
    return rows.length;
  }

  /** What is declared is in the rows by now. */
  async completeRoutes(): Promise<void> {
    await this.#routes.complete();
  }

  async get(key: string): Promise<SubscriptionRow | undefined> {
    return this.#store.getSubscription(key);
  }

  async list(): Promise<SubscriptionRow[]> {
    return this.#store.listSubscriptions();
  }

  async due(query: { now: number; limit: number }): Promise<SubscriptionRow[]> {
    return this.#store.dueSubscriptions(query);
  }

  async nextAt(): Promise<number | undefined> {
    return this.#store.nextSubscriptionAt();
  }

  /** @returns the row as stored, or undefined when another write came first */
  async put(row: SubscriptionRow): Promise<SubscriptionRow | undefined> {
    const stored = await this.#store.putSubscription(row);
    if (stored !== undefined) await this.#routes.set(routeOf(stored));
    return stored;
  }

  async delete(row: SubscriptionRow): Promise<void> {
    const isDeleted = await this.#store.deleteSubscription(row);
    if (isDeleted) await this.#routes.delete(row.key);
  }
}
