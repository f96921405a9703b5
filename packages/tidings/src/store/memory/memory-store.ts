import type { InboxItem, InboxRow, Settlement } from "../../core/inbox.ts";
import type { AppendResult, LoadQuery, Store, StoreCounts } from "../../core/ports/store.ts";
import type { SubscriptionRow } from "../../core/subscription.ts";

/** The store's contract in its plainest form; other stores are compared with it. */
export class MemoryStore implements Store {
  #lastSeq = 0;
  readonly #kept = new Map<string, string>();
  readonly #inbox = new Map<number, InboxRow>();
  readonly #seen = new Set<string>();
  readonly #dead: (InboxRow & { diedAt: number; error: string })[] = [];
  readonly #subscriptions = new Map<string, SubscriptionRow>();

  async append(items: readonly InboxItem[]): Promise<AppendResult> {
    const stored = items.filter((item) => this.#isNew(item));
    for (const item of stored) {
      this.#lastSeq += 1;
      this.#inbox.set(this.#lastSeq, { ...item, seq: this.#lastSeq, failures: 0, notBefore: 0 });
    }
    return { storedCount: stored.length, duplicateCount: items.length - stored.length };
  }

  async load({ except, limit }: LoadQuery): Promise<InboxRow[]> {
    return [...this.#inbox.values()].filter((row) => !except.has(row.seq)).slice(0, limit);
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    for (const settlement of settlements) this.#settleOne(settlement);
  }

  async getSubscription(key: string): Promise<SubscriptionRow | undefined> {
    return this.#subscriptions.get(key);
  }

  async listSubscriptions(): Promise<SubscriptionRow[]> {
    return [...this.#subscriptions.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  async dueSubscriptions({ now, limit }: { now: number; limit: number }): Promise<SubscriptionRow[]> {
    return [...this.#subscriptions.values()]
      .filter((row) => row.nextActionAt <= now)
      .toSorted((a, b) => a.nextActionAt - b.nextActionAt)
      .slice(0, limit);
  }

  async nextSubscriptionAt(): Promise<number | undefined> {
    const times = [...this.#subscriptions.values()].map((row) => row.nextActionAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async putSubscription(row: SubscriptionRow): Promise<SubscriptionRow | undefined> {
    if ((this.#subscriptions.get(row.key)?.version ?? 0) !== row.version) return undefined;
    const stored = { ...row, version: row.version + 1 };
    this.#subscriptions.set(row.key, stored);
    return stored;
  }

  async deleteSubscription({ key, version }: SubscriptionRow): Promise<boolean> {
    return this.#subscriptions.get(key)?.version === version && this.#subscriptions.delete(key);
  }

  async keep(name: string, fresh: string): Promise<string> {
    const kept = this.#kept.get(name) ?? fresh;
    this.#kept.set(name, kept);
    return kept;
  }

  async counts(): Promise<StoreCounts> {
    return { waiting: this.#inbox.size, dead: this.#dead.length };
  }

  async close(): Promise<void> {}

  #isNew({ declaration, identity }: InboxItem): boolean {
    if (identity === undefined) return true;
    const key = `${declaration} ${identity}`;
    const isNew = !this.#seen.has(key);
    this.#seen.add(key);
    return isNew;
  }

  #settleOne(settlement: Settlement): void {
    const row = this.#inbox.get(settlement.seq);
    if (row === undefined) return;
    switch (settlement.kind) {
      case "retry":
        this.#inbox.set(row.seq, { ...row, failures: settlement.failures, notBefore: settlement.notBefore });
        return;
      case "dead":
        this.#dead.push({
          ...row,
          failures: row.failures + 1,
          diedAt: settlement.diedAt,
          error: settlement.error,
        });
        this.#inbox.delete(row.seq);
        return;
      case "done":
        this.#inbox.delete(row.seq);
        return;
    }
  }
}
