import type { Clock } from "../clock.ts";
import type { EventFeed } from "../events.ts";
import type { NotificationSubject } from "../faults/fault.ts";
import type { PostOutcome, PostSender } from "../http/post.ts";
import type { JsonObject } from "../http/json.ts";
import type { AttemptOutcome } from "../ledger/ledger-entries.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Enclosure } from "../rich/envelope.ts";
import type { EndpointHealth } from "./endpoint-health.ts";
import { SLOW_RESPONSE_MS, VERY_SLOW_RESPONSE_MS } from "./endpoint-state.ts";
import type { LatencyTable } from "./latency.ts";
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
  readonly latency: LatencyTable;
  readonly hasEndpointStates: boolean;
}

/** A notification on its way. */
export interface OwedNotification extends Enclosure {
  readonly id: string;
  readonly subscriptionId: string;
  readonly of: NotificationSubject;
  /** Where it goes. */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly owedAt: number;
  /** Graph's name of the resource, which its latency goes by; without one it is sent at once. */
  readonly resourceName?: string;
}

/** A notification whose latency is over. */
interface DueNotification extends OwedNotification {
  /** Epoch milliseconds: from when on it is tried. */
  readonly dueAt: number;
}

export interface EndpointQueueOptions {
  readonly url: string;
  readonly poster: PostSender;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly events: EventFeed;
  readonly settings: DeliverySettings;
  readonly health: EndpointHealth;
  /** Told of notifications whose way has ended, and whether they arrived. */
  readonly onEnd: (notificationIds: readonly string[], hasArrived: boolean) => void;
  /** The body of a delivery at the moment it leaves. */
  readonly seal: (notifications: readonly OwedNotification[]) => Promise<JsonObject>;
}

/** Notifications that travel together. A delivery that fails is tried again as it was. */
interface Delivery {
  readonly notifications: readonly DueNotification[];
  /** The attempt to be made, from 1. */
  readonly attempt: number;
}

/**
 * The deliveries to one endpoint.
 *
 * A notification *waits* from `enqueue` until the collecting window closes and a place among the concurrent deliveries
 * is free; then it *travels* with its neighbours. A 2xx ends it. Anything else makes its delivery *rest* until the
 * retry is due, when it is *ready* and leaves before those that wait; with no retry left, it ends without arriving.
 */
export class EndpointQueue {
  readonly #options: EndpointQueueOptions;
  #waiting: DueNotification[] = [];
  /** How many of the first waiting ones have left; they are taken out together, not one by one. */
  #leftCount = 0;
  readonly #ready: Delivery[] = [];
  #isCollecting = false;
  #travelling = 0;
  #isClosed = false;

  constructor(options: EndpointQueueOptions) {
    this.#options = options;
  }

  enqueue(notification: DueNotification): void {
    this.#waiting.push(notification);
    if (this.#isCollecting) return;
    this.#isCollecting = true;
    const { clock, settings } = this.#options;
    clock.at(clock.now() + settings.collectMs, () => {
      this.#isCollecting = false;
      this.#send();
    });
  }

  /** Sends nothing more, and takes no notice of what is still on its way. */
  close(): void {
    this.#isClosed = true;
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
    const end = this.#leftCount + this.#options.settings.maxPerDelivery;
    const notifications = this.#waiting.slice(this.#leftCount, end);
    this.#leftCount += notifications.length;
    if (this.#leftCount * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#leftCount);
      this.#leftCount = 0;
    }
    return notifications.length === 0 ? undefined : { notifications, attempt: 1 };
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { clock, health } = this.#options;
    const startedAt = clock.now();
    const startedElapsed = clock.elapsed();
    const outcome = await clock.activities.run(() => this.#post(delivery));
    this.#travelling -= 1;
    if (this.#isClosed) return;
    const durationMs = Math.round(clock.elapsed() - startedElapsed);
    if (outcome.kind !== "unreachable") health.record(responseMs(delivery, outcome, durationMs));
    this.#conclude(delivery, { startedAt, durationMs, outcome: attemptOutcome(outcome) });
    this.#send();
  }

  async #post({ notifications, attempt }: Delivery): Promise<PostOutcome> {
    const { url, poster, settings, seal } = this.#options;
    return poster.post({
      url,
      contentType: "application/json; charset=utf-8",
      body: JSON.stringify(await seal(notifications)),
      timeoutMs: attempt === 1 ? settings.firstTimeoutMs : settings.retryTimeoutMs,
    });
  }

  #conclude(
    { notifications, attempt }: Delivery,
    result: { startedAt: number; durationMs: number; outcome: AttemptOutcome },
  ): void {
    const { url, clock, ledger, events, onEnd } = this.#options;
    const notificationIds = notifications.map((notification) => notification.id);
    const entry = ledger.recordAttempt({ url, notificationIds, attempt, ...result });
    if (isDelivered(result.outcome)) {
      events.emit("delivery:succeeded", { attempt: entry });
      onEnd(notificationIds, true);
      return;
    }
    const retryAt = this.#retryAt(notifications, attempt);
    events.emit("delivery:failed", { attempt: entry, retryAt });
    if (retryAt === null) onEnd(notificationIds, false);
    else clock.at(retryAt, () => this.#retry({ notifications, attempt: attempt + 1 }));
  }

  #retryAt(notifications: readonly DueNotification[], attempt: number): number | null {
    const { clock, settings } = this.#options;
    return nextAttemptAt({
      attempt,
      owedAt: Math.min(...notifications.map((notification) => notification.dueAt)),
      now: clock.now(),
      firstRetryDelayMs: settings.firstRetryDelayMs,
      retryWindowMs: settings.retryWindowMs,
    });
  }

  #retry(delivery: Delivery): void {
    this.#ready.push(delivery);
    this.#send();
  }
}

/** To run out of time is to be slow, however little time there was. */
function responseMs(delivery: Delivery, outcome: PostOutcome, durationMs: number): number {
  if (outcome.kind !== "timed-out") return durationMs;
  return (delivery.attempt === 1 ? SLOW_RESPONSE_MS : VERY_SLOW_RESPONSE_MS) + 1;
}

function attemptOutcome(outcome: PostOutcome): AttemptOutcome {
  return outcome.kind === "answered" ? { kind: "answered", status: outcome.status } : outcome;
}

function isDelivered(outcome: AttemptOutcome): boolean {
  return outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300;
}
