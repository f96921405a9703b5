import type { Route, RouteTable } from "../core/route.ts";

/** Told of each change of the routes; resolves when it is known there. */
export interface RouteFollower {
  setRoute(route: Route): Promise<void>;
  deleteRoute(subscriptionKey: string): Promise<void>;
  completeRoutes(): Promise<void>;
}

/** Reads a route from where all of them are. */
export type ReadRoute = (subscriptionKey: string) => Promise<Route | undefined>;

/** As much as the routes of a busy app weigh: some 6 MB. */
const MAX_KNOWN = 10_000;

/**
 * The routes that were used or changed last, in memory, and in whatever receivers follow them; the others are read when
 * they are asked for. All of a million would take 770 MB.
 */
export class RouteCache implements RouteTable {
  readonly #read: ReadRoute;
  readonly #limit: number;
  /** The one that was not used for longest first. */
  readonly #known = new Map<string, Route>();
  /** A read is taken off when its route changes, so that what it finds is not kept. */
  readonly #reading = new Map<string, Promise<Route | undefined>>();
  readonly #followers = new Set<RouteFollower>();
  #isComplete = false;

  constructor(read: ReadRoute = async () => undefined, limit: number = MAX_KNOWN) {
    this.#read = read;
    this.#limit = limit;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  get(subscriptionKey: string): Route | undefined {
    const route = this.#known.get(subscriptionKey);
    if (route !== undefined) this.#keep(route);
    return route;
  }

  async find(subscriptionKeys: Iterable<string>): Promise<ReadonlyMap<string, Route>> {
    const found = await Promise.all(
      [...subscriptionKeys].map(async (key) => this.get(key) ?? this.#find(key)),
    );
    const routes = found.filter((route) => route !== undefined);
    return new Map(routes.map((route) => [route.subscriptionKey, route]));
  }

  async set(route: Route): Promise<void> {
    this.#reading.delete(route.subscriptionKey);
    this.#keep(route);
    await this.#tell(async (follower) => follower.setRoute(route));
  }

  async delete(subscriptionKey: string): Promise<void> {
    this.#reading.delete(subscriptionKey);
    this.#known.delete(subscriptionKey);
    await this.#tell(async (follower) => follower.deleteRoute(subscriptionKey));
  }

  async complete(): Promise<void> {
    if (this.#isComplete) return;
    this.#isComplete = true;
    await this.#tell(async (follower) => follower.completeRoutes());
  }

  /** Tells of what changes from now on. */
  follow(follower: RouteFollower): void {
    this.#followers.add(follower);
  }

  unfollow(follower: RouteFollower): void {
    this.#followers.delete(follower);
  }

  async #find(key: string): Promise<Route | undefined> {
    const reading = this.#reading.get(key) ?? this.#read(key);
    this.#reading.set(key, reading);
    try {
      const route = await reading;
      if (route !== undefined && this.#reading.get(key) === reading) this.#keep(route);
      return route;
    } finally {
      if (this.#reading.get(key) === reading) this.#reading.delete(key);
    }
  }

  #keep(route: Route): void {
    this.#known.delete(route.subscriptionKey);
    this.#known.set(route.subscriptionKey, route);
    if (this.#known.size <= this.#limit) return;
    for (const [oldest] of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }

  async #tell(what: (follower: RouteFollower) => Promise<void>): Promise<void> {
    await Promise.all([...this.#followers].map(what));
  }
}
