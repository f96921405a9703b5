import type { SubscriptionAction } from "../core/subscription-plan.ts";
import { withoutGraph, type SubscriptionRow } from "../core/subscription.ts";
import type { ActParts } from "./act-parts.ts";
import { find } from "./find.ts";
import { create, createThenDelete, deleteThenCreate } from "./make.ts";
import { freed, granted, lossOf, rested, scopeOf, toBeFound } from "./row-changes.ts";
import { giveWay } from "./rival.ts";
import { outcomeOf, subjectOf, tellLoss } from "./tell.ts";

/**
 * Carries out one action for a row that this process has claimed, and writes what came of it. Each step is written
 * before the next, so that wherever a process dies, the row says what there may be at Graph.
 *
 * @throws what Graph's client and the store throw; the row is then as the last step left it, and still claimed
 */
export async function act(action: SubscriptionAction, row: SubscriptionRow, parts: ActParts): Promise<void> {
  switch (action.kind) {
    case "wait":
      await parts.rows.change(row, (current) => rested(current, parts));
      return;
    case "find":
      return find(row, parts);
    case "create":
      return create(row, parts);
    case "replace":
      return action.order === "create first"
        ? createThenDelete(row, action, parts)
        : deleteThenCreate(row, action.id, parts);
    case "renew":
      return renew(action, row, parts);
    case "give way":
      return giveWay(action.id, row, parts);
    case "remove":
      return remove(action.id, row, parts);
  }
}

/**
 * The certificate goes with the renewal that changes it, and with no other: what Graph answers to the others says
 * whether it still has the one it was given.
 */
async function renew(
  { id, givesCertificate }: Extract<SubscriptionAction, { kind: "renew" }>,
  row: SubscriptionRow,
  parts: ActParts,
): Promise<void> {
  const { graph, rows, clock, report, ceilings } = parts;
  const certificate = givesCertificate === true ? parts.certificate.get() : undefined;
  const expiresAt = clock.now() + (await ceilings.lifetimeMs(row));
  const remote = await graph.renewSubscription(scopeOf(row), id, { expiresAt, certificate });
  const now = clock.now();
  if (remote === undefined) return lose(row, parts);
  report("subscription:renewed", outcomeOf(row, remote));
  await rows.change(row, (current) => {
    if (current.graph?.id !== id) return freed(current);
    const { expiresAt: end, certificateId: told = current.graph.certificateId } = remote;
    const certificateId = certificate?.id ?? told;
    const grant = { ...current.graph, expiresAt: end, grantedAt: now, isRenewalAsked: false, certificateId };
    return granted(current, grant, parts);
  });
}

/**
 * Graph has it no more. Before another is made, the list is looked at: a store that was restored from an older copy
 * does not know what was made since.
 */
async function lose(row: SubscriptionRow, parts: ActParts): Promise<void> {
  const { rows, clock } = parts;
  const now = clock.now();
  tellLoss(row, lossOf(row, now), parts);
  await rows.change(row, (current) =>
    freed(current.graph?.id === row.graph?.id ? toBeFound(current, lossOf(current, now), now) : current),
  );
}

/** Written as unknown first: if the row is wanted again before it is gone, what Graph has is looked up, not believed. */
async function remove(id: string | undefined, row: SubscriptionRow, parts: ActParts): Promise<void> {
  const { graph, rows, clock, report } = parts;
  const now = clock.now();
  let last: SubscriptionRow | undefined = row;
  if (id !== undefined) {
    last = await rows.change(row, (current) => ({
      ...withoutGraph(current, "replaced", now),
      gap: current.gap,
      createStartedAt: now,
    }));
    if (last === undefined) return;
    await graph.deleteSubscription(scopeOf(row), id);
    report("subscription:removed", { ...subjectOf(row), id });
  }
  const isDeleted = await rows.delete(last);
  // Somebody wants it again.
  if (!isDeleted) await rows.change(last, (current) => ({ ...freed(current), nextActionAt: now }));
}
