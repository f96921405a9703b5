import type { LifecycleEvent } from "./lifecycle/lifecycle-event.ts";
import type { Tampering } from "./rich/tampering.ts";
import type { HandshakeOutcome, HandshakePurpose } from "./subscriptions/handshake-outcome.ts";
import type { ChangeType } from "./subscriptions/change-type.ts";

/** Something that happened to an entity, whether or not anybody subscribed to it. */
export interface ChangeEntry {
  /** Counts from 1 in the order the changes were made. */
  readonly seq: number;
  /** Epoch milliseconds of the simulator's clock. */
  readonly at: number;
  readonly tenantId: string;
  /** As notifications write it, for example `Users/{guid}`. */
  readonly resource: string;
  readonly entityId: string;
  readonly changeType: ChangeType;
}

/**
 * `pending` from the moment it is owed; `delivered` once an attempt was answered 2xx; `expired` when the last attempt
 * within the retry window failed. The last two are final.
 */
export type NotificationState = "pending" | "delivered" | "expired";

/** One notification owed to one subscription because of one change. */
export interface NotificationEntry {
  /** The `id` on the wire. */
  readonly id: string;
  /** The `seq` of the change it tells of. */
  readonly changeSeq: number;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly changeType: ChangeType;
  readonly resource: string;
  /** Where it is delivered: the subscription's URL when the change was made. */
  readonly notificationUrl: string;
  /** Epoch milliseconds. */
  readonly owedAt: number;
  readonly state: NotificationState;
  /** Epoch milliseconds, `null` while pending. */
  readonly settledAt: number | null;
  /** What was made wrong with it, because a test asked for it. */
  readonly tampering: Tampering | null;
}

/** One notification owed because of what happened to a subscription itself. */
export interface LifecycleNotificationEntry {
  /** Only in the ledger; on the wire it has none. */
  readonly id: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly lifecycleEvent: LifecycleEvent;
  /** Where it is delivered. */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly owedAt: number;
  readonly state: NotificationState;
  /** Epoch milliseconds, `null` while pending. */
  readonly settledAt: number | null;
}

/** How a delivery went. Only an answer with a 2xx status delivers. */
export type AttemptOutcome =
  | { readonly kind: "answered"; readonly status: number }
  | { readonly kind: "timed-out" }
  | { readonly kind: "unreachable"; readonly error: string };

/** One POST of one or more notifications. */
export interface AttemptEntry {
  /** Counts from 1 in the order the attempts ended. */
  readonly seq: number;
  readonly url: string;
  /** In the order of the `value` array. */
  readonly notificationIds: readonly string[];
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Epoch milliseconds of the simulator's clock. */
  readonly startedAt: number;
  /** Real milliseconds. */
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
}

/** One validation request to an endpoint. */
export interface HandshakeEntry {
  /** Counts from 1 in the order the handshakes ended. */
  readonly seq: number;
  readonly subscriptionId: string;
  readonly purpose: HandshakePurpose;
  /** Without the validation token. */
  readonly url: string;
  /** Epoch milliseconds of the simulator's clock. */
  readonly startedAt: number;
  /** Real milliseconds. */
  readonly durationMs: number;
  readonly outcome: HandshakeOutcome;
}

/** Everything that happened, in order. Each property is a snapshot. */
export interface SimulatorLedger {
  readonly changes: readonly ChangeEntry[];
  readonly notifications: readonly NotificationEntry[];
  readonly lifecycle: readonly LifecycleNotificationEntry[];
  readonly attempts: readonly AttemptEntry[];
  readonly handshakes: readonly HandshakeEntry[];
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/**
 * The book of changes, notifications, attempts and handshakes. It grows until it is cleared.
 *
 * Invariant: a notification leaves `pending` once and never comes back.
 */
export class Ledger implements SimulatorLedger {
  #changes: ChangeEntry[] = [];
  #attempts: AttemptEntry[] = [];
  #handshakes: HandshakeEntry[] = [];
  readonly #notifications = new Map<string, NotificationEntry>();
  readonly #lifecycle = new Map<string, LifecycleNotificationEntry>();
  #pendingCount = 0;
  #waiters: Waiter[] = [];

