import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { DeadLetter, InboxRow, ParkedLane, Settlement, TokenSet } from "../../core/inbox.ts";
import type {
  AppendResult,
  BuryQuery,
  CountedStep,
  LaneQuery,
  LetterQuery,
  ScanQuery,
  ScanResult,
  Step,
  StepQuery,
  StoreCounts,
  SweepQuery,
  TenantPurge,
  UndeclaredRows,
} from "../../core/ports/store.ts";
import { PreparedStatements } from "./prepared-statements.ts";
import { fromDeadRow, fromInboxRow, toLetterParameters, type InboxValues, type Parameters } from "./rows.ts";
import { STATEMENTS, type StatementName } from "./statements.ts";

/** What was seen is taken into the index of all in lots of this: few enough to take some milliseconds. */
const MAX_LATELY = 10_000;

interface AppendArgument {
  readonly items: readonly InboxValues[];
  readonly tokens: TokenSet | undefined;
}

interface SettleArgument {
  readonly settlements: readonly Settlement[];
  readonly epoch: number;
  readonly keepHistory: boolean;
}

/**
 * What the store does with the inbox and what becomes of it, as plain calls on an open database. It begins and ends no
 * transaction: whoever calls it puts as many calls into one as belong together, or as wait.
 */
export class SqliteEngine {
  readonly #statements: PreparedStatements<StatementName>;
  /** Epochs begin with the process: the file is its own, so no holder can be older. */
  #epoch = 0;
  /** Rows of `seen_lately`, or nearly: a rollback leaves it wrong, and only the size of a lot hangs on it. */
  #latelyCount: number;

  constructor(database: DatabaseSync) {
    this.#statements = new PreparedStatements(database, STATEMENTS);
    this.#latelyCount = Number(this.#statements.get("countLately", {})?.["count"]);
  }

  append({ items, tokens }: AppendArgument): AppendResult {
    if (tokens !== undefined)
      this.#statements.run("keepTokens", { key: tokens.key, tokens: JSON.stringify(tokens.tokens) });
    const stored = items.filter((item) => this.#isNew(item));
    const append = this.#statements.prepared("append");
    for (const item of stored) append.run(...item);
    if (this.#latelyCount >= MAX_LATELY) this.#mergeSeen();
    return { storedCount: stored.length, duplicateCount: items.length - stored.length };
  }

  getTokens(key: string): readonly string[] {
    const row = this.#statements.get("getTokens", { key });
    return row === undefined ? [] : JSON.parse(String(row["tokens"]));
  }

  scan({ declaration, after, limit }: ScanQuery): ScanResult {
    const end = this.#statements.get("scanEnd", { declaration, after, limit });
    const last = Number(end?.["last"] ?? after);
    const rows = this.#statements.all("scan", { declaration, after, last });
    return {
      rows: rows.map((row) => fromInboxRow(row)),
      scannedTo: last,
      hasMore: Number(end?.["count"]) === limit,
    };
  }

  loadLane({ declaration, lane, after, upTo, limit }: LaneQuery): InboxRow[] {
    this.#statements.run("extendLanes", { declaration, upTo });
    this.#statements.run("noteLanes", { declaration, upTo });
    return this.#statements.all("loadLane", { lane, after, upTo, limit }).map((row) => fromInboxRow(row));
  }

  takeDueLanes(query: { declarations: readonly string[]; now: number; limit: number }): ParkedLane[] {
    const { declarations, now, limit } = query;
    const due = this.#statements.all("dueLanes", { declarations: JSON.stringify(declarations), now, limit });
    for (const { lane } of due) this.#statements.run("unpark", { lane: String(lane) });
    return due.map(({ lane, declaration }) => ({ lane: String(lane), declaration: String(declaration) }));
  }

  nextLaneAt(declarations: readonly string[]): number | undefined {
    return this.#statements.timeOf("nextLane", { declarations: JSON.stringify(declarations) });
  }

  /** @returns the epoch */
  lease(): number {
    this.#epoch += 1;
    return this.#epoch;
  }

  /** @returns false, with nothing written, when the epoch is over */
  settle({ settlements, epoch, keepHistory }: SettleArgument): boolean {
    if (epoch !== this.#epoch) return false;
    for (const settlement of settlements) this.#settleOne(settlement, keepHistory);
    return true;
  }

  listUndeclared(declared: readonly string[]): UndeclaredRows[] {
    return this.#statements.all("listUndeclared", { declared: JSON.stringify(declared) }).map((row) => ({
      declaration: String(row["declaration"]),
      waiting: Number(row["waiting"]),
      oldestAt: Number(row["oldest_at"]),
    }));
  }

