import type { Clock } from "../clock.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { EventFeed } from "../events.ts";
import { formatInstant } from "../instant.ts";
import type { ChangeEntry, Ledger } from "../ledger.ts";
import type { Random } from "../random.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { SubscriptionStore } from "../subscriptions/subscription-store.ts";
import type { EntityChange } from "./entity-change.ts";
import { toldChangeType, toldResource } from "./told-change.ts";

export interface PublisherOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly events: EventFeed;
  readonly subscriptions: SubscriptionStore;
  readonly outbox: Outbox;
}

/**
 * Turns changes into notifications: notes the change, and owes one notification to each subscription it concerns.
 *
 * @see https://learn.microsoft.com/graph/api/resources/changenotification
 */
export class Publisher {
  readonly #options: PublisherOptions;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  publish(change: EntityChange): void {
    const { clock, ledger, events, subscriptions } = this.#options;
    const entry = ledger.recordChange({
      at: clock.now(),
      tenantId: change.tenantId,
      resource: change.resource,
      entityId: change.entityId,
      changeType: change.changeType,
    });
    let notifiedCount = 0;
    for (const subscription of subscriptions.matching(change)) {
      const changeType = toldChangeType(change, subscription);
      if (changeType === undefined) continue;
      this.#notify(subscription, { ...change, changeType }, entry);
      notifiedCount += 1;
    }
    events.emit("change:made", { change: entry, notifiedCount });
  }

  /** @param change as the subscription is told of it */
  #notify(subscription: Subscription, change: EntityChange, entry: ChangeEntry): void {
    const { random, ledger, outbox } = this.#options;
    const resource = toldResource(change, subscription);
    const id = random.bytes(10).toString("base64url");
    ledger.owe({
      id,
      changeSeq: entry.seq,
      subscriptionId: subscription.id,
      tenantId: change.tenantId,
      changeType: change.changeType,
      resource,
      notificationUrl: subscription.notificationUrl,
      owedAt: entry.at,
    });
    outbox.enqueue({
      id,
      subscriptionId: subscription.id,
      url: subscription.notificationUrl,
      owedAt: entry.at,
      resourceName: subscription.resourceName,
      body: {
        id,
        subscriptionId: subscription.id,
        subscriptionExpirationDateTime: formatInstant(subscription.expiresAt),
        clientState: subscription.clientState ?? undefined,
        changeType: change.changeType,
        resource,
        tenantId: change.tenantId,
        resourceData: change.resourceData,
      },
    });
  }
}
