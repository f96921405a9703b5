import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { OwedNotification } from "../delivery/endpoint-queue.ts";
import type { Subscription } from "../subscriptions/subscription.ts";

/**
 * What becomes of notifications of a subscription whose authorization is over: the documentation has them flow on "for
 * a while", be kept for the time of retries, and be lost.
 */
export type UnauthorizedDelivery = "continue" | "hold" | "lose";

export interface AuthorizationGateOptions {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly events: EventFeed;
  readonly enqueue: (notification: OwedNotification) => void;
  /** Once the access token a subscription was authorized with has expired. */
  readonly afterTokenExpiry: UnauthorizedDelivery;
  /** How long a notification is held, in milliseconds of the simulator's clock. */
  readonly holdMs: number;
}

/**
 * Lets notifications out only while their subscription is authorized.
 *
 * A subscription is *open* until it is paused, or its token expires; `reopen` makes it open again, and what was held
 * leaves. What is held too long is expired.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events#reauthorizationrequired-notifications
 */
export class AuthorizationGate {
  readonly #options: AuthorizationGateOptions;
  readonly #paused = new Set<string>();
  readonly #held = new Map<string, Set<OwedNotification>>();

  constructor(options: AuthorizationGateOptions) {
    this.#options = options;
  }

  pass(subscription: Subscription, notification: OwedNotification): void {
    const policy = this.#policyFor(subscription);
    if (policy === "continue") this.#options.enqueue(notification);
    else if (policy === "lose") this.#expire(notification);
    else this.#hold(subscription.id, notification);
  }

  /** Nothing of the subscription leaves until it is reopened. */
  pause(subscriptionId: string): void {
    this.#paused.add(subscriptionId);
  }

  reopen(subscriptionId: string): void {
    this.#paused.delete(subscriptionId);
    const held = this.#held.get(subscriptionId) ?? [];
    this.#held.delete(subscriptionId);
    for (const notification of held) this.#options.enqueue(notification);
  }

  clear(): void {
    this.#paused.clear();
    this.#held.clear();
  }

  #policyFor(subscription: Subscription): UnauthorizedDelivery {
    const { clock, afterTokenExpiry } = this.#options;
    if (this.#paused.has(subscription.id)) return afterTokenExpiry === "lose" ? "lose" : "hold";
    return subscription.authorizedUntil > clock.now() ? "continue" : afterTokenExpiry;
  }

  #hold(subscriptionId: string, notification: OwedNotification): void {
    const { clock, holdMs } = this.#options;
    const held = this.#held.get(subscriptionId) ?? new Set();
    this.#held.set(subscriptionId, held.add(notification));
    clock.at(notification.owedAt + holdMs, () => {
      if (this.#held.get(subscriptionId)?.delete(notification)) this.#expire(notification);
    });
  }

  #expire({ id }: OwedNotification): void {
    const { clock, ledger, events } = this.#options;
    for (const notification of ledger.settle([id], "expired", clock.now())) {
      events.emit("notification:expired", { notification });
    }
  }
}
