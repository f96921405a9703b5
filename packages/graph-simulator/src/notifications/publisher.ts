import type { Clock } from "../clock.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { EventFeed } from "../events.ts";
import type { JsonObject } from "../http/json.ts";
import { formatInstant } from "../instant.ts";
import type { ChangeEntry, Ledger } from "../ledger.ts";
import type { Random } from "../random.ts";
import type { ChangeType } from "../subscriptions/change-type.ts";
import { matchResource } from "../subscriptions/subscribable-resources.ts";
import type { Subscription } from "../subscriptions/subscription.ts";
import type { SubscriptionStore } from "../subscriptions/subscription-store.ts";

/** A change of an entity, as its resource tells it. */
export interface EntityChange {
  readonly tenantId: string;
  readonly changeType: ChangeType;
  /** The `resource` of notifications, for example `Users/{guid}`. */
  readonly resource: string;
  readonly entityId: string;
  /** The paths, in their one spelling, under which the change can be subscribed to. */
  readonly topics: readonly string[];
  /** The `resourceData` of notifications. */
  readonly resourceData: JsonObject;
}

export interface PublisherOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly events: EventFeed;
  readonly subscriptions: SubscriptionStore;
  readonly outbox: Outbox;
}

/** What a notification is owed for. */
interface Occasion {
  readonly change: EntityChange;
  readonly entry: ChangeEntry;
  readonly resourceName: string;
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
    const audience = subscriptions.matching(change);
    const resourceName = audience.length === 0 ? "" : resourceNameOf(change.topics[0] ?? "");
    for (const subscription of audience) this.#notify(subscription, { change, entry, resourceName });
    events.emit("change:made", { change: entry, notifiedCount: audience.length });
  }

  #notify(subscription: Subscription, { change, entry, resourceName }: Occasion): void {
    const { random, ledger, outbox } = this.#options;
    const id = random.bytes(10).toString("base64url");
    ledger.owe({
      id,
      changeSeq: entry.seq,
      subscriptionId: subscription.id,
      tenantId: change.tenantId,
      changeType: change.changeType,
      resource: change.resource,
      notificationUrl: subscription.notificationUrl,
      owedAt: entry.at,
    });
    outbox.enqueue({
      id,
      subscriptionId: subscription.id,
      url: subscription.notificationUrl,
      owedAt: entry.at,
      resourceName,
      body: {
        id,
        subscriptionId: subscription.id,
        subscriptionExpirationDateTime: formatInstant(subscription.expiresAt),
        clientState: subscription.clientState ?? undefined,
        changeType: change.changeType,
        resource: change.resource,
        tenantId: change.tenantId,
        resourceData: change.resourceData,
      },
    });
  }
}

/** Graph's name of what can be subscribed to under a topic. */
function resourceNameOf(topic: string): string {
  const match = matchResource(topic);
  return match.kind === "resource" ? match.resource.name : "";
}
