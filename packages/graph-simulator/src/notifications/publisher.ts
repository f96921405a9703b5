import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { ChangeEntry } from "../ledger/ledger-entries.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Random } from "../random.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { SubscriptionStore } from "../subscriptions/subscription-store.ts";
import type { AuthorizationGate } from "./authorization-gate.ts";
import type { EntityChange } from "./entity-change.ts";
import type { NotificationWriter } from "./notification-writer.ts";
import { toldChangeType, toldResource } from "./told-change.ts";

export interface PublisherOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly events: EventFeed;
  readonly subscriptions: SubscriptionStore;
  readonly writer: NotificationWriter;
  readonly gate: AuthorizationGate;
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
      const resource = toldResource(change, subscription);
      this.#notify(subscription, { ...change, changeType, resource }, entry);
      notifiedCount += 1;
    }
    events.emit("change:made", { change: entry, notifiedCount });
  }

  /** @param change as the subscription is told of it */
  #notify(subscription: Subscription, change: EntityChange, entry: ChangeEntry): void {
    const { random, ledger, writer, gate } = this.#options;
    const id = random.bytes(10).toString("base64url");
    const { body, tokenNeed, tampering } = writer.write(id, subscription, change);
    ledger.owe({
      id,
      changeSeq: entry.seq,
      subscriptionId: subscription.id,
      tenantId: change.tenantId,
      changeType: change.changeType,
      resource: change.resource,
      notificationUrl: subscription.notificationUrl,
      owedAt: entry.at,
      tampering,
    });
    gate.pass(subscription, {
      id,
      subscriptionId: subscription.id,
      of: "changes",
      url: subscription.notificationUrl,
      owedAt: entry.at,
      resourceName: subscription.resourceName,
      body,
      tokenNeed,
    });
  }
}
