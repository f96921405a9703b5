import { MessageChannel, type MessagePort, type Transferable } from "node:worker_threads";
import { LeaseLostError, StoreBrokenError, StoreBusyError, StoreError } from "../../core/errors.ts";
import type { DeadLetter, InboxItem, InboxRow, ParkedLane, Settlement, TokenSet } from "../../core/inbox.ts";
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
  Store,
  StoreCounts,
  SubscriptionCounts,
  SubscriptionQuery,
  SweepQuery,
  TenantPurge,
  UndeclaredRows,
} from "../../core/ports/store.ts";
import type { SubscriptionRow } from "../../core/subscription.ts";
import type {
  ArgumentOf,
  Call,
  Failure,
  FromThread,
  Operation,
  Reply,
  ResultOf,
  ToThread,
} from "./protocol.ts";
import { toInboxValues } from "./rows.ts";
import { fromSubscriptionRow, toSubscriptionParameters } from "./subscription-codec.ts";

/**
 * Items, and bytes of their bodies, that may wait for the disk; what would make more of it is refused at once, and
 * Graph comes again. An append that is alone is taken whatever its size, or it would be refused each time.
 */
const MAX_WAITING_ITEMS = 20_000;
const MAX_WAITING_BYTES: number = 64 * 1024 * 1024;

/**
 * Calls of one turn wait for each other, but not longer than this: the thread works on the first while the rest of the
 * turn's requests are read. Fewer, and messages cost more than what is in them.
 */
const MAX_CALLS_PER_MESSAGE = 16;

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** A store in another thread, over a port to it. */
export class SqliteClient implements Store {
  readonly #port: MessagePort;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<() => void>();
  #outgoing: Call[] = [];
  #lastId = 0;
  #waitingItems = 0;
  #waitingBytes = 0;
  /** Aborts with the next lease: the file is one process's own, so nothing else can end one. */
  #leaseLost = new AbortController();
  #closing: Promise<void> | undefined;
  #onClosed: () => void = () => {};

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (message: FromThread) => this.#take(message));
    port.on("close", () => this.#abandon());
    port.unref();
  }

