import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { ChangeType } from "./change-type.ts";
import { PastList } from "./past-list.ts";
import { quotaKeys } from "./quotas.ts";
import type { Subscription } from "./subscription.ts";

/** A look at the live subscriptions of all tenants and apps. */
export interface SimulatorSubscriptions {
  /** In the order they were created. */
  list(): readonly Subscription[];
  get(id: string): Subscription | undefined;
  /** Those that no request finds any more and that go on notifying. */
  ghosts(): readonly Subscription[];
  /**
   * Makes a ghost of a subscription.
   *
   * @throws TypeError when there is no such subscription
   */
  haunt(id: string): void;
}

/** Where a change can be heard of. */
export interface Audience {
  readonly tenantId: string;
  /** Every resource path, in its one spelling, under which the change can be subscribed to. */
  readonly topics: readonly string[];
}

/**
 * The live subscriptions. One whose time ran out is gone from the moment the clock reaches `expiresAt`.
 *
 * A ghost is live for changes and for quotas only: users have been notified by subscriptions that requests no longer
 * found (https://github.com/microsoftgraph/msgraph-sdk-php/issues/221).
 *
 * Invariants: `#byTopic` holds exactly the ids of `#byId`, `#counts` counts exactly its subscriptions, and every id of
 * `#ghostIds` is one of it.
 */
export class SubscriptionStore implements SimulatorSubscriptions {
  readonly #byId = new Map<string, Subscription>();
  readonly #byTopic = new Map<string, Set<string>>();
  readonly #counts = new Map<string, number>();
  readonly #ghostIds = new Set<string>();
  readonly #clock: Clock;
  readonly #events: EventFeed;
  readonly #past: PastList;

  /** @param staleListMs how far `pastList` lags behind */
  constructor(clock: Clock, events: EventFeed, staleListMs = 0) {
    this.#clock = clock;
    this.#events = events;
    this.#past = new PastList(staleListMs);
  }

  list(): readonly Subscription[] {
    return [...this.#byId.values()].filter(
      (subscription) => this.#isLive(subscription) && !this.#ghostIds.has(subscription.id),
    );
  }

  ghosts(): readonly Subscription[] {
    return [...this.#ghostIds].flatMap((id) => this.#live(id) ?? []);
  }

  /** The subscriptions as a list shows them that lags behind. */
  pastList(): readonly Subscription[] {
    return this.#past.list(this.#clock.now());
  }

  get(id: string): Subscription | undefined {
    return this.#ghostIds.has(id.toLowerCase()) ? undefined : this.#live(id);
  }

  haunt(id: string): void {
    const subscription = this.get(id);
    if (!subscription) throw new TypeError(`Expected a subscription with the id ${id}`);
    this.#ghostIds.add(subscription.id);
    this.#recordPast(subscription.id, undefined);
  }

  /** How many subscriptions are counted under a key of a quota. */
  count(quotaKey: string): number {
    return this.#counts.get(quotaKey) ?? 0;
  }

  /** A live subscription of the same app and creator for the same thing and the same endpoint. */
  findDuplicate(of: Subscription): Subscription | undefined {
    return this.#withTopic(of.tenantId, of.topic).find(
      (other) =>
        !this.#ghostIds.has(other.id) &&
        other.applicationId === of.applicationId &&
        other.creatorId === of.creatorId &&
        other.notificationUrl === of.notificationUrl &&
        other.query === of.query &&
        hasSameMembers(other.changeTypes, of.changeTypes),
    );
  }

  /** The live subscriptions to any of the topics, each once. */
  matching({ tenantId, topics }: Audience): readonly Subscription[] {
    return [...new Set(topics.flatMap((topic) => this.#withTopic(tenantId, topic)))];
  }

  /** Adds a subscription, or puts a new version in the place of the one with its id. */
  put(subscription: Subscription): void {
    if (!this.#byId.has(subscription.id)) this.#tally(subscription, 1);
    this.#recordPast(subscription.id, subscription);
    this.#byId.set(subscription.id, subscription);
    const key = topicKey(subscription.tenantId, subscription.topic);
    const ids = this.#byTopic.get(key) ?? new Set();
    this.#byTopic.set(key, ids.add(subscription.id));
    this.#clock.at(subscription.expiresAt, () => this.#expire(subscription));
  }

  remove(subscription: Subscription): void {
    if (!this.#byId.delete(subscription.id)) return;
    this.#tally(subscription, -1);
    if (!this.#ghostIds.delete(subscription.id)) this.#recordPast(subscription.id, undefined);
    const key = topicKey(subscription.tenantId, subscription.topic);
    const ids = this.#byTopic.get(key);
    ids?.delete(subscription.id);
    if (ids?.size === 0) this.#byTopic.delete(key);
  }

  clear(): void {
    this.#byId.clear();
    this.#byTopic.clear();
    this.#counts.clear();
    this.#ghostIds.clear();
    this.#past.clear();
  }

  #tally(subscription: Subscription, change: 1 | -1): void {
    for (const key of quotaKeys(subscription)) {
      const next = this.count(key) + change;
      if (next === 0) this.#counts.delete(key);
      else this.#counts.set(key, next);
    }
  }

  #recordPast(id: string, now: Subscription | undefined): void {
    this.#past.record({ at: this.#clock.now(), id, now });
  }

  #expire(subscription: Subscription): void {
    // A renewed subscription is another version; its own alarm is set.
    if (this.#byId.get(subscription.id) !== subscription) return;
    this.remove(subscription);
    this.#events.emit("subscription:expired", { subscription });
  }

  #withTopic(tenantId: string, topic: string): Subscription[] {
    const ids = this.#byTopic.get(topicKey(tenantId, topic)) ?? [];
    return [...ids].flatMap((id) => this.#live(id) ?? []);
  }

  #live(id: string): Subscription | undefined {
    const subscription = this.#byId.get(id.toLowerCase());
    return subscription && this.#isLive(subscription) ? subscription : undefined;
  }

  #isLive(subscription: Subscription): boolean {
    return subscription.expiresAt > this.#clock.now();
  }
}

/** Both lists hold each change type at most once. */
function hasSameMembers(one: readonly ChangeType[], other: readonly ChangeType[]): boolean {
  return one.length === other.length && one.every((member) => other.includes(member));
}

function topicKey(tenantId: string, topic: string): string {
  return `${tenantId}/${topic}`;
}
