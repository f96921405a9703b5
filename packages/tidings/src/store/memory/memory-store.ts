import { tenantIdOf } from "../../core/delivery.ts";
import { LeaseLostError } from "../../core/errors.ts";
import type { DeadLetter, InboxItem, InboxRow, ParkedLane, Settlement, TokenSet } from "../../core/inbox.ts";
import { laneOf } from "../../core/lane.ts";
import type {
  AppendResult,
  BuryQuery,
  ClaimQuery,
  CountedStep,
  Heard,
  LaneQuery,
  Lease,
  LetterQuery,
  Note,
  NoteKind,
  ScanQuery,
  ScanResult,
  Step,
  StepQuery,
  Store,
  StoreCounts,
  SubscriptionCounts,
  SubscriptionQuery,
  SweepQuery,
  TenantPurge,
  UndeclaredRows,
} from "../../core/ports/store.ts";
import { deadlineOf, dueAtOf, type SubscriptionRow } from "../../core/subscription.ts";

interface FinishedRow extends InboxRow {
  readonly endedAt: number;
}

interface Parked extends ParkedLane {
  readonly parkedAt: number;
  readonly until: number;
}

/** The store's contract in its plainest form; other stores are compared with it. */
export class MemoryStore implements Store {
  #lastSeq = 0;
  #epoch = 0;
  #leaseLost = new AbortController();
  /** In the order of `seq`. */
  readonly #inbox = new Map<number, InboxRow>();
  /** Until when, by lane. */
  readonly #parked = new Map<string, Parked>();
  /** When it was accepted, by declaration and identity. */
  readonly #seen = new Map<string, number>();
  /** By `originSeq`, like the history: a row has one letter and one finished row, however often it comes back. */
  readonly #dead = new Map<number, DeadLetter>();
  readonly #history = new Map<number, FinishedRow>();
  readonly #tokens = new Map<string, readonly string[]>();
  readonly #subscriptions = new Map<string, SubscriptionRow>();
  readonly #notes = new Map<string, Note>();
  readonly #kept = new Map<string, string>();
  readonly #listeners = new Set<() => void>();