  bury({ declaration, receivedBefore, endedAt, error, ...query }: BuryQuery): CountedStep {
    const { last, next } = this.#step("stepOfInbox", query, { declaration });
    const rows = this.#statements.all("listOld", {
      declaration,
      receivedBefore,
      after: query.after ?? 0,
      last,
    });
    for (const row of rows) {
      const settlement = { seq: Number(row["seq"]), failures: Number(row["failures"]), endedAt, error };
      this.#settleOne({ kind: "dead", ...settlement }, false);
    }
    this.#statements.run("unparkOld", { declaration, before: receivedBefore });
    return { count: rows.length, next };
  }

  listDead(query: LetterQuery): Step & { letters: DeadLetter[] } {
    const { last, next } = this.#step("stepOfDead", query);
    const rows = this.#statements.all("listDead", toLetterParameters(query, last));
    return { letters: rows.map((row) => fromDeadRow(row)), next };
  }

  redrive(query: LetterQuery): CountedStep {
    const { last, next } = this.#step("stepOfDead", query);
    const parameters = toLetterParameters(query, last);
    this.#statements.run("redrive", parameters);
    return { count: this.#statements.run("purgeDead", parameters), next };
  }

  purgeDead(query: LetterQuery): CountedStep {
    const { last, next } = this.#step("stepOfDead", query);
    return { count: this.#statements.run("purgeDead", toLetterParameters(query, last)), next };
  }

  replay({ runId, ...query }: LetterQuery & { runId: string }): CountedStep {
    const { last, next } = this.#step("stepOfHistory", query);
    return { count: this.#statements.run("replay", { ...toLetterParameters(query, last), runId }), next };
  }

  purgeTenant({ tenantId, place, ...query }: TenantPurge): CountedStep {
    const { step, purge } = PLACES[place];
    const { last, next } = this.#step(step, query);
    const parameters = { tenantId, after: query.after ?? 0, last };
    if (place === "inbox") this.#statements.run("unparkTenant", parameters);
    return { count: this.#statements.run(purge, parameters), next };
  }

  sweep({ seenBefore, historyBefore, limit }: SweepQuery): number {
    this.#mergeSeen();
    let count = this.#statements.run("sweepSeen", { before: seenBefore, limit });
    count += this.#statements.run("sweepHistory", { before: historyBefore, limit: limit - count });
    return count + this.#statements.run("sweepTokens", { limit: limit - count });
  }

  keep({ name, fresh }: { name: string; fresh: string }): string {
    this.#statements.run("keepMeta", { name, value: fresh });
    return String(this.#statements.get("getMeta", { name })?.["value"]);
  }

  counts(): StoreCounts {
    const row = this.#statements.get("counts", {});
    return { waiting: Number(row?.["waiting"]), dead: Number(row?.["dead"]) };
  }

  #isNew([declaration, , , identity, , receivedAt]: InboxValues): boolean {
    if (identity === null) return true;
    const key = seenKey(declaration, identity);
    if (this.#statements.prepared("know").run(key).changes === 0) return false;
    this.#statements.prepared("remember").run(key, receivedAt);
    this.#latelyCount += 1;
    return true;
  }

  #mergeSeen(): void {
    this.#statements.run("mergeSeen", {});
    this.#statements.run("clearLately", {});
    this.#statements.run("clearKnown", {});
    this.#latelyCount = 0;
  }

  #settleOne(settlement: Settlement, keepHistory: boolean): void {
    const { seq } = settlement;
    switch (settlement.kind) {
      case "done":
        if (keepHistory) this.#statements.run("keepHistory", { seq, endedAt: settlement.endedAt });
        this.#statements.run("finish", { seq });
        return;
      case "retry": {
        const { failures, lane, declaration, endedAt: parkedAt, until } = settlement;
        const isThere = this.#statements.run("fail", { seq, failures }) > 0;
        if (isThere) this.#statements.run("park", { lane, declaration, parkedAt, until });
        return;
      }
      case "dead":
        this.#statements.run("bury", {
          seq,
          failures: settlement.failures,
          endedAt: settlement.endedAt,
          error: settlement.error,
        });
        this.#statements.run("finish", { seq });
        return;
    }
  }

  /** The last number that a step looks at. */
  #step(name: StatementName, query: StepQuery, conditions: Parameters = {}): Step & { last: number } {
    const { after = 0, upTo, limit } = query;
    const end = upTo ?? Number.MAX_SAFE_INTEGER;
    const row = this.#statements.get(name, { ...conditions, after, upTo: end, limit });
    const last = Number(row?.["last"] ?? after);
    const hasMore = Number(row?.["count"]) === limit;
    return { last, next: hasMore ? { after: last, upTo: upTo ?? Number(row?.["greatest"]) } : undefined };
  }
}

const PLACES = {
  inbox: { step: "stepOfAll", purge: "purgeTenantInbox" },
  dead: { step: "stepOfDead", purge: "purgeTenantDead" },
  history: { step: "stepOfHistory", purge: "purgeTenantHistory" },
} as const satisfies Record<TenantPurge["place"], { step: StatementName; purge: StatementName }>;

const SEEN_KEY_BYTES = 16;

/** The name of a declaration has no space, so no two pairs are one text. */
function seenKey(declaration: string, identity: string): Uint8Array {
  return hash("sha256", `${declaration} ${identity}`, "buffer").subarray(0, SEEN_KEY_BYTES);
}
