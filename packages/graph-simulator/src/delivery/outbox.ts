import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { FaultBoard } from "../faults/fault-board.ts";
import type { JsonObject } from "../http/json.ts";
import type { PostSender } from "../http/post.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Random } from "../random.ts";
import { EndpointHealth } from "./endpoint-health.ts";
import { EndpointQueue, type DeliverySettings, type OwedNotification } from "./endpoint-queue.ts";
import { SLOW_STATE_DELAY_MS, type EndpointStatus } from "./endpoint-state.ts";
import { drawLatency } from "./latency.ts";

export interface OutboxOptions {
  readonly poster: PostSender;
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly events: EventFeed;
  readonly faults: FaultBoard;
  readonly settings: DeliverySettings;
  /** The body of a delivery at the moment it leaves. */
  readonly seal: (notifications: readonly OwedNotification[]) => Promise<JsonObject>;
}

/**
 * What is still to be delivered: one queue for each endpoint, one health for each host.
 *
 * A notification is on its way from `enqueue` until all its copies have ended; it is settled when the first arrives, or
 * when the last has ended without.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #queues = new Map<string, EndpointQueue>();
  readonly #healths = new Map<string, EndpointHealth>();
  /** By notification id. */
  readonly #copiesLeft = new Map<string, number>();
  #onEmpty: (() => void)[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  enqueue(notification: OwedNotification): void {
    const { faults, settings } = this.#options;
    const fate = faults.fateOf(notification);
    if (fate.isLost) return this.#withhold(notification, "lost");
    const health = this.#healthOf(notification.url);
    if (settings.hasEndpointStates && health.drops()) return this.#withhold(notification, "dropped");
    const isSlow = settings.hasEndpointStates && health.state === "slow";
    const delayMs = this.#latency(notification) + (isSlow ? SLOW_STATE_DELAY_MS : 0);
    this.#copiesLeft.set(notification.id, fate.delaysMs.length);
    for (const faultMs of fate.delaysMs) this.#enqueueIn(delayMs + faultMs, notification);
  }

  /** The hosts that were ever sent something. */
  endpoints(): readonly EndpointStatus[] {
    return [...this.#healths.values()].map((health) => health.status);
  }

  /** Resolves when nothing is pending and no copy is on its way, at once when that is so. */
  async settled(): Promise<void> {
    await this.#options.ledger.settled();
    if (this.#copiesLeft.size === 0) return;
    await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    await this.settled();
  }

  /** Forgets everything that is not delivered yet; nothing is on its way afterwards. */
  clear(): void {
    for (const queue of this.#queues.values()) queue.close();
    this.#queues.clear();
    for (const health of this.#healths.values()) health.close();
    this.#healths.clear();
    this.#copiesLeft.clear();
    this.#tellWhenEmpty();
  }

  #withhold({ id }: OwedNotification, state: "lost" | "dropped"): void {
    const { clock, ledger, events } = this.#options;
    for (const notification of ledger.settle([id], state, clock.now())) {
      events.emit("notification:withheld", { notification });
    }
  }

  #latency({ resourceName }: OwedNotification): number {
    const { settings, random } = this.#options;
    return resourceName === undefined ? 0 : drawLatency(settings.latency, resourceName, random);
  }

  #enqueueIn(delayMs: number, notification: OwedNotification): void {
    const dueAt = notification.owedAt + delayMs;
    const queue = this.#queueOf(notification.url);
    if (delayMs === 0) queue.enqueue({ ...notification, dueAt });
    else this.#options.clock.at(dueAt, () => queue.enqueue({ ...notification, dueAt }));
  }

  #queueOf(url: string): EndpointQueue {
    const known = this.#queues.get(url);
    if (known) return known;
    const { poster, clock, ledger, events, settings, seal } = this.#options;
    const queue = new EndpointQueue({
      url,
      poster,
      clock,
      ledger,
      events,
      settings,
      seal,
      health: this.#healthOf(url),
      onEnd: (ids, hasArrived) => this.#end(ids, hasArrived),
    });
    this.#queues.set(url, queue);
    return queue;
  }

  #healthOf(url: string): EndpointHealth {
    const { clock, events } = this.#options;
    const { host } = new URL(url);
    const health = this.#healths.get(host) ?? new EndpointHealth({ host, clock, events });
    this.#healths.set(host, health);
    return health;
  }

  #end(ids: readonly string[], hasArrived: boolean): void {
    const { clock, ledger, events } = this.#options;
    const now = clock.now();
    if (hasArrived) ledger.settle(ids, "delivered", now);
    const ended = ids.filter((id) => this.#endCopy(id));
    for (const notification of ledger.settle(ended, "expired", now)) {
      events.emit("notification:expired", { notification });
    }
    this.#tellWhenEmpty();
  }

  /** Whether it was the last one. */
  #endCopy(id: string): boolean {
    const left = (this.#copiesLeft.get(id) ?? 1) - 1;
    if (left === 0) this.#copiesLeft.delete(id);
    else this.#copiesLeft.set(id, left);
    return left === 0;
  }

  #tellWhenEmpty(): void {
    if (this.#copiesLeft.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}
