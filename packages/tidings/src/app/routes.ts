import type { Route, RouteTable } from "../core/route.ts";

/** Told of each change of the routes; resolves when it is known there. */
export interface RouteFollower {
  setRoute(route: Route): Promise<void>;
  deleteRoute(subscriptionKey: string): Promise<void>;
  completeRoutes(): Promise<void>;
}

/** What a follower finds when it begins. */
export interface KnownRoutes {
  readonly routes: readonly Route[];
  readonly isComplete: boolean;
}

/** The routes of all desired subscriptions, in memory, and in whatever receivers follow them. */
export class MemoryRouteTable implements RouteTable {
  readonly #routes = new Map<string, Route>();
  readonly #followers = new Set<RouteFollower>();
  #isComplete = false;

  get isComplete(): boolean {
    return this.#isComplete;
  }

  get(subscriptionKey: string): Route | undefined {
    return this.#routes.get(subscriptionKey);
  }

  async set(route: Route): Promise<void> {
    this.#routes.set(route.subscriptionKey, route);
    await this.#tell(async (follower) => follower.setRoute(route));
  }

  async delete(subscriptionKey: string): Promise<void> {
    this.#routes.delete(subscriptionKey);
    await this.#tell(async (follower) => follower.deleteRoute(subscriptionKey));
  }

  async complete(): Promise<void> {
    if (this.#isComplete) return;
    this.#isComplete = true;
    await this.#tell(async (follower) => follower.completeRoutes());
  }

  /** @returns what there is; later changes are told */
  follow(follower: RouteFollower): KnownRoutes {
    this.#followers.add(follower);
    return { routes: [...this.#routes.values()], isComplete: this.#isComplete };
  }

  unfollow(follower: RouteFollower): void {
    this.#followers.delete(follower);
  }

  async #tell(what: (follower: RouteFollower) => Promise<void>): Promise<void> {
    await Promise.all([...this.#followers].map(what));
  }
}
