import type { Route, RouteTable } from "../core/route.ts";

/** Told of each change of the routes; resolves when it is known there. */
export interface RouteFollower {
  setRoute(route: Route): Promise<void>;
  deleteRoute(subscriptionKey: string): Promise<void>;
  completeRoutes(): Promise<void>;
}

/** The routes of all desired subscriptions, in memory, and in whatever receiver follows them. */
export class MemoryRouteTable implements RouteTable {
  readonly #routes = new Map<string, Route>();
  #follower: RouteFollower | undefined;
  #isComplete = false;

  get isComplete(): boolean {
    return this.#isComplete;
  }

  get(subscriptionKey: string): Route | undefined {
    return this.#routes.get(subscriptionKey);
  }

  async set(route: Route): Promise<void> {
    this.#routes.set(route.subscriptionKey, route);
    await this.#follower?.setRoute(route);
  }

  async delete(subscriptionKey: string): Promise<void> {
    this.#routes.delete(subscriptionKey);
    await this.#follower?.deleteRoute(subscriptionKey);
  }

  async complete(): Promise<void> {
    if (this.#isComplete) return;
    this.#isComplete = true;
    await this.#follower?.completeRoutes();
  }

  /** @returns the routes there are; later changes are told */
  follow(follower: RouteFollower): readonly Route[] {
    this.#follower = follower;
    return [...this.#routes.values()];
  }
}
