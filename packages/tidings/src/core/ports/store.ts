import type { DeadLetter, InboxItem, InboxRow, ParkedLane, Settlement, TokenSet } from "../inbox.ts";
import type { SubscriptionRow } from "../subscription.ts";

export interface AppendResult {
  readonly storedCount: number;
  /** Items whose identity was accepted before. */
  readonly duplicateCount: number;
}

export interface ScanQuery {
  readonly declaration: string;
  /** Where the last scan of this declaration ended; 0 for the beginning. */
  readonly after: number;
  /** Rows looked at, parked ones included. */
  readonly limit: number;
}

export interface ScanResult {
  /** In the order of acceptance, without those of parked lanes. */
  readonly rows: readonly InboxRow[];
  /** Where the next scan begins. */
  readonly scannedTo: number;
  /** False when there was less to look at than the limit. */
  readonly hasMore: boolean;
}

export interface LaneQuery extends ParkedLane {
  /** Only those whose `seq` is greater. */
  readonly after: number;
  /** Only those whose `seq` is not greater: where the last scan of the declaration ended. */
  readonly upTo: number;
  readonly limit: number;
}

/**
 * A part of a walk through rows in the order of their numbers. A walk ends with the last row there was when it began:
 * what comes meanwhile, and what comes back to where it has been, is not walked through.
 */
export interface Stretch {
  /** Only what has a greater number. @default 0 */
  readonly after?: number | undefined;
  /** Only what has no greater number. @default the greatest there is */
  readonly upTo?: number | undefined;
}

/** One step of a walk: the rows of a stretch, from its beginning. */
export interface StepQuery extends Stretch {
  /** Rows looked at, whether they are what is asked for or not: what a step costs does not hang on what it finds. */
  readonly limit: number;
}

export interface Step {
  /** Where the next step goes on; undefined when there is nothing left to look at. */
  readonly next: Stretch | undefined;
}

/** A step that did something to rows. */
export interface CountedStep extends Step {
  readonly count: number;
}

/** Which dead letters, or finished rows, by the order of their `originSeq`: all given conditions hold. */
export interface LetterQuery extends StepQuery {
  readonly declaration?: string | undefined;
  /** Canonical path. */
  readonly resourceKey?: string | undefined;
  /** `originSeq` of the letters. */
  readonly ids?: readonly number[] | undefined;
  /** Received at or after, epoch milliseconds. */
  readonly since?: number | undefined;
}

/**
 * The right of one holder to run the rows of the inbox. In a store of one process it is there for the asking, and ends
 * the one before. Where several machines share a store it ends by itself unless it is renewed, which the store does.
 */
export interface Lease {
  /** Rises with each lease: what an earlier holder still writes is told from it. */
  readonly epoch: number;
  /** Aborts when another may have the right: what runs by then may be run a second time. */
  readonly lost: AbortSignal;
}

/** What waits for a declaration that is there no more. */
export interface UndeclaredRows {
  readonly declaration: string;
  readonly waiting: number;
  /** When the oldest was received, epoch milliseconds. */
  readonly oldestAt: number;
}

/** Which rows to give up without an attempt, by the order of their `seq`. */
export interface BuryQuery extends StepQuery {
  readonly declaration: string;
  /** Received before, epoch milliseconds. */
  readonly receivedBefore: number;
  readonly endedAt: number;
  readonly error: string;
}

/** Which rows to throw away, by the order of their numbers: `seq` in the inbox, `originSeq` elsewhere. */
export interface TenantPurge extends StepQuery {
  /** In lower case. Rows are told by the notification they hold, so also those whose subscription is forgotten. */
  readonly tenantId: string;
  readonly place: "inbox" | "dead" | "history";
}

export interface SweepQuery {
  /** Identities accepted before are forgotten, epoch milliseconds. */
  readonly seenBefore: number;
  /** Finished rows of before are forgotten, epoch milliseconds. */
  readonly historyBefore: number;
  /** Rows removed at most, so that nothing waits long. */
  readonly limit: number;
}

export interface SubscriptionQuery {
  /** Only those whose key is greater. @default from the first */
  readonly after?: string | undefined;
  /** @default all tenants */
  readonly tenantId?: string | undefined;
  readonly limit: number;
}

export interface ClaimQuery {
  /** Epoch milliseconds. */
  readonly now: number;
  /** When they may be claimed by others, whatever became of the claimant. Epoch milliseconds. */
  readonly until: number;
  readonly limit: number;
}

/** When Graph last sent something for a subscription. */
export interface Heard {
  readonly key: string;
  /** Epoch milliseconds. */
  readonly heardAt: number;
}

export interface SubscriptionCounts {
  readonly total: number;
  /** Of which Graph has none. */
  readonly missing: number;
  /** That wait for a person. */
  readonly parked: number;
}

/**
 * What is worth keeping beside the rows, a few for each tenant at most: tenants, what is declared, ceilings that Graph
 * told of, when a tenant was audited, since when a certificate or a former signing key is not needed, and secrets that
 * were made after the first.
 */
export type NoteKind =
  | "tenant"
  | "declared"
  | "ceiling"
  | "audit"
  | "certificate"
  | "former-signer"
  | "secret";

export interface Note {
  readonly kind: NoteKind;
  readonly key: string;
  readonly value: string;
}

export interface StoreCounts {
  readonly waiting: number;
  readonly dead: number;
}

