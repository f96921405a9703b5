import type { Clock } from "../clock.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { EventFeed } from "../events.ts";
import type { JsonObject } from "../http/json.ts";
import { formatTicks } from "../instant.ts";
import type { LifecycleNotificationEntry } from "../ledger/ledger-entries.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Random } from "../random.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import { isToldFor, type LifecycleEvent } from "./lifecycle-event.ts";
import type { LifecycleSettings } from "./lifecycle-options.ts";

export interface LifecycleNotifierOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly events: EventFeed;
  readonly outbox: Outbox;
  readonly settings: LifecycleSettings;
}

/**
 * Tells apps of their subscriptions: owes a lifecycle notification, which travels like any other.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events#structure-of-a-lifecycle-notification
 */
export class LifecycleNotifier {
  readonly #options: LifecycleNotifierOptions;

  constructor(options: LifecycleNotifierOptions) {
    this.#options = options;
  }

  /** What is owed now, or `undefined` when Graph tells no such thing of the subscription. */
  tell(subscription: Subscription, lifecycleEvent: LifecycleEvent): LifecycleNotificationEntry | undefined {
    const { clock, random, ledger, events, outbox } = this.#options;
    const url = this.#urlOf(subscription);
    if (url === undefined || !isToldFor(lifecycleEvent, subscription.resourceName)) return undefined;
    const owedAt = clock.now();
    const notification = ledger.oweLifecycle({
      id: random.bytes(10).toString("base64url"),
      subscriptionId: subscription.id,
      tenantId: subscription.tenantId,
      lifecycleEvent,
      url,
      owedAt,
    });
    outbox.enqueue({
      id: notification.id,
      subscriptionId: subscription.id,
      of: "lifecycle",
      url,
      owedAt,
      body: this.#body(subscription, lifecycleEvent),
    });
    events.emit("lifecycle:owed", { notification });
    return notification;
  }

  /** Whether there is anywhere to send to. */
  canTell(subscription: Subscription): boolean {
    return this.#urlOf(subscription) !== undefined;
  }

  #urlOf({ lifecycleNotificationUrl, notificationUrl }: Subscription): string | undefined {
    if (lifecycleNotificationUrl !== null) return lifecycleNotificationUrl;
    return this.#options.settings.withoutUrl === "notificationUrl" ? notificationUrl : undefined;
  }

  /** No change type, no resource and no id: it is about the subscription, not about what it watches. */
  #body(subscription: Subscription, lifecycleEvent: LifecycleEvent): JsonObject {
    const { tenantProperty } = this.#options.settings;
    const { tenantId } = subscription;
    return {
      subscriptionId: subscription.id,
      subscriptionExpirationDateTime: formatTicks(subscription.expiresAt).replace("Z", "+00:00"),
      tenantId: tenantProperty === "organizationId" ? undefined : tenantId,
      organizationId: tenantProperty === "tenantId" ? undefined : tenantId,
      clientState: subscription.clientState ?? undefined,
      lifecycleEvent,
    };
  }
}
