import type { HandshakeOutcome, HandshakePurpose } from "./subscriptions/handshake-outcome.ts";
import type { ChangeType } from "./subscriptions/change-type.ts";
import { pickEntries, type Facts, type LedgerPage, type LedgerQuery } from "./ledger-query.ts";

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
 * within the retry window failed; `dropped` when the endpoint was too slow to be sent anything; `lost` when a fault had
 * it so. All but the first are final.
 */
export const NOTIFICATION_STATES = ["pending", "delivered", "expired", "dropped", "lost"] as const;

export type NotificationState = (typeof NOTIFICATION_STATES)[number];

/** One notification owed to one subscription because of one change. */
export interface NotificationEntry {
  /** Counts from 1 in the order they were owed. */
  readonly seq: number;
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
  /** Milliseconds, without the jumps of the clock. */
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
  /** Milliseconds, without the jumps of the clock. */
  readonly durationMs: number;
  readonly outcome: HandshakeOutcome;
}

/** The kinds of entries, and what they are. */
export interface LedgerEntries {
  readonly changes: ChangeEntry;
  readonly notifications: NotificationEntry;
  readonly attempts: AttemptEntry;
  readonly handshakes: HandshakeEntry;
}

export const LEDGER_KINDS = ["changes", "notifications", "attempts", "handshakes"] as const;

export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** How many there have been since the start or the last reset, forgotten ones too. */
export interface LedgerTotals {
  readonly changes: number;
  readonly notifications: Readonly<Record<NotificationState, number>>;
  readonly attempts: number;
  readonly handshakes: number;
}

/** Everything that happened, in order. Each property is a snapshot. */
export interface SimulatorLedger {
  readonly changes: readonly ChangeEntry[];
  readonly notifications: readonly NotificationEntry[];
  readonly attempts: readonly AttemptEntry[];
  readonly handshakes: readonly HandshakeEntry[];
  readonly totals: LedgerTotals;
  /** The entries of a kind that fit, in order. */
  find<Kind extends LedgerKind>(kind: Kind, query?: LedgerQuery): LedgerPage<LedgerEntries[Kind]>;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** What filters look at, by kind; `told` has the changes somebody was told of or will be. */
type FactReaders = {
  readonly [Kind in LedgerKind]: (entry: LedgerEntries[Kind], told: ReadonlySet<number>) => Facts;
};

const FACTS: FactReaders = {
  changes: (entry, told) => ({ ...entry, isUntold: !told.has(entry.seq) }),
  notifications: (entry) => ({
    ...entry,
    at: entry.owedAt,
    url: entry.notificationUrl,
    isUntold: entry.state !== "delivered" && entry.state !== "pending",
  }),
  attempts: ({ startedAt, url }) => ({ at: startedAt, url }),
  handshakes: ({ startedAt, url, subscriptionId }) => ({ at: startedAt, url, subscriptionId }),
};

/** Entries beyond the number to be kept that may gather before the oldest are forgotten, all at once. */
const SLACK = 1.25;

/**
 * The book of changes, notifications, attempts and handshakes.
 *
 * Of each kind it keeps the latest; a notification that is pending is never forgotten.
 * Invariant: a notification leaves `pending` once and never comes back.
 */
export class Ledger implements SimulatorLedger {
  readonly #keep: number;
  #changes: ChangeEntry[] = [];
  #attempts: AttemptEntry[] = [];
  #handshakes: HandshakeEntry[] = [];
  readonly #notifications = new Map<string, NotificationEntry>();
  #totals = noTotals();
  #pendingCount = 0;
  #waiters: Waiter[] = [];

  /** @param keep how many entries of each kind are kept */
  constructor(keep: number = Number.POSITIVE_INFINITY) {
    this.#keep = keep;
  }

