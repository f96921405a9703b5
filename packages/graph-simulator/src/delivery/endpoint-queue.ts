import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { Poster, PostOutcome } from "../http/post.ts";
import type { JsonObject } from "../http/json.ts";
import type { AttemptOutcome, Ledger } from "../ledger.ts";
import type { Enclosure } from "../rich/envelope.ts";
import { nextAttemptAt } from "./retry-schedule.ts";

/** How deliveries are made, with all defaults filled in. */
export interface DeliverySettings {
  readonly maxPerDelivery: number;
  readonly collectMs: number;
  readonly concurrency: number;
  readonly firstTimeoutMs: number;
  readonly retryTimeoutMs: number;
  readonly firstRetryDelayMs: number;
  readonly retryWindowMs: number;
}

/** A notification on its way. */
export interface OwedNotification extends Enclosure {
  readonly id: string;
  readonly subscriptionId: string;
  /** Where it goes. */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly owedAt: number;
}

export interface EndpointQueueOptions {
  readonly url: string;
  readonly poster: Poster;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly events: EventFeed;
  readonly settings: DeliverySettings;
  /** The body of a delivery at the moment it leaves. */
  readonly seal: (notifications: readonly OwedNotification[]) => Promise<JsonObject>;
}

/** Notifications that travel together. A delivery that fails is tried again as it was. */
interface Delivery {
  readonly notifications: readonly OwedNotification[];
  /** The attempt to be made, from 1. */
  readonly attempt: number;
}

/**
 * The deliveries to one endpoint.
 *
 * A notification *waits* from `enqueue` until the collecting window closes and a place among the concurrent deliveries
 * is free; then it *travels* with its neighbours. A 2xx ends it. Anything else makes its delivery *rest* until the
 * retry is due, when it is *ready* and leaves before those that wait; with no retry left, its notifications expire.
 */
export class EndpointQueue {
  readonly #options: EndpointQueueOptions;
  readonly #waiting: OwedNotification[] = [];
  readonly #ready: Delivery[] = [];
  #collecting: NodeJS.Timeout | undefined;
  #travelling = 0;
  #isClosed = false;

  constructor(options: EndpointQueueOptions) {
    this.#options = options;
  }

  enqueue(notification: OwedNotification): void {
    this.#waiting.push(notification);
    this.#collecting ??= setTimeout(() => {
      this.#collecting = undefined;
      this.#send();
    }, this.#options.settings.collectMs);
  }

  /** Sends nothing more, and takes no notice of what is still on its way. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#collecting);
  }

  #send(): void {
    while (!this.#isClosed && this.#travelling < this.#options.settings.concurrency) {
      const delivery = this.#ready.shift() ?? this.#collect();
      if (!delivery) return;
      this.#travelling += 1;
      void this.#attempt(delivery);
    }
  }

  #collect(): Delivery | undefined {
    const notifications = this.#waiting.splice(0, this.#options.settings.maxPerDelivery);
    return notifications.length === 0 ? undefined : { notifications, attempt: 1 };
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { url, poster, clock, settings, seal } = this.#options;
    const startedAt = clock.now();
    const startedMonotonic = performance.now();
    const outcome = await poster.post({
      url,
      contentType: "application/json; charset=utf-8",
      body: JSON.stringify(await seal(delivery.notifications)),
      timeoutMs: delivery.attempt === 1 ? settings.firstTimeoutMs : settings.retryTimeoutMs,
    });
    this.#travelling -= 1;
    if (this.#isClosed) return;
    const durationMs = Math.round(performance.now() - startedMonotonic);
    this.#conclude(delivery, { startedAt, durationMs, outcome: attemptOutcome(outcome) });
    this.#send();
  }

  #conclude(
    { notifications, attempt }: Delivery,
    result: { startedAt: number; durationMs: number; outcome: AttemptOutcome },
  ): void {
    const { url, clock, ledger, events } = this.#options;
    const notificationIds = notifications.map((notification) => notification.id);
    const entry = ledger.recordAttempt({ url, notificationIds, attempt, ...result });
    if (isDelivered(result.outcome)) {
      events.emit("delivery:succeeded", { attempt: entry });
      ledger.settle(notificationIds, "delivered", clock.now());
      return;
    }
    const retryAt = this.#retryAt(notifications, attempt);
    events.emit("delivery:failed", { attempt: entry, retryAt });
    if (retryAt === null) this.#giveUp(notificationIds);
    else clock.at(retryAt, () => this.#retry({ notifications, attempt: attempt + 1 }));
  }

  #retryAt(notifications: readonly OwedNotification[], attempt: number): number | null {
    const { clock, settings } = this.#options;
    return nextAttemptAt({
      attempt,
      owedAt: Math.min(...notifications.map((notification) => notification.owedAt)),
      now: clock.now(),
      firstRetryDelayMs: settings.firstRetryDelayMs,
      retryWindowMs: settings.retryWindowMs,
    });
  }

  #retry(delivery: Delivery): void {
    this.#ready.push(delivery);
    this.#send();
  }

  #giveUp(notificationIds: readonly string[]): void {
    const { clock, ledger, events } = this.#options;
    for (const notification of ledger.settle(notificationIds, "expired", clock.now())) {
      events.emit("notification:expired", { notification });
    }
  }
}

function attemptOutcome(outcome: PostOutcome): AttemptOutcome {
  return outcome.kind === "answered" ? { kind: "answered", status: outcome.status } : outcome;
}

function isDelivered(outcome: AttemptOutcome): boolean {
  return outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300;
}
