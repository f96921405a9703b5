import type { DatabaseSync } from "node:sqlite";
import type {
  ClaimQuery,
  Heard,
  Note,
  NoteKind,
  SubscriptionCounts,
  SubscriptionQuery,
} from "../../core/ports/store.ts";
import { PreparedStatements } from "./prepared-statements.ts";
import type { Parameters, Row } from "./rows.ts";
import { SUBSCRIPTION_STATEMENTS, type SubscriptionStatementName } from "./subscription-statements.ts";

/**
 * So many that are due are found and sorted in about the time a commit takes. Above, their order is looked up instead,
 * which passes over what is not due: of a million rows some 50 ms at worst.
 */
const SORTED_AT_MOST = 20_000;

/**
 * What the store does with desired subscriptions, and with notes, in the caller's transaction like `SqliteEngine`. Rows
 * come and go as columns: the client makes and reads them, in its own thread.
 */
export class SubscriptionTable {
  readonly #statements: PreparedStatements<SubscriptionStatementName>;

  constructor(database: DatabaseSync) {
    this.#statements = new PreparedStatements(database, SUBSCRIPTION_STATEMENTS);
    // The file is its own process's, so whoever was at work on a row is no more.
    this.#statements.run("forgetClaims", {});
    this.#statements.run("freeClaimed", {});
  }

  getSubscription(key: string): Row | undefined {
    return this.#statements.get("getSubscription", { key });
  }

  listSubscriptions({ after = "", tenantId, limit }: SubscriptionQuery): Row[] {
    return tenantId === undefined
      ? this.#statements.all("listSubscriptions", { after, limit })
      : this.#statements.all("listOfTenant", { after, limit, tenantId });
  }

  claimSubscriptions({ now, until, limit }: ClaimQuery): Row[] {
    const due = this.#statements.get("countDue", { now, most: SORTED_AT_MOST + 1 });
    const find = Number(due?.["count"]) > SORTED_AT_MOST ? "walkDue" : "sortDue";
    return this.#statements
      .all(find, { now, limit })
      .map(({ id = null }) => this.#statements.get("getById", { id }))
      .filter((row) => row !== undefined)
      .map((row) => this.#claim(row, until));
  }

  nextSubscriptionAt(): number | undefined {
    return this.#statements.timeOf("nextSubscription", {});
  }

  /** @param row of `toSubscriptionParameters` @returns the stored `heardAt`, or undefined when another write came first */
  putSubscription(row: Parameters): { heardAt: number | null } | undefined {
    const { key = null, version = 0, ...columns } = row;
    const found = this.#statements.get("findSubscription", { key });
    if ((found?.["version"] ?? 0) !== version) return undefined;
    const tenant = this.#commonIdOf(columns["tenant"]);
    const form = this.#commonIdOf(columns["form"]);
    if (found === undefined) {
      this.#statements.run("insertSubscription", { ...columns, key, tenant, form });
      return { heardAt: null };
    }
    const { id = null, heardAt } = found;
    const { tenant: _, ...others } = columns;
    this.#statements.run("updateSubscription", { ...others, id, version, form });
    if (found["tenant"] !== tenant) this.#statements.run("moveSubscription", { id, tenant });
    if (found["isClaimed"] === 1) this.#statements.run("unclaim", { id });
    return { heardAt: typeof heardAt === "number" ? heardAt : null };
  }

  deleteSubscription({ key, version }: { key: string; version: number }): boolean {
    const found = this.#statements.get("findSubscription", { key });
    if (found?.["version"] !== version) return false;
    const { id = null } = found;
    this.#statements.run("unclaim", { id });
    return this.#statements.run("deleteSubscription", { id }) > 0;
  }

  noteHeard(heard: readonly Heard[]): void {
    for (const { key, heardAt } of heard) this.#statements.run("noteHeard", { key, heardAt });
  }

  countSubscriptions(): SubscriptionCounts {
    const row = this.#statements.get("countSubscriptions", {});
    return {
      total: Number(row?.["total"]),
      missing: Number(row?.["missing"]),
      parked: Number(row?.["parked"]),
    };
  }

  putNote({ kind, key, value }: Note): void {
    this.#statements.run("putNote", { kind, key, value });
  }

  listNotes(kind: NoteKind): Note[] {
    return this.#statements
      .all("listNotes", { kind })
      .map(({ key, value }) => ({ kind, key: String(key), value: String(value) }));
  }

  deleteNote({ kind, key }: Pick<Note, "kind" | "key">): void {
    this.#statements.run("deleteNote", { kind, key });
  }

  /** Asked each time: what a transaction has added may be rolled back. */
  #commonIdOf(text: Parameters[string] = null): number {
    const { id } =
      this.#statements.get("getCommon", { text }) ?? this.#statements.get("addCommon", { text }) ?? {};
    return Number(id);
  }

  #claim(row: Row, until: number): Row {
    const version = Number(row["version"]) + 1;
    this.#statements.run("claim", { id: row["id"] ?? null, until, version });
    return { ...row, version, claimedUntil: until };
  }
}