  get changes(): readonly ChangeEntry[] {
    return [...this.#changes];
  }

  get notifications(): readonly NotificationEntry[] {
    return [...this.#notifications.values()];
  }

  get attempts(): readonly AttemptEntry[] {
    return [...this.#attempts];
  }

  get handshakes(): readonly HandshakeEntry[] {
    return [...this.#handshakes];
  }

  get totals(): LedgerTotals {
    const { changes, attempts, handshakes, notifications } = this.#totals;
    return {
      changes,
      attempts,
      handshakes,
      notifications: { pending: this.#pendingCount, ...notifications },
    };
  }

  find<Kind extends LedgerKind>(kind: Kind, query: LedgerQuery = {}): LedgerPage<LedgerEntries[Kind]> {
    const entries: { readonly [Each in LedgerKind]: Iterable<LedgerEntries[Each]> } = {
      changes: this.#changes,
      notifications: this.#notifications.values(),
      attempts: this.#attempts,
      handshakes: this.#handshakes,
    };
    const told = query.untold === true && kind === "changes" ? this.#toldChanges() : new Set<number>();
    return pickEntries(entries[kind], (entry) => FACTS[kind](entry, told), query);
  }

  recordChange(change: Omit<ChangeEntry, "seq">): ChangeEntry {
    const entry: ChangeEntry = { seq: ++this.#totals.changes, ...change };
    this.#changes = this.#append(this.#changes, entry);
    return entry;
  }

  recordAttempt(attempt: Omit<AttemptEntry, "seq">): AttemptEntry {
    const entry: AttemptEntry = { seq: ++this.#totals.attempts, ...attempt };
    this.#attempts = this.#append(this.#attempts, entry);
    return entry;
  }

  recordHandshake(handshake: Omit<HandshakeEntry, "seq">): HandshakeEntry {
    const entry: HandshakeEntry = { seq: ++this.#totals.handshakes, ...handshake };
    this.#handshakes = this.#append(this.#handshakes, entry);
    return entry;
  }

  /** Notes a notification that must now be delivered. */
  owe(notification: Omit<NotificationEntry, "seq" | "state" | "settledAt">): NotificationEntry {
    const seq = ++this.#totals.owed;
    const entry: NotificationEntry = { seq, ...notification, state: "pending", settledAt: null };
    this.#notifications.set(entry.id, entry);
    this.#pendingCount += 1;
    if (this.#notifications.size > this.#keep * SLACK) this.#forgetSettled();
    return entry;
  }

  /** Ends pending notifications; ids that are unknown or settled already are passed over. */
  settle(
    ids: readonly string[],
    state: Exclude<NotificationState, "pending">,
    at: number,
  ): readonly NotificationEntry[] {
    const settled: NotificationEntry[] = [];
    for (const id of ids) {
      const entry = this.#notifications.get(id);
      if (entry?.state !== "pending") continue;
      const next: NotificationEntry = { ...entry, state, settledAt: at };
      this.#notifications.set(id, next);
      settled.push(next);
    }
    this.#totals.notifications[state] += settled.length;
    this.#pendingCount -= settled.length;
    if (this.#pendingCount === 0) this.#release((waiter) => waiter.resolve());
    return settled;
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
    this.#totals = noTotals();
    this.#pendingCount = 0;
    this.#release((waiter) => waiter.resolve());
  }

  #release(how: (waiter: Waiter) => void): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) how(waiter);
  }

  #append<Entry>(entries: Entry[], entry: Entry): Entry[] {
    entries.push(entry);
    return entries.length > this.#keep * SLACK ? entries.slice(-this.#keep) : entries;
  }

  #forgetSettled(): void {
    for (const entry of this.#notifications.values()) {
      if (this.#notifications.size <= this.#keep) return;
      if (entry.state !== "pending") this.#notifications.delete(entry.id);
    }
  }

  #toldChanges(): ReadonlySet<number> {
    const told = new Set<number>();
    for (const { state, changeSeq } of this.#notifications.values()) {
      if (state === "delivered" || state === "pending") told.add(changeSeq);
    }
    return told;
  }
}

function noTotals(): {
  changes: number;
  owed: number;
  attempts: number;
  handshakes: number;
  notifications: Record<Exclude<NotificationState, "pending">, number>;
} {
  return {
    changes: 0,
    owed: 0,
    attempts: 0,
    handshakes: 0,
    notifications: { delivered: 0, expired: 0, dropped: 0, lost: 0 },
  };
}
