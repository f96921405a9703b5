import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { Caller } from "../tenancy.ts";
import type { ChangeType } from "./change-type.ts";
import type { Subscription } from "./subscription.ts";

/** A look at the live subscriptions of all tenants and apps. */
export interface SimulatorSubscriptions {
  /** In the order they were created. */
  list(): readonly Subscription[];
  get(id: string): Subscription | undefined;
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
 * Invariant: `#byTopic` holds exactly the ids of `#byId`.
 */
export class SubscriptionStore implements SimulatorSubscriptions {
  readonly #byId = new Map<string, Subscription>();
  readonly #byTopic = new Map<string, Set<string>>();
  readonly #clock: Clock;
  readonly #events: EventFeed;

  constructor(clock: Clock, events: EventFeed) {
    this.#clock = clock;
    this.#events = events;
  }

  list(): readonly Subscription[] {
    return [...this.#byId.values()].filter((subscription) => this.#isLive(subscription));
  }

  get(id: string): Subscription | undefined {
    const subscription = this.#byId.get(id.toLowerCase());
    return subscription && this.#isLive(subscription) ? subscription : undefined;
  }

  /** The subscriptions an app may see: its own, of the token's tenant. */
  listOf(caller: Caller): readonly Subscription[] {
    return this.list().filter((subscription) => belongsTo(subscription, caller));
  }

  getOf(caller: Caller, id: string): Subscription | undefined {
    const subscription = this.get(id);
    return subscription && belongsTo(subscription, caller) ? subscription : undefined;
  }

  /** A live subscription of the same app for the same thing and the same endpoint. */
  findDuplicate(of: Subscription): Subscription | undefined {
    return this.#withTopic(of.tenantId, of.topic).find(
      (other) =>
        other.applicationId === of.applicationId &&
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
    this.#byId.set(subscription.id, subscription);
    const key = topicKey(subscription.tenantId, subscription.topic);
    const ids = this.#byTopic.get(key) ?? new Set();
    this.#byTopic.set(key, ids.add(subscription.id));
    this.#clock.at(subscription.expiresAt, () => this.#expire(subscription));
  }

  remove(subscription: Subscription): void {
    this.#byId.delete(subscription.id);
    const key = topicKey(subscription.tenantId, subscription.topic);
    const ids = this.#byTopic.get(key);
    ids?.delete(subscription.id);
    if (ids?.size === 0) this.#byTopic.delete(key);
  }

  clear(): void {
    this.#byId.clear();
    this.#byTopic.clear();
  }

  #expire(subscription: Subscription): void {
    // A renewed subscription is another version; its own alarm is set.
    if (this.#byId.get(subscription.id) !== subscription) return;
    this.remove(subscription);
    this.#events.emit("subscription:expired", { subscription });
  }

  #withTopic(tenantId: string, topic: string): Subscription[] {
    const ids = this.#byTopic.get(topicKey(tenantId, topic)) ?? [];
    return [...ids].flatMap((id) => this.get(id) ?? []);
  }

  #isLive(subscription: Subscription): boolean {
    return subscription.expiresAt > this.#clock.now();
  }
}

function belongsTo(subscription: Subscription, caller: Caller): boolean {
  return subscription.tenantId === caller.tenantId && subscription.applicationId === caller.applicationId;
}

/** Both lists hold each change type at most once. */
function hasSameMembers(one: readonly ChangeType[], other: readonly ChangeType[]): boolean {
  return one.length === other.length && one.every((member) => other.includes(member));
}

function topicKey(tenantId: string, topic: string): string {
  return `${tenantId}/${topic}`;
}