  async append(items: readonly InboxItem[], tokens?: TokenSet): Promise<AppendResult> {
    const rows = items.map((item) => toInboxValues(item));
    const bytes = rows.reduce((sum, [, , , , body]) => sum + body.length, 0);
    const isTooMuch =
      this.#waitingItems + rows.length > MAX_WAITING_ITEMS || this.#waitingBytes + bytes > MAX_WAITING_BYTES;
    if (isTooMuch && this.#waitingItems > 0) throw new StoreBusyError(this.#waitingItems);
    this.#waitingItems += rows.length;
    this.#waitingBytes += bytes;
    try {
      return await this.#call("append", { items: rows, tokens });
    } finally {
      this.#waitingItems -= rows.length;
      this.#waitingBytes -= bytes;
    }
  }

  async getTokens(key: string): Promise<readonly string[]> {
    return this.#call("getTokens", key);
  }

  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** A port for a client in another thread, to be sent there. */
  createPort(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#send({ kind: "connect", port: port1 }, [port1]);
    return port2;
  }

  async scan(query: ScanQuery): Promise<ScanResult> {
    return this.#call("scan", query);
  }

  async loadLane(query: LaneQuery): Promise<InboxRow[]> {
    return this.#call("loadLane", query);
  }

  async takeDueLanes(query: {
    declarations: readonly string[];
    now: number;
    limit: number;
  }): Promise<ParkedLane[]> {
    return this.#call("takeDueLanes", query);
  }

  async nextLaneAt(declarations: readonly string[]): Promise<number | undefined> {
    return this.#call("nextLaneAt", declarations);
  }

  async lease(): Promise<Lease> {
    const epoch = await this.#call("lease", undefined);
    this.#leaseLost.abort();
    this.#leaseLost = new AbortController();
    return { epoch, lost: this.#leaseLost.signal };
  }

  /** Nothing: the next need not wait. */
  async release(): Promise<void> {}

  async settle(
    settlements: readonly Settlement[],
    { epoch }: Lease,
    { keepHistory = false }: { keepHistory?: boolean } = {},
  ): Promise<void> {
    const isHeld = await this.#call("settle", { settlements, epoch, keepHistory });
    if (!isHeld) throw new LeaseLostError();
  }

  async listUndeclared(declared: readonly string[]): Promise<UndeclaredRows[]> {
    return this.#call("listUndeclared", declared);
  }

  async bury(query: BuryQuery): Promise<CountedStep> {
    return this.#call("bury", query);
  }

  async listDead(query: LetterQuery): Promise<Step & { letters: DeadLetter[] }> {
    return this.#call("listDead", query);
  }

  async redrive(query: LetterQuery): Promise<CountedStep> {
    return this.#call("redrive", query);
  }

  async purgeDead(query: LetterQuery): Promise<CountedStep> {
    return this.#call("purgeDead", query);
  }

  async replay(query: LetterQuery & { runId: string }): Promise<CountedStep> {
    return this.#call("replay", query);
  }

  async purgeTenant(query: TenantPurge): Promise<CountedStep> {
    return this.#call("purgeTenant", query);
  }

  async sweep(query: SweepQuery): Promise<number> {
    return this.#call("sweep", query);
  }

  async getSubscription(key: string): Promise<SubscriptionRow | undefined> {
    const row = await this.#call("getSubscription", key);
    return row === undefined ? undefined : fromSubscriptionRow(row);
  }

  async listSubscriptions(query: SubscriptionQuery): Promise<SubscriptionRow[]> {
    const rows = await this.#call("listSubscriptions", query);
    return rows.map((row) => fromSubscriptionRow(row));
  }

  async claimSubscriptions(query: ClaimQuery): Promise<SubscriptionRow[]> {
    const rows = await this.#call("claimSubscriptions", query);
    return rows.map((row) => fromSubscriptionRow(row));
  }

  async nextSubscriptionAt(): Promise<number | undefined> {
    return this.#call("nextSubscriptionAt", undefined);
  }

  async putSubscription(row: SubscriptionRow): Promise<SubscriptionRow | undefined> {
    const stored = await this.#call("putSubscription", toSubscriptionParameters(row));
    return stored === undefined ? undefined : { ...row, ...stored, version: row.version + 1 };
  }

  async deleteSubscription({ key, version }: SubscriptionRow): Promise<boolean> {
    return this.#call("deleteSubscription", { key, version });
  }

  async noteHeard(heard: readonly Heard[]): Promise<void> {
    return this.#call("noteHeard", heard);
  }

  async countSubscriptions(): Promise<SubscriptionCounts> {
    return this.#call("countSubscriptions", undefined);
  }

  async putNote(note: Note): Promise<void> {
    return this.#call("putNote", note);
  }

  async listNotes(kind: NoteKind): Promise<Note[]> {
    return this.#call("listNotes", kind);
  }

  async deleteNote({ kind, key }: Pick<Note, "kind" | "key">): Promise<void> {
    return this.#call("deleteNote", { kind, key });
  }

  async keep(name: "app" | "secret", fresh: string): Promise<string> {
    return this.#call("keep", { name, fresh });
  }

  async counts(): Promise<StoreCounts> {
    return this.#call("counts", undefined);
  }

  /** Closes the file, after what was asked before. Idempotent. */
  async close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      this.#flush();
      this.#port.ref();
      this.#send({ kind: "close" });
    });
    return this.#closing;
  }

  async #call<Name extends Operation>(operation: Name, argument: ArgumentOf<Name>): Promise<ResultOf<Name>> {
    if (this.#closing !== undefined) throw new StoreError("The SQLite store is closed");
    return new Promise<ResultOf<Name>>((resolve, reject) => {
      this.#lastId += 1;
      this.#pending.set(this.#lastId, { resolve, reject });
      if (this.#pending.size === 1) this.#port.ref();
      if (this.#outgoing.length === 0) setImmediate(() => this.#flush());
      this.#outgoing.push({ id: this.#lastId, operation, argument });
      if (this.#outgoing.length >= MAX_CALLS_PER_MESSAGE) this.#flush();
    });
  }

  #flush(): void {
    const calls = this.#outgoing;
    if (calls.length === 0) return;
    this.#outgoing = [];
    try {
      this.#send({ kind: "calls", calls });
    } catch {
      for (const call of calls) this.#sendAlone(call);
    }
  }

  /** Calls of one turn come from anywhere in the process: one that cannot be sent must not take the others with it. */
  #sendAlone(call: Call): void {
    try {
      this.#send({ kind: "calls", calls: [call] });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const mistake = `Expected what \`${call.operation}\` is given to be plain data: ${reason}`;
      this.#pending.get(call.id)?.reject(new TypeError(mistake, { cause: error }));
      this.#forget(call.id);
    }
  }

  #send(message: ToThread, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case "replies":
        for (const reply of message.replies) this.#settle(reply);
        return;
      case "appended":
        for (const listener of this.#listeners) listener();
        return;
      case "closed":
        this.#abandon();
        return;
    }
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#forget(reply.id);
    if (reply.kind === "failure") pending?.reject(errorOf(reply.failure));
    // The reply answers the call of this id, so its result is of the call's type.
    else if (pending !== undefined) Reflect.apply(pending.resolve, undefined, [reply.result]);
  }

  #forget(id: number): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0 && this.#closing === undefined) this.#port.unref();
  }

  /** The thread is gone, as asked or not: nothing will be answered any more. */
  #abandon(): void {
    this.#closing ??= Promise.resolve();
    for (const { reject } of this.#pending.values()) reject(new StoreError("The SQLite store was closed"));
    this.#pending.clear();
    this.#onClosed();
    this.#port.unref();
  }
}

function errorOf({ isBroken, message, reason }: Failure): Error {
  const options = { cause: new Error(reason) };
  return isBroken ? new StoreBrokenError(message, options) : new StoreError(message, options);
}
