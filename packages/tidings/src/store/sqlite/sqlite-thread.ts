/** The thread that owns the file: the only one to open it. Others send it calls, each over a port of its own. */
import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { StoreTooNewError } from "../../core/errors.ts";
import { Ballast } from "./ballast.ts";
import { failureOf, isBusy, isFull } from "./failures.ts";
import { openDatabase, type Synchronous } from "./open-database.ts";
import type { Call, Failure, FromThread, Opened, Reply, ToThread } from "./protocol.ts";
import { SqliteEngine } from "./sqlite-engine.ts";
import { SubscriptionTable } from "./subscription-table.ts";

export interface SqliteThreadData {
  readonly path: string;
  readonly synchronous: Synchronous;
}

/** Calls of one commit at most, so that the first of them does not wait long. */
const MAX_CALLS_PER_COMMIT = 512;

interface Waiting extends Call {
  readonly port: MessagePort;
}

/**
 * Collects calls while the last commit is under way, and carries out all that wait in one transaction: the disk's
 * flush is paid once for many. One flush is in flight at a time, since this thread does nothing else.
 */
class CommitLoop {
  readonly #database: DatabaseSync;
  readonly #engine: SqliteEngine;
  readonly #subscriptions: SubscriptionTable;
  readonly #ballast: Ballast;
  readonly #ports = new Set<MessagePort>();
  #waiting: Waiting[] = [];
  #isScheduled = false;
  /** Set once for ever: what a broken disk says is not believed again. */
  #broken: Failure | undefined;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#engine = new SqliteEngine(database);
    this.#subscriptions = new SubscriptionTable(database);
    this.#ballast = new Ballast(path);
  }

  serve(port: MessagePort): void {
    this.#ports.add(port);
    port.on("message", (message: ToThread) => this.#take(message, port));
    port.on("close", () => this.#ports.delete(port));
  }

  #take(message: ToThread, port: MessagePort): void {
    switch (message.kind) {
      case "calls":
        for (const call of message.calls) this.#waiting.push({ ...call, port });
        this.#schedule();
        return;
      case "connect":
        this.serve(message.port);
        return;
      case "close":
        this.#close();
        return;
    }
  }

  /** Messages that came in the same turn are taken first, so that they share the commit. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#waiting.length > 0) this.#carryOut();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #carryOut(): void {
    const calls = this.#waiting.splice(0, MAX_CALLS_PER_COMMIT);
    this.#answer(calls, this.#commit(calls));
  }

  /**
   * All in one transaction; if one fails, each in its own, so that it fails alone. When the disk is full, all again
   * without those that add to the inbox, in the room of the ballast.
   */
  #commit(calls: readonly Waiting[]): Reply[] {
    const broken = this.#broken;
    if (broken !== undefined) return calls.map(({ id }) => ({ id, kind: "failure", failure: broken }));
    try {
      return this.#transaction(() => calls.map((call) => this.#perform(call)));
    } catch (error) {
      const failure = failureOf(error);
      if (failure.isBroken) this.#broken = failure;
      if (isFull(error) && this.#ballast.release(failure)) return this.#commit(calls);
      if (calls.length > 1) return calls.flatMap((call) => this.#commit([call]));
      return calls.map(({ id }) => ({ id, kind: "failure", failure }));
    }
  }

  #perform({ id, operation, argument }: Waiting): Reply {
    const refusal = ADDING.has(operation) ? this.#ballast.refusal() : undefined;
    if (refusal !== undefined) return { id, kind: "failure", failure: refusal };
    const part = operation in this.#engine ? this.#engine : this.#subscriptions;
    // The client's types pair each operation with its argument; on this side of the port only the name is left.
    const method: (argument: never) => unknown = Reflect.get(part, operation);
    return { id, kind: "result", result: Reflect.apply(method, part, [argument]) };
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec("begin immediate");
    try {
      const result = work();
      this.#database.exec("commit");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("rollback");
      throw error;
    }
  }

  #answer(calls: readonly Waiting[], replies: readonly Reply[]): void {
    const byPort = Map.groupBy(replies, (_, index) => calls[index]?.port);
    for (const [port, list] of byPort)
      port?.postMessage({ kind: "replies", replies: list } satisfies FromThread);
    const hasAppended = calls.some(
      ({ operation }, index) => ADDING.has(operation) && replies[index]?.kind === "result",
    );
    if (hasAppended) this.#tellAll({ kind: "appended" });
  }

  #tellAll(message: FromThread): void {
    for (const port of this.#ports) port.postMessage(message);
  }

  #close(): void {
    while (this.#waiting.length > 0) this.#carryOut();
    this.#database.close();
    this.#tellAll({ kind: "closed" });
    for (const port of this.#ports) port.close();
  }
}

/** What makes the inbox longer. */
const ADDING: ReadonlySet<Call["operation"]> = new Set(["append", "redrive", "replay"]);

function open({ path, synchronous }: SqliteThreadData, port: MessagePort): void {
  let database: DatabaseSync;
  try {
    database = openDatabase(path, synchronous);
  } catch (error) {
    port.postMessage(refusalOf(error));
    port.close();
    return;
  }
  new CommitLoop(database, path).serve(port);
  port.postMessage({ kind: "opened" } satisfies Opened);
}

function refusalOf(error: unknown): Opened {
  if (error instanceof StoreTooNewError) {
    return { kind: "refused", code: "too-new", found: error.found, known: error.known };
  }
  const { reason } = failureOf(error);
  return { kind: "refused", code: isBusy(error) ? "busy" : "unopenable", reason };
}

if (parentPort !== null) {
  // What `sqlite()` starts the thread with.
  const data: SqliteThreadData = workerData;
  open(data, parentPort);
}
