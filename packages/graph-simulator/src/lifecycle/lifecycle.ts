import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { LifecycleNotificationEntry } from "../ledger/ledger-entries.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { AuthorizationGate } from "../notifications/authorization-gate.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { SubscriptionStore } from "../subscriptions/subscription-store.ts";
import { nextChallengeAt } from "./challenge-schedule.ts";
import type { LifecycleNotifier } from "./lifecycle-notifier.ts";
import type { ChallengePolicy } from "./lifecycle-options.ts";

/** What happens to subscriptions when a test wants it to. Each answers with what is owed for it, if anything is. */
export interface SimulatorLifecycle {
  /**
   * Challenges the app to authorize the subscription again; with `pause`, notifications stop until it does.
   *
   * @throws TypeError when there is no such subscription
   */
  requireReauthorization(
    subscriptionId: string,
    options?: { readonly pause?: boolean | undefined },
  ): LifecycleNotificationEntry | undefined;
  /**
   * Removes the subscription, as Graph does when access to the data has changed.
   *
   * @throws TypeError when there is no such subscription
   */
  removeSubscription(subscriptionId: string): LifecycleNotificationEntry | undefined;
  /**
   * Tells the app that notifications were lost.
   *
   * @throws TypeError when there is no such subscription
   */
  missNotifications(subscriptionId: string): LifecycleNotificationEntry | undefined;
}

export interface LifecycleServiceOptions {
  readonly clock: Clock;
  readonly events: EventFeed;
  readonly ledger: Ledger;
  readonly subscriptions: SubscriptionStore;
  readonly gate: AuthorizationGate;
  readonly notifier: LifecycleNotifier;
  readonly challenges: ChallengePolicy;
}

/**
 * The life of subscriptions between creation and end.
 *
 * By itself it challenges each one as its deadline comes nearer (its own end, or that of its token), opens it again when
 * it was authorized anew, and tells of notifications that were given up or not even sent.
 */
export class LifecycleService implements SimulatorLifecycle {
  readonly #options: LifecycleServiceOptions;
  /** The last `missed` of each subscription that was told of a loss by itself. */
  readonly #missedIds = new Map<string, string>();

  constructor(options: LifecycleServiceOptions) {
    const { events } = options;
    this.#options = options;
    events.on("subscription:created", ({ subscription }) => this.#challengeLater(subscription));
    events.on("subscription:renewed", ({ subscription }) => this.#resume(subscription));
    events.on("subscription:reauthorized", ({ subscription }) => this.#resume(subscription));
    events.on("notification:expired", ({ notification }) => this.#tellOfLoss(notification.subscriptionId));
    events.on("notification:withheld", ({ notification }) => this.#tellOfLoss(notification.subscriptionId));
  }

  requireReauthorization(
    subscriptionId: string,
    { pause = false }: { readonly pause?: boolean | undefined } = {},
  ): LifecycleNotificationEntry | undefined {
    const subscription = this.#find(subscriptionId);
    if (pause) this.#options.gate.pause(subscription.id);
    return this.#options.notifier.tell(subscription, "reauthorizationRequired");
  }

  removeSubscription(subscriptionId: string): LifecycleNotificationEntry | undefined {
    const { subscriptions, events, notifier } = this.#options;
    const subscription = this.#find(subscriptionId);
    subscriptions.remove(subscription);
    events.emit("subscription:removed", { subscription });
    return notifier.tell(subscription, "subscriptionRemoved");
  }

  missNotifications(subscriptionId: string): LifecycleNotificationEntry | undefined {
    return this.#options.notifier.tell(this.#find(subscriptionId), "missed");
  }

  clear(): void {
    this.#missedIds.clear();
  }

  #find(subscriptionId: string): Subscription {
    const subscription = this.#options.subscriptions.get(subscriptionId);
    if (!subscription) throw new TypeError(`Expected a subscription with the id ${subscriptionId}`);
    return subscription;
  }

  #resume(subscription: Subscription): void {
    this.#options.gate.reopen(subscription.id);
    this.#challengeLater(subscription);
  }

  #challengeLater(subscription: Subscription): void {
    const { clock, subscriptions, notifier, challenges } = this.#options;
    if (challenges === "never" || !notifier.canTell(subscription)) return;
    const isTokenWatched = challenges === "all" || subscription.includeResourceData === true;
    const { authorizedUntil, expiresAt } = subscription;
    const deadline = isTokenWatched ? Math.min(authorizedUntil, expiresAt) : expiresAt;
    const at = nextChallengeAt(clock.now(), deadline);
    if (at === undefined) return;
    clock.at(at, () => {
      // Another version has challenges of its own.
      if (subscriptions.get(subscription.id) !== subscription) return;
      notifier.tell(subscription, "reauthorizationRequired");
      this.#challengeLater(subscription);
    });
  }

  /** One for all that is lost until it is delivered itself. */
  #tellOfLoss(subscriptionId: string): void {
    const { subscriptions, ledger, notifier } = this.#options;
    const subscription = subscriptions.get(subscriptionId);
    if (!subscription || ledger.isLifecyclePending(this.#missedIds.get(subscriptionId) ?? "")) return;
    const told = notifier.tell(subscription, "missed");
    if (told) this.#missedIds.set(subscriptionId, told.id);
  }
}
