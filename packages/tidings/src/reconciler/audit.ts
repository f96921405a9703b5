import { auditRow, type MarkedSubscription } from "../core/audit.ts";
import type { Report } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { GraphApi } from "../core/ports/graph-api.ts";
import type { SubscriptionRow } from "../core/subscription.ts";
import { subjectOf } from "./tell.ts";
import type { RemoteLists } from "./remote-lists.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";
import type { Tenants } from "./tenants.ts";

export interface AuditParts {
  readonly graph: Pick<GraphApi, "deleteSubscription">;
  readonly lists: RemoteLists;
  readonly rows: SubscriptionRows;
  readonly tenants: Tenants;
  readonly clock: Clock;
  readonly report: Report;
}

const EVERY_MS = 24 * 3_600_000;
/**
 * Between two tenants: less than half of the lists that Graph allows an app, 40 in 20 s, and that other work needs too.
 * @see https://learn.microsoft.com/graph/throttling-limits#subscription-service-limits
 */
const PAUSE_MS = 2_000;
/** A tenant whose list failed, such as for want of consent, is not asked again before. */
const AGAIN_AFTER_FAILURE_MS = 3_600_000;

/**
 * Compares, once a day for each tenant, what is at Graph with the rows: finds what no row knows of, what Graph has lost
 * without a word, and what somebody changed. It deletes only what carries our mark and no row wants; all else is left
 * to the row, which is made due.
 */
export class Audit {
  readonly #parts: AuditParts;
  #notBefore = 0;

  constructor(parts: AuditParts) {
    this.#parts = parts;
  }

  /** Audits one tenant if one is due. @returns when to call it again, epoch milliseconds; undefined without tenants */
  async once(): Promise<number | undefined> {
    const { tenants, clock, report } = this.#parts;
    const now = clock.now();
    const first = await tenants.auditedFirst();
    if (first === undefined) return undefined;
    const dueAt = Math.max(first.at + EVERY_MS, this.#notBefore);
    if (dueAt > now) return dueAt;
    this.#notBefore = now + PAUSE_MS;
    // Said before, so that other processes take other tenants meanwhile.
    await tenants.audited(first.tenantId, now);
    try {
      await this.audit(first.tenantId);
    } catch (error) {
      report("internal:error", { where: `auditing tenant ${first.tenantId}`, error });
      // As if it had been audited a day less an hour ago, so that others have their turn.
      await tenants.audited(first.tenantId, now - EVERY_MS + AGAIN_AFTER_FAILURE_MS);
    }
    return this.#notBefore;
  }

  /** @throws what Graph's client and the store throw */
  async audit(tenantId: string): Promise<void> {
    const { lists, rows, clock } = this.#parts;
    const listedAt = clock.now();
    const listed = await lists.get({ tenantId }, listedAt - 1);
    const orphans = new Map(listed);
    for await (const row of rows.all({ tenantId })) {
      await this.#auditRow(row, listed.get(row.key) ?? [], listedAt);
      orphans.delete(row.key);
    }
    for (const [key, marked] of orphans) await this.#removeOrphans(key, tenantId, marked);
  }

  async #auditRow(
    row: SubscriptionRow,
    marked: readonly MarkedSubscription[],
    listedAt: number,
  ): Promise<void> {
    const { rows, clock } = this.#parts;
    // An app does not see in its own list what it has of users who are signed in.
    const finding = row.userId === undefined ? auditRow(row, marked, listedAt).kind : "as expected";
    if (finding === "as expected") return;
    const now = clock.now();
    await rows.edit(row.key, (current) => {
      // Whatever was written meanwhile knows better.
      if (current === undefined || current.version !== row.version) return current;
      if (finding === "differs" || current.graph === null)
        return { ...current, createStartedAt: now, nextActionAt: now };
      return { ...current, graph: { ...current.graph, isRenewalAsked: true }, nextActionAt: now };
    });
  }

  /** Rows are written before Graph is asked to create, so what no row knows of by now is wanted by none. */
  async #removeOrphans(key: string, tenantId: string, orphans: readonly MarkedSubscription[]): Promise<void> {
    const { rows, graph, report } = this.#parts;
    if ((await rows.get(key)) !== undefined) return;
    for (const { id, resource } of orphans) {
      await graph.deleteSubscription({ tenantId }, id);
      report("subscription:removed", { ...subjectOf({ key, tenantId, path: resource, query: "" }), id });
    }
  }
}