  async append(items: readonly InboxItem[], tokens?: TokenSet): Promise<AppendResult> {
    const stored = items.filter((item) => this.#isNew(item));
    if (tokens !== undefined) this.#tokens.set(tokens.key, tokens.tokens);
    this.#add(stored);
    return { storedCount: stored.length, duplicateCount: items.length - stored.length };
  }

  async getTokens(key: string): Promise<readonly string[]> {
    return this.#tokens.get(key) ?? [];
  }

  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async scan({ declaration, after, limit }: ScanQuery): Promise<ScanResult> {
    const rows = [...this.#inbox.values()]
      .filter((row) => row.declaration === declaration && row.seq > after)
      .slice(0, limit);
    return {
      rows: rows.filter(({ lane }) => !this.#parked.has(lane)),
      scannedTo: rows.at(-1)?.seq ?? after,
      hasMore: rows.length === limit,
    };
  }

  async loadLane({ lane, after, upTo, limit }: LaneQuery): Promise<InboxRow[]> {
    return [...this.#inbox.values()]
      .filter((row) => row.lane === lane && row.seq > after && row.seq <= upTo)
      .slice(0, limit);
  }

  async takeDueLanes(query: {
    declarations: readonly string[];
    now: number;
    limit: number;
  }): Promise<ParkedLane[]> {
    const due = this.#parkedOf(query.declarations)
      .filter(({ parkedAt, until }) => until <= query.now || parkedAt > query.now)
      .slice(0, query.limit);
    for (const { lane } of due) this.#parked.delete(lane);
    return due.map(({ declaration, lane }) => ({ declaration, lane }));
  }

  async nextLaneAt(declarations: readonly string[]): Promise<number | undefined> {
    return this.#parkedOf(declarations)[0]?.until;
  }

  async lease(): Promise<Lease> {
    this.#leaseLost.abort();
    this.#leaseLost = new AbortController();
    this.#epoch += 1;
    return { epoch: this.#epoch, lost: this.#leaseLost.signal };
  }

  /** Nothing: the next need not wait. */
  async release(): Promise<void> {}

  async settle(
    settlements: readonly Settlement[],
    { epoch }: Lease,
    { keepHistory = false }: { keepHistory?: boolean } = {},
  ): Promise<void> {
    if (epoch !== this.#epoch) throw new LeaseLostError();
    for (const settlement of settlements) {
      const row = this.#inbox.get(settlement.seq);
      if (row !== undefined) this.#settleOne(row, settlement, keepHistory);
    }
  }

  async listUndeclared(declared: readonly string[]): Promise<UndeclaredRows[]> {
    const rows = [...this.#inbox.values()].filter(({ declaration }) => !declared.includes(declaration));
    return [...Map.groupBy(rows, ({ declaration }) => declaration)]
      .map(([declaration, own]) => ({
        declaration,
        waiting: own.length,
        oldestAt: Math.min(...own.map(({ receivedAt }) => receivedAt)),
      }))
      .toSorted((a, b) => (a.declaration < b.declaration ? -1 : 1));
  }

  async bury({ declaration, receivedBefore, endedAt, error, ...query }: BuryQuery): Promise<CountedStep> {
    const own = new Map([...this.#inbox].filter(([, row]) => row.declaration === declaration));
    const { lookedAt, next } = stepOf(own, query);
    const rows = lookedAt.filter(({ receivedAt }) => receivedAt < receivedBefore);
    for (const row of rows) {
      const { seq, failures } = row;
      this.#settleOne(row, { kind: "dead", seq, failures, endedAt, error }, false);
    }
    for (const { lane, until } of this.#parkedOf([declaration]))
      if (until < receivedBefore) this.#parked.delete(lane);
    return { count: rows.length, next };
  }

  async listDead(query: LetterQuery): Promise<Step & { letters: DeadLetter[] }> {
    const { found, next } = lettersOf(this.#dead, query);
    return { letters: found, next };
  }

  async redrive(query: LetterQuery): Promise<CountedStep> {
    const { found } = lettersOf(this.#dead, query);
    this.#add(found.map((letter) => ({ ...letter, comeback: letter.comeback ?? "redrive" })));
    return this.purgeDead(query);
  }

  async purgeDead(query: LetterQuery): Promise<CountedStep> {
    const { found, next } = lettersOf(this.#dead, query);
    for (const { originSeq } of found) this.#dead.delete(originSeq);
    return { count: found.length, next };
  }

  async replay({ runId, ...query }: LetterQuery & { runId: string }): Promise<CountedStep> {
    const { found, next } = lettersOf(this.#history, query);
    this.#add(found.map((row) => ({ ...row, comeback: runId })));
    return { count: found.length, next };
  }

  async purgeTenant({ tenantId, place, ...query }: TenantPurge): Promise<CountedStep> {
    const places = { inbox: this.#inbox, dead: this.#dead, history: this.#history };
    const rows: Map<number, InboxRow> = places[place];
    const { lookedAt, next } = stepOf(rows, query);
    const found = lookedAt.filter(({ body }) => tenantIdOf(body.raw) === tenantId);
    for (const { seq, originSeq, lane } of found) {
      rows.delete(place === "inbox" ? seq : originSeq);
      if (place === "inbox") this.#parked.delete(lane);
    }
    return { count: found.length, next };
  }

  async sweep({ seenBefore, historyBefore, limit }: SweepQuery): Promise<number> {
    const seen = [...this.#seen].filter(([, at]) => at < seenBefore).slice(0, limit);
    const finished = [...this.#history.values()]
      .filter(({ endedAt }) => endedAt < historyBefore)
      .slice(0, limit - seen.length);
    for (const [key] of seen) this.#seen.delete(key);
    for (const { originSeq } of finished) this.#history.delete(originSeq);
    const named = new Set(
      [this.#inbox, this.#dead, this.#history].flatMap((rows) =>
        [...rows.values()].map((row) => row.tokensKey),
      ),
    );
    const unnamed = [...this.#tokens.keys()]
      .filter((key) => !named.has(key))
      .slice(0, limit - seen.length - finished.length);
    for (const key of unnamed) this.#tokens.delete(key);
    return seen.length + finished.length + unnamed.length;
  }

  async getSubscription(key: string): Promise<SubscriptionRow | undefined> {
    return this.#subscriptions.get(key);
  }

  async listSubscriptions({ after = "", tenantId, limit }: SubscriptionQuery): Promise<SubscriptionRow[]> {
    return [...this.#subscriptions.values()]
      .filter((row) => row.key > after && (tenantId === undefined || row.tenantId === tenantId))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))
      .slice(0, limit);
  }

  async claimSubscriptions({ now, until, limit }: ClaimQuery): Promise<SubscriptionRow[]> {
    const claimed = [...this.#subscriptions.values()]
      .filter((row) => dueAtOf(row) <= now)
      .toSorted((a, b) => deadlineOf(a) - deadlineOf(b))
      .slice(0, limit)
      .map((row) => ({ ...row, claimedUntil: until, version: row.version + 1 }));
    for (const row of claimed) this.#subscriptions.set(row.key, row);
    return claimed;
  }

  async nextSubscriptionAt(): Promise<number | undefined> {
    let next: number | undefined;
    for (const row of this.#subscriptions.values()) next = Math.min(next ?? Infinity, dueAtOf(row));
    return next;
  }

  async putSubscription(row: SubscriptionRow): Promise<SubscriptionRow | undefined> {
    if (!Number.isInteger(row.nextActionAt) || !Number.isInteger(deadlineOf(row))) {
      throw new TypeError(
        `Expected whole milliseconds in a subscription, got ${row.nextActionAt} and ${deadlineOf(row)}`,
      );
    }
    if ((this.#subscriptions.get(row.key)?.version ?? 0) !== row.version) return undefined;
    const heardAt = this.#subscriptions.get(row.key)?.heardAt ?? null;
    const stored = { ...row, heardAt, version: row.version + 1 };
    this.#subscriptions.set(row.key, stored);
    return stored;
  }

  async deleteSubscription({ key, version }: SubscriptionRow): Promise<boolean> {
    return this.#subscriptions.get(key)?.version === version && this.#subscriptions.delete(key);
  }

  async noteHeard(heard: readonly Heard[]): Promise<void> {
    for (const { key, heardAt } of heard) {
      const row = this.#subscriptions.get(key);
      if (row !== undefined && heardAt > (row.heardAt ?? 0))
        this.#subscriptions.set(key, { ...row, heardAt });
    }
  }

  async countSubscriptions(): Promise<SubscriptionCounts> {
    const rows = [...this.#subscriptions.values()];
    return {
      total: rows.length,
      missing: rows.filter(({ graph }) => graph === null).length,
      parked: rows.filter(({ parked }) => parked !== null).length,
    };
  }

  async putNote(note: Note): Promise<void> {
    this.#notes.set(JSON.stringify([note.kind, note.key]), note);
  }

  async listNotes(kind: NoteKind): Promise<Note[]> {
    return [...this.#notes.values()]
      .filter((note) => note.kind === kind)
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  async deleteNote({ kind, key }: Pick<Note, "kind" | "key">): Promise<void> {
    this.#notes.delete(JSON.stringify([kind, key]));
  }

  async keep(name: "app" | "secret", fresh: string): Promise<string> {
    const kept = this.#kept.get(name) ?? fresh;
    this.#kept.set(name, kept);
    return kept;
  }

  async counts(): Promise<StoreCounts> {
    return { waiting: this.#inbox.size, dead: this.#dead.size };
  }

  async close(): Promise<void> {}

  #isNew({ declaration, identity, receivedAt }: InboxItem): boolean {
    if (identity === undefined) return true;
    const key = JSON.stringify([declaration, identity]);
    if (this.#seen.has(key)) return false;
    this.#seen.set(key, receivedAt);
    return true;
  }

  /** Puts items, or rows that come back, at the end of the inbox. */
  #add(items: readonly (InboxItem & { originSeq?: number; comeback?: string })[]): void {
    for (const item of items) {
      const seq = (this.#lastSeq += 1);
      const { originSeq = seq, comeback } = item;
      this.#inbox.set(seq, { ...itemOf(item), seq, originSeq, failures: 0, comeback });
    }
    if (items.length === 0) return;
    for (const listener of this.#listeners) listener();
  }

  #settleOne(row: InboxRow, settlement: Settlement, keepHistory: boolean): void {
    const { seq, originSeq } = row;
    switch (settlement.kind) {
      case "done":
        this.#inbox.delete(seq);
        if (keepHistory && !this.#history.has(originSeq)) {
          this.#history.set(originSeq, { ...row, endedAt: settlement.endedAt });
        }
        return;
      case "retry": {
        const { declaration, lane, failures, endedAt: parkedAt, until } = settlement;
        this.#inbox.set(seq, { ...row, failures });
        this.#parked.set(lane, { declaration, lane, parkedAt, until });
        return;
      }
      case "dead": {
        const { failures, endedAt: diedAt, error } = settlement;
        this.#inbox.delete(seq);
        this.#dead.set(originSeq, { ...row, seq: originSeq, failures, diedAt, error });
        return;
      }
    }
  }

  /** The first to be due first. */
  #parkedOf(declarations: readonly string[]): Parked[] {
    return [...this.#parked.values()]
      .filter(({ declaration }) => declarations.includes(declaration))
      .toSorted((a, b) => a.until - b.until);
  }
}

/** What a step looks at, of rows by their number. */
function stepOf<Row>(
  rows: ReadonlyMap<number, Row>,
  { after = 0, upTo, limit }: StepQuery,
): Step & { lookedAt: Row[] } {
  const sorted = [...rows].toSorted(([a], [b]) => a - b);
  const end = upTo ?? sorted.at(-1)?.[0] ?? after;
  const lookedAt = sorted.filter(([number]) => number > after && number <= end).slice(0, limit);
  const last = lookedAt.at(-1)?.[0] ?? after;
  return {
    lookedAt: lookedAt.map(([, row]) => row),
    next: lookedAt.length === limit ? { after: last, upTo: end } : undefined,
  };
}

/** Those of a query, in the order they were accepted. */
function lettersOf<Row extends InboxRow>(
  rows: ReadonlyMap<number, Row>,
  query: LetterQuery,
): Step & { found: Row[] } {
  const { lookedAt, next } = stepOf(rows, query);
  return { found: lookedAt.filter((row) => isAskedFor(row, query)), next };
}

function isAskedFor(row: InboxRow, { declaration, resourceKey, ids, since }: LetterQuery): boolean {
  return (
    (declaration === undefined || row.declaration === declaration) &&
    (resourceKey === undefined || row.lane === laneOf({ ...row, resourceKey })) &&
    (ids === undefined || ids.includes(row.originSeq)) &&
    (since === undefined || row.receivedAt >= since)
  );
}

/** Without what a row has of its own. */
function itemOf(item: InboxItem): InboxItem {
  const { declaration, subscriptionKey, lane, identity, body, receivedAt, source, tokensKey } = item;
  return { declaration, subscriptionKey, lane, identity, body, receivedAt, source, tokensKey };
}
