import type { Route, RouteTable } from "../core/route.ts";

/** The routes of all desired subscriptions, in memory. */
export class MemoryRouteTable implements RouteTable {
  readonly #routes = new Map<string, Route>();

  get(subscriptionKey: string): Route | undefined {
    return this.#routes.get(subscriptionKey);
  }

  set(route: Route): void {
    this.#routes.set(route.subscriptionKey, route);
  }

  delete(subscriptionKey: string): void {
    this.#routes.delete(subscriptionKey);
  }
}
