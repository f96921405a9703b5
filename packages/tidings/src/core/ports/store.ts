import type { InboxItem, InboxRow, Settlement } from "../inbox.ts";
import type { SubscriptionRow } from "../subscription.ts";

export interface AppendResult {
  readonly storedCount: number;
  /** Items whose identity was accepted before. */
  readonly duplicateCount: number;
}

export interface LoadQuery {
  /** Rows in hand already; they are passed over. */
  readonly except: ReadonlySet<number>;
  readonly limit: number;
}

export interface StoreCounts {
  readonly waiting: number;
  readonly dead: number;
}

/**
 * What must survive a crash. Every store passes the same suite, `storeConformance` of `tidings/testing`.
 *
 * Methods reject with `StoreError` when the store cannot do it now. Stores decide nothing: what to write comes from
 * the caller.
 */
export interface Store {
  /**
   * Writes all items or none, in this order; durable when it resolves. An item whose (declaration, identity) was
   * accepted before, finished or not, is dropped.
   */
  append(items: readonly InboxItem[]): Promise<AppendResult>;
  /** The oldest unfinished rows, in the order of acceptance, waiting for retry or not. */
  load(query: LoadQuery): Promise<InboxRow[]>;
  /** Writes outcomes; a row that is gone is passed over. */
  settle(settlements: readonly Settlement[]): Promise<void>;

  getSubscription(key: string): Promise<SubscriptionRow | undefined>;
  listSubscriptions(): Promise<SubscriptionRow[]>;
  /** Rows with `nextActionAt <= now`, the most overdue first. */
  dueSubscriptions(query: { now: number; limit: number }): Promise<SubscriptionRow[]>;
  /** The earliest `nextActionAt`, or undefined without rows. */
  nextSubscriptionAt(): Promise<number | undefined>;
  /**
   * Writes the row if the stored one has the row's version (0: none is stored).
   * @returns the row with its new version, or undefined when another write came first
   */
  putSubscription(row: SubscriptionRow): Promise<SubscriptionRow | undefined>;
  /** Deletes the row if the stored one has the row's version. */
  deleteSubscription(row: SubscriptionRow): Promise<boolean>;

  /** What is kept under a name for as long as the store lives: `fresh`, if nothing is yet. */
  keep(name: "app" | "secret", fresh: string): Promise<string>;
  counts(): Promise<StoreCounts>;
  close(): Promise<void>;
}

/** A store that is not open yet: what `sqlite(…)` and its like return. */
export interface StoreProvider {
  /** Says what and where, for messages; never a credential. */
  readonly description: string;
  /** @throws StoreError, StoreTooNewError, StoreInUseError */
  open(): Promise<Store>;
}
