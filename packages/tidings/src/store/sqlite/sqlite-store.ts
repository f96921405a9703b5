import type { DatabaseSync, StatementSync } from "node:sqlite";
import { StoreError } from "../../core/errors.ts";
import type { InboxItem, InboxRow, Settlement } from "../../core/inbox.ts";
import type { AppendResult, LoadQuery, Store, StoreCounts } from "../../core/ports/store.ts";
import type { SubscriptionRow } from "../../core/subscription.ts";
import {
  fromInboxRow,
  fromSubscriptionRow,
  toInboxParameters,
  toSubscriptionParameters,
  type Parameters,
} from "./rows.ts";
import { STATEMENTS } from "./statements.ts";

type StatementName = keyof typeof STATEMENTS;

/** The store over an open database, which it owns. */
export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<StatementName, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async append(items: readonly InboxItem[]): Promise<AppendResult> {
    return this.#transaction("append", () => {
      const stored = items.filter((item) => this.#isNew(item));
      for (const item of stored) this.#run("append", toInboxParameters(item));
      return { storedCount: stored.length, duplicateCount: items.length - stored.length };
    });
  }

  async load({ except, limit }: LoadQuery): Promise<InboxRow[]> {
    return this.#guard("load", () =>
      this.#statement("load")
        .all({ except: JSON.stringify([...except]), limit })
        .map((row) => fromInboxRow(row)),
    );
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    this.#transaction("settle", () => {
      for (const settlement of settlements) this.#settleOne(settlement);
    });
  }

  async getSubscription(key: string): Promise<SubscriptionRow | undefined> {
    return this.#guard("getSubscription", () => {
      const row = this.#statement("getSubscription").get({ key });
      return row === undefined ? undefined : fromSubscriptionRow(row);
    });
  }

  async listSubscriptions(): Promise<SubscriptionRow[]> {
    return this.#guard("listSubscriptions", () =>
      this.#statement("listSubscriptions")
        .all()
        .map((row) => fromSubscriptionRow(row)),
    );
  }

  async dueSubscriptions(query: { now: number; limit: number }): Promise<SubscriptionRow[]> {
    return this.#guard("dueSubscriptions", () =>
      this.#statement("dueSubscriptions")
        .all(query)
        .map((row) => fromSubscriptionRow(row)),
    );
  }

  async nextSubscriptionAt(): Promise<number | undefined> {
    return this.#guard("nextSubscriptionAt", () => {
      const at = this.#statement("nextSubscription").get()?.["at"];
      return typeof at === "number" ? at : undefined;
    });
  }

  async putSubscription(row: SubscriptionRow): Promise<SubscriptionRow | undefined> {
    return this.#guard("putSubscription", () => {
      const parameters = toSubscriptionParameters(row);
      const changes =
        row.version === 0
          ? this.#run("insertSubscription", parameters)
          : this.#run("updateSubscription", { ...parameters, version: row.version });
      return changes === 0 ? undefined : { ...row, version: row.version + 1 };
    });
  }

  async deleteSubscription({ key, version }: SubscriptionRow): Promise<boolean> {
    return this.#guard("deleteSubscription", () => this.#run("deleteSubscription", { key, version }) > 0);
  }

  async keep(name: string, fresh: string): Promise<string> {
    return this.#transaction("keep", () => {
      this.#run("keepMeta", { name, value: fresh });
      return String(this.#statement("getMeta").get({ name })?.["value"]);
    });
  }

  async counts(): Promise<StoreCounts> {
    return this.#guard("counts", () => {
      const row = this.#statement("counts").get();
      return { waiting: Number(row?.["waiting"]), dead: Number(row?.["dead"]) };
    });
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #isNew({ declaration, identity, receivedAt }: InboxItem): boolean {
    return identity === undefined || this.#run("remember", { declaration, identity, at: receivedAt }) > 0;
  }

  #settleOne(settlement: Settlement): void {
    const { kind, ...parameters } = settlement;
    switch (kind) {
      case "done":
        this.#run("finish", parameters);
        return;
      case "retry":
        this.#run("retry", parameters);
        return;
      case "dead":
        this.#run("bury", parameters);
        this.#run("finish", { seq: settlement.seq });
        return;
    }
  }

  #statement(name: StatementName): StatementSync {
    const prepared = this.#prepared.get(name) ?? this.#database.prepare(STATEMENTS[name]);
    this.#prepared.set(name, prepared);
    return prepared;
  }

  /** @returns how many rows it changed */
  #run(name: StatementName, parameters: Parameters): number {
    return Number(this.#statement(name).run(parameters).changes);
  }

  /** All of `work` or nothing, on disk when it returns. */
  #transaction<Result>(what: string, work: () => Result): Result {
    return this.#guard(what, () => {
      this.#database.exec("begin immediate");
      try {
        const result = work();
        this.#database.exec("commit");
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("rollback");
        throw error;
      }
    });
  }

  #guard<Result>(what: string, work: () => Result): Result {
    try {
      return work();
    } catch (cause) {
      throw new StoreError(`The SQLite store failed to ${what}`, { cause });
    }
  }
}
