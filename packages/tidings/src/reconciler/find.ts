import type { RemoteSubscription } from "../core/ports/graph-api.ts";
import { driftOf } from "../core/subscription-plan.ts";
import type { SubscriptionRow } from "../core/subscription.ts";
import type { ActParts } from "./act-parts.ts";
import { askedFor, freed, granted, lossOf, lost, rested, scopeOf } from "./row-changes.ts";
import { outcomeOf, subjectOf, tellLoss } from "./tell.ts";

/** How far Graph's list may be behind: only what a later one does not have was not made. */
const LIST_LAG_MS = 60_000;

/**
 * Looks at Graph for what carries the row's mark: takes the best of what an interrupted creation made and of its own,
 * and removes all others.
 */
export async function find(row: SubscriptionRow, parts: ActParts): Promise<void> {
  const { rows, lists, graph, clock, report } = parts;
  const since = Math.min(row.createStartedAt ?? 0, clock.now());
  const isListSure = clock.now() >= since + LIST_LAG_MS;
  const list = await lists.get(row, isListSure ? since + LIST_LAG_MS - 1 : since);
  const ours = list.get(row.key) ?? [];
  const found = bestOf(ours, row, parts);
  const superfluous = new Set(ours.map(({ id }) => id));
  if (row.graph !== null && found !== undefined) superfluous.add(row.graph.id);
  superfluous.delete(found?.id ?? "");
  let isLost = false;
  for (const id of superfluous) {
    const wasThere = await graph.deleteSubscription(scopeOf(row), id);
    if (wasThere) report("subscription:removed", { ...subjectOf(row), id });
    else if (id === row.graph?.id) isLost = true;
  }
  const isNew = found !== undefined && found.id !== row.graph?.id;
  if (!isNew && !isListSure) {
    await rows.change(row, (current) => freed({ ...current, nextActionAt: since + LIST_LAG_MS }));
    return;
  }
  if (found === undefined) {
    // The one it had is not in the list, which may be stale: a renewal tells.
    await rows.change(row, (current) => rested(askedFor({ ...current, createStartedAt: null }), parts));
    return;
  }
  if (isNew) report("subscription:adopted", outcomeOf(row, found));
  // Graph's list may be stale, so what was found in it is renewed at once: the answer proves it alive.
  const { id, changeTypes, notificationUrl, expiresAt, certificateId } = found;
  const grantedAt = parts.clock.now();
  const at = { grantedAt, isRenewalAsked: true };
  const adopted = { id, changeTypes, notificationUrl, expiresAt, certificateId, ...at };
  await rows.change(row, (current) => granted(isLost ? lost(current, parts) : current, adopted, parts));
  if (isLost) tellLoss(row, lossOf(row, parts.clock.now()), parts);
}

/** What need not be replaced, rather than what must; what the row does not know, rather than its own. */
function bestOf(
  ours: readonly RemoteSubscription[],
  row: SubscriptionRow,
  { goalOf }: ActParts,
): RemoteSubscription | undefined {
  const goal = goalOf(row);
  const isAmiss = (remote: RemoteSubscription): number => Number(driftOf(row, goal, remote) !== undefined);
  const isOwn = ({ id }: RemoteSubscription): number => Number(id === row.graph?.id);
  return ours
    .filter(({ id }) => !row.formerIds.includes(id))
    .toSorted((a, b) => isAmiss(a) - isAmiss(b) || isOwn(a) - isOwn(b) || b.expiresAt - a.expiresAt)[0];
}
