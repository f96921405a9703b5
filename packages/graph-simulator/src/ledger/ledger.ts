import type {
  AttemptEntry,
  ChangeEntry,
  HandshakeEntry,
  LedgerEntries,
  LedgerKind,
  LedgerTotals,
  LifecycleNotificationEntry,
  NotificationEntry,
} from "./ledger-entries.ts";
import { pickEntries, type Facts, type LedgerPage, type LedgerQuery } from "./ledger-query.ts";
import { OwedEntries, type Owed, type SettledState } from "./owed-entries.ts";

/** Everything that happened, in order. Each property is a snapshot. */
export interface SimulatorLedger {
  readonly changes: readonly ChangeEntry[];
  readonly notifications: readonly NotificationEntry[];
  readonly lifecycle: readonly LifecycleNotificationEntry[];
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

/** What is not known before something is owed. */
type Unowed<Entry extends Owed> = Omit<Entry, "seq" | "state" | "settledAt">;

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
    isUntold: isUntold(entry),
  }),
  lifecycle: (entry) => ({ ...entry, at: entry.owedAt, isUntold: isUntold(entry) }),
  attempts: ({ startedAt, url }) => ({ at: startedAt, url }),
  handshakes: ({ startedAt, url, subscriptionId }) => ({ at: startedAt, url, subscriptionId }),
};

/** Entries beyond the number to be kept that may gather before the oldest are forgotten, all at once. */
const SLACK = 1.25;

/** The book of changes, of what was owed for them, of attempts and handshakes. Of each kind it keeps the latest. */
export class Ledger implements SimulatorLedger {
  readonly #keep: number;
  #changes: ChangeEntry[] = [];
  #attempts: AttemptEntry[] = [];
  #handshakes: HandshakeEntry[] = [];
  readonly #notifications: OwedEntries<NotificationEntry>;
  readonly #lifecycle: OwedEntries<LifecycleNotificationEntry>;
  #counts = noCounts();
  #waiters: Waiter[] = [];

  /** @param keep how many entries of each kind are kept */
  constructor(keep: number = Number.POSITIVE_INFINITY) {
    this.#keep = keep;
    this.#notifications = new OwedEntries(keep, SLACK);
    this.#lifecycle = new OwedEntries(keep, SLACK);
  }

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

  get totals(): LedgerTotals {
    return {
      ...this.#counts,
      notifications: this.#notifications.counts,
      lifecycle: this.#lifecycle.counts,
    };
  }

  find<Kind extends LedgerKind>(kind: Kind, query: LedgerQuery = {}): LedgerPage<LedgerEntries[Kind]> {
    const entries: { readonly [Each in LedgerKind]: Iterable<LedgerEntries[Each]> } = {
      changes: this.#changes,
      notifications: this.#notifications.values(),
      lifecycle: this.#lifecycle.values(),
      attempts: this.#attempts,
      handshakes: this.#handshakes,
    };
    const told = query.untold === true && kind === "changes" ? this.#toldChanges() : new Set<number>();
    return pickEntries(entries[kind], (entry) => FACTS[kind](entry, told), query);
  }

  recordChange(change: Omit<ChangeEntry, "seq">): ChangeEntry {
    const entry: ChangeEntry = { seq: ++this.#counts.changes, ...change };
    this.#changes = this.#append(this.#changes, entry);
    return entry;
  }

  recordAttempt(attempt: Omit<AttemptEntry, "seq">): AttemptEntry {
    const entry: AttemptEntry = { seq: ++this.#counts.attempts, ...attempt };
    this.#attempts = this.#append(this.#attempts, entry);
    return entry;
  }

  recordHandshake(handshake: Omit<HandshakeEntry, "seq">): HandshakeEntry {
    const entry: HandshakeEntry = { seq: ++this.#counts.handshakes, ...handshake };
    this.#handshakes = this.#append(this.#handshakes, entry);
    return entry;
  }

  /** Notes a notification that must now be delivered. */
  owe(notification: Unowed<NotificationEntry>): NotificationEntry {
    return this.#notifications.owe((seq) => ({ seq, ...notification, state: "pending", settledAt: null }));
  }

  /** Notes a lifecycle notification that must now be delivered. */
  oweLifecycle(notification: Unowed<LifecycleNotificationEntry>): LifecycleNotificationEntry {
    return this.#lifecycle.owe((seq) => ({ seq, ...notification, state: "pending", settledAt: null }));
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
  settle(ids: readonly string[], state: SettledState, at: number): readonly NotificationEntry[] {
    const settled: NotificationEntry[] = [];
    for (const id of ids) {
      const entry = this.#notifications.settle(id, state, at);
      if (entry) settled.push(entry);
      else this.#lifecycle.settle(id, state, at);
    }
    if (this.#pendingCount() === 0) this.#release((waiter) => waiter.resolve());
    return settled;
  }

  /** Resolves when nothing is pending, at once when nothing is. */
  settled(): Promise<void> {
    if (this.#pendingCount() === 0) return Promise.resolve();
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
    this.#counts = noCounts();
    this.#release((waiter) => waiter.resolve());
  }

  #pendingCount(): number {
    return this.#notifications.pendingCount + this.#lifecycle.pendingCount;
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

  #toldChanges(): ReadonlySet<number> {
    const told = new Set<number>();
    for (const entry of this.#notifications.values()) {
      if (!isUntold(entry)) told.add(entry.changeSeq);
    }
    return told;
  }
}

/** Whether it never arrived and never will. */
function isUntold({ state }: Owed): boolean {
  return state !== "delivered" && state !== "pending";
}

function noCounts(): { changes: number; attempts: number; handshakes: number } {
  return { changes: 0, attempts: 0, handshakes: 0 };
}