  get changes(): readonly ChangeEntry[] {
    return [...this.#changes];
  }

  get notifications(): readonly NotificationEntry[] {
    return [...this.#notifications.values()];
  }

  get lifecycle(): readonly LifecycleNotificationEntry[] {
    return [...this.#lifecycle.values()];
  }

  get attempts(): readonly AttemptEntry[] {
    return [...this.#attempts];
  }

  get handshakes(): readonly HandshakeEntry[] {
    return [...this.#handshakes];
  }

  recordChange(change: Omit<ChangeEntry, "seq">): ChangeEntry {
    const entry: ChangeEntry = { seq: this.#changes.length + 1, ...change };
    this.#changes.push(entry);
    return entry;
  }

  recordAttempt(attempt: Omit<AttemptEntry, "seq">): AttemptEntry {
    const entry: AttemptEntry = { seq: this.#attempts.length + 1, ...attempt };
    this.#attempts.push(entry);
    return entry;
  }

  recordHandshake(handshake: Omit<HandshakeEntry, "seq">): HandshakeEntry {
    const entry: HandshakeEntry = { seq: this.#handshakes.length + 1, ...handshake };
    this.#handshakes.push(entry);
    return entry;
  }

  /** Notes a notification that must now be delivered. */
  owe(notification: Omit<NotificationEntry, "state" | "settledAt">): NotificationEntry {
    const entry: NotificationEntry = { ...notification, state: "pending", settledAt: null };
    this.#notifications.set(entry.id, entry);
    this.#pendingCount += 1;
    return entry;
  }

  /** Notes a lifecycle notification that must now be delivered. */
  oweLifecycle(
    notification: Omit<LifecycleNotificationEntry, "state" | "settledAt">,
  ): LifecycleNotificationEntry {
    const entry: LifecycleNotificationEntry = { ...notification, state: "pending", settledAt: null };
    this.#lifecycle.set(entry.id, entry);
    this.#pendingCount += 1;
    return entry;
  }

  /** Whether a lifecycle notification is still on its way. */
  isLifecyclePending(id: string): boolean {
    return this.#lifecycle.get(id)?.state === "pending";
  }

  /**
   * Ends pending notifications of both kinds; ids that are unknown or settled already are passed over.
   *
   * @returns those that told of changes
   */
  settle(
    ids: readonly string[],
    state: Exclude<NotificationState, "pending">,
    at: number,
  ): readonly NotificationEntry[] {
    const settled: NotificationEntry[] = [];
    for (const id of ids) {
      this.#settleLifecycle(id, state, at);
      const entry = this.#notifications.get(id);
      if (entry?.state !== "pending") continue;
      const next: NotificationEntry = { ...entry, state, settledAt: at };
      this.#notifications.set(id, next);
      settled.push(next);
    }
    this.#pendingCount -= settled.length;
    if (this.#pendingCount === 0) this.#release((waiter) => waiter.resolve());
    return settled;
  }

  #settleLifecycle(id: string, state: Exclude<NotificationState, "pending">, at: number): void {
    const entry = this.#lifecycle.get(id);
    if (entry?.state !== "pending") return;
    this.#lifecycle.set(id, { ...entry, state, settledAt: at });
    this.#pendingCount -= 1;
  }

  /** Resolves when nothing is pending, at once when nothing is. */
  settled(): Promise<void> {
    if (this.#pendingCount === 0) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Rejects whoever still waits for {@link settled}: nothing will be delivered any more. */
  abandon(): void {
    this.#release((waiter) => waiter.reject(new Error("The simulator closed with notifications pending")));
  }

  /** Forgets everything; nothing is pending afterwards. */
  clear(): void {
    this.#changes = [];
    this.#attempts = [];
    this.#handshakes = [];
    this.#notifications.clear();
    this.#lifecycle.clear();
    this.#pendingCount = 0;
    this.#release((waiter) => waiter.resolve());
  }

  #release(how: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) how(waiter);
  }
}
