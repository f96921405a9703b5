import { describePlan, type PlannedSubscription } from "../core/planned-subscription.ts";
import type { Report } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import type { SubscriptionGoal } from "../core/subscription-goal.ts";
import type { SubscriptionRow } from "../core/subscription.ts";
import type { DesiredSubscriptions } from "./desired-subscriptions.ts";
import { DraftNotes, DraftRows } from "./draft.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";
import { Tenants, type TenantsParts } from "./tenants.ts";

export interface PreviewParts extends Pick<TenantsParts, "ownTenantId" | "isOwnGiven"> {
  readonly desired: DesiredSubscriptions;
  readonly rows: Pick<SubscriptionRows, "all" | "get">;
  readonly notes: Pick<Store, "listNotes">;
  readonly clock: Clock;
  /** What a row should have at Graph. */
  readonly goalOf: (row: SubscriptionRow) => SubscriptionGoal;
}

/**
 * What would be done by now about every desired subscription. The declarations are made desired on a draft, by the
 * code that does it in earnest; nothing is written, and Graph is not asked.
 *
 * @param isPruned as after `forget()`: without what this process does not declare
 * @throws CredentialError when the app's own tenant is not known; StoreError
 */
export async function* preview(parts: PreviewParts, isPruned: boolean): AsyncGenerator<PlannedSubscription> {
  const { clock, goalOf } = parts;
  const rows = new DraftRows(parts.rows);
  const notes = new DraftNotes(parts.notes);
  const before = await notes.listNotes("declared");
  const desired = await declareOn(rows, notes, parts);
  if (isPruned) await desired.forget();
  const after = new Set((await notes.listNotes("declared")).map(({ key }) => key));
  const forgotten = new Set(before.map(({ key }) => key).filter((key) => !after.has(key)));
  for await (const { row, stored } of rows.compared()) {
    const isForgotten = stored?.wants.some(({ definition }) => forgotten.has(definition)) ?? false;
    const isDeclared = row.wants.some((want) => desired.isOwn(want));
    yield describePlan({ row, stored, isForgotten, isDeclared }, goalOf(row), clock.now());
  }
}

/** What cannot be declared, such as for want of a tenant, is tried again by a running app; a plan would be wrong. */
async function declareOn(
  rows: DraftRows,
  notes: DraftNotes,
  { desired, ownTenantId, isOwnGiven, clock }: PreviewParts,
): Promise<DesiredSubscriptions> {
  const failures: unknown[] = [];
  const report: Report = (_name, event) => void ("error" in event && failures.push(event.error));
  const tenants = new Tenants({ notes, clock, ownTenantId, isOwnGiven });
  const draft = desired.on({ rows, notes, tenants, report, onChanged: () => {} });
  await draft.declare();
  if (failures.length > 0) throw failures[0];
  return draft;
}