/**
 * What must survive a crash. Every store passes the same suite, `storeConformance` of `tidings/testing`.
 *
 * Methods reject with `StoreError` when the store cannot do it now, and with `StoreBrokenError` when it never will.
 * Stores decide nothing: what to write comes from the caller.
 */
export interface Store {
  /**
   * Writes all items or none, in this order; durable when it resolves. An item whose (declaration, identity) was
   * accepted before, finished or not, is dropped.
   *
   * @param tokens those that items name; kept for as long as an unfinished, dead or replayable row names them
   * @throws StoreBusyError at once, when too much waits to be written already
   */
  append(items: readonly InboxItem[], tokens?: TokenSet): Promise<AppendResult>;
  /** The tokens kept under a key; none when there are none. */
  getTokens(key: string): Promise<readonly string[]>;
  /** Calls `listener` after rows were added, by whomever. @returns a function that ends it */
  onAppended(listener: () => void): () => void;
  /**
   * Looks at the rows of a declaration that no scan has looked at before. What it passes over because its lane is
   * parked is found through its lane later.
   */
  scan(query: ScanQuery): Promise<ScanResult>;
  /** Rows of one lane, in the order of acceptance. */
  loadLane(query: LaneQuery): Promise<InboxRow[]>;
  /**
   * Parked lanes of the declarations whose time has come, or that were parked later than now, by a clock that was
   * ahead; they are parked no more.
   */
  takeDueLanes(query: { declarations: readonly string[]; now: number; limit: number }): Promise<ParkedLane[]>;
  /** When the next parked lane is due, by their times alone, or undefined when none is parked. */
  nextLaneAt(declarations: readonly string[]): Promise<number | undefined>;
  /** @returns undefined while another machine holds it */
  lease(): Promise<Lease | undefined>;
  /** Gives the right back, so that the next need not wait for its end. Nothing, when it was lost before. */
  release(lease: Lease): Promise<void>;
  /**
   * Writes outcomes; a row that is gone is passed over. With history, finished rows are kept.
   *
   * @throws LeaseLostError, and writes nothing, when another lease was given since
   */
  settle(
    settlements: readonly Settlement[],
    lease: Lease,
    options?: { keepHistory?: boolean },
  ): Promise<void>;

  /** Rows of declarations other than these: nobody runs them. */
  listUndeclared(declared: readonly string[]): Promise<UndeclaredRows[]>;
  /** Makes rows dead letters. Lanes that were parked until before that time are parked no more. */
  bury(query: BuryQuery): Promise<CountedStep>;

  /** In the order they were accepted. */
  listDead(query: LetterQuery): Promise<Step & { readonly letters: readonly DeadLetter[] }>;
  /** Puts dead letters at the end of the inbox, with no failures. Those of a replay stay its own. */
  redrive(query: LetterQuery): Promise<CountedStep>;
  purgeDead(query: LetterQuery): Promise<CountedStep>;
  /** Copies finished rows to the end of the inbox. */
  replay(query: LetterQuery & { runId: string }): Promise<CountedStep>;
  /** Throws away what is held of a tenant's notifications, whatever became of them. Their lanes are parked no more. */
  purgeTenant(query: TenantPurge): Promise<CountedStep>;
  /** @returns how many were removed */
  sweep(query: SweepQuery): Promise<number>;

  getSubscription(key: string): Promise<SubscriptionRow | undefined>;
  /** In the order of their keys. */
  listSubscriptions(query: SubscriptionQuery): Promise<SubscriptionRow[]>;
  /**
   * Takes rows that are due (`dueAtOf` at or before `now`), those of the soonest `deadlineOf` first: their
   * `claimedUntil` becomes `until`, so that nobody else is given them, and their version rises.
   */
  claimSubscriptions(query: ClaimQuery): Promise<SubscriptionRow[]>;
  /** The earliest `dueAtOf`, or undefined without rows. */
  nextSubscriptionAt(): Promise<number | undefined>;
  /**
   * Writes the row, but for its `heardAt`, if the stored one has the row's version (0: none is stored).
   * @returns the row with its new version, or undefined when another write came first
   */
  putSubscription(row: SubscriptionRow): Promise<SubscriptionRow | undefined>;
  /** Deletes the row if the stored one has the row's version. */
  deleteSubscription(row: SubscriptionRow): Promise<boolean>;
  /** Sets `heardAt` of rows, where it is later than what is there; their versions stay. */
  noteHeard(heard: readonly Heard[]): Promise<void>;
  countSubscriptions(): Promise<SubscriptionCounts>;

  /** Keeps a small thing under its kind and key; a later one takes its place. */
  putNote(note: Note): Promise<void>;
  /** In the order of their keys. */
  listNotes(kind: NoteKind): Promise<Note[]>;
  deleteNote(note: Pick<Note, "kind" | "key">): Promise<void>;

  /** What is kept under a name for as long as the store lives: `fresh`, if nothing is yet. */
  keep(name: "app" | "secret", fresh: string): Promise<string>;
  counts(): Promise<StoreCounts>;
  close(): Promise<void>;
}

/** A store that is not open yet: what `sqlite(…)` and its like return. */
export interface StoreProvider {
  /** Says what and where, for messages; never a credential. */
  readonly description: string;
  /** True when its stores can be used from several threads at once. */
  readonly allowsThreads?: boolean;
  /** @throws StoreError, StoreTooNewError, StoreInUseError, UnsuitableFileSystemError */
  open(): Promise<Store>;
}
