import type { Clock } from "../core/ports/clock.ts";
import { givesWay, isOneOnly } from "../core/subscription-plan.ts";
import {
  lastProvenAt,
  withGap,
  withoutGraph,
  type SubscriptionRow,
  type SubscriptionTarget,
  type Want,
} from "../core/subscription.ts";
import type { ActParts } from "./act-parts.ts";
import { freed, scopeOf } from "./row-changes.ts";
import { subjectOf, tellLoss } from "./tell.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

/*
 * Where Graph takes one subscription only, that with resource data and that without to one thing are rivals: two rows
 * of which one can have it. The row that was wanted last has it. What was wanted of the other is superseded, so that it
 * gives way: its subscription is deleted before Graph is asked for this one.
 */

/** The same with resource data, or without. */
export function twinOf({ isRich, ...target }: SubscriptionTarget): SubscriptionTarget {
  return isRich === true ? target : { ...target, isRich: true };
}

/** The target that Graph will not take beside this one; undefined where it takes both. */
export function rivalOf(target: SubscriptionTarget): SubscriptionTarget | undefined {
  return isOneOnly(target.path) ? twinOf(target) : undefined;
}

/** The row with all that `isOwn` does not pick taken over by a definition, due at once if that changes anything. */
export function superseded(
  row: SubscriptionRow,
  definition: string,
  { isOwn, now }: { readonly isOwn: (want: Want) => boolean; readonly now: number },
): SubscriptionRow {
  const isKept = (want: Want): boolean => want.supersededBy !== undefined || isOwn(want);
  if (row.wants.every(isKept)) return row;
  const wants = row.wants.map((want) => (isKept(want) ? want : { ...want, supersededBy: definition }));
  return { ...row, wants, parked: null, nextActionAt: now, failures: 0 };
}

/** A row is given its rival's place so long; then Graph is asked, and says what is in the way. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 1_000;

/** @returns when to come again, epoch milliseconds; undefined when a subscription may be made */
export async function admitBeside(
  row: SubscriptionRow,
  rows: Pick<SubscriptionRows, "get">,
  { rivalKeyOf, clock }: Pick<ActParts, "rivalKeyOf"> & { readonly clock: Clock },
): Promise<number | undefined> {
  const key = rivalKeyOf(row);
  const rival = key === undefined ? undefined : await rows.get(key);
  if (rival === undefined || (rival.graph === null && rival.createStartedAt === null)) return undefined;
  const now = clock.now();
  const isPatient = now < (row.missingSince ?? 0) + PATIENCE_MS;
  return givesWay(rival) || isPatient ? Math.max(now + AGAIN_MS, rival.nextActionAt) : undefined;
}

/** Written as unknown first, as when one is removed; the row stays, and is wanted again if what took over does not last. */
export async function giveWay(id: string, row: SubscriptionRow, parts: ActParts): Promise<void> {
  const { graph, rows, clock, report, rivalKeyOf } = parts;
  const now = clock.now();
  tellLoss(row, "replaced", parts);
  const without = await rows.change(row, (current) => ({
    ...withoutGraph(current, "replaced", now),
    createStartedAt: now,
  }));
  if (without === undefined) return;
  await graph.deleteSubscription(scopeOf(row), id);
  report("subscription:removed", { ...subjectOf(row), id });
  await rows.change(without, (current) => freed({ ...current, createStartedAt: null, nextActionAt: now }));
  const gap = { since: lastProvenAt(row), reason: "replaced" } as const;
  // What was told here until now is told there, but for what happened in between.
  await rows.edit(
    rivalKeyOf(row) ?? "",
    (rival) => rival && { ...withGap(rival, gap), nextActionAt: clock.now() },
  );
}
