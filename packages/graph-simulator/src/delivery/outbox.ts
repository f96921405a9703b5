import { EndpointQueue, type EndpointQueueOptions, type OwedNotification } from "./endpoint-queue.ts";

export type OutboxOptions = Omit<EndpointQueueOptions, "url">;

/**
 * What is still to be delivered: one queue for each endpoint.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #queues = new Map<string, EndpointQueue>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  enqueue(notification: OwedNotification): void {
    const { url } = notification;
    const queue = this.#queues.get(url) ?? new EndpointQueue({ ...this.#options, url });
    this.#queues.set(url, queue);
    queue.enqueue(notification);
  }

  /** Forgets everything that is not delivered yet. */
  clear(): void {
    for (const queue of this.#queues.values()) queue.close();
    this.#queues.clear();
  }
}
