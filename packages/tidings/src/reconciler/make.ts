import { issueClientState } from "../core/client-state.ts";
import type { NewGraphSubscription } from "../core/ports/graph-api.ts";
import { judgeFailure, mayHaveHappened } from "../core/subscription-failure.ts";
import { planSubscription, type ReplacedDrift, type SubscriptionAction } from "../core/subscription-plan.ts";
import {
  lastProvenAt,
  resourceOf,
  wantedChangeTypes,
  withGap,
  withoutGraph,
  type GraphSubscription,
  type SubscriptionRow,
} from "../core/subscription.ts";
import type { ActParts } from "./act-parts.ts";
import { freed, granted, lossOf, rested, scopeOf, taken } from "./row-changes.ts";
import { outcomeOf, tellLoss } from "./tell.ts";

/** The intent is written first, so that a process that dies before the answer leaves a trace of it. */
export async function create(row: SubscriptionRow, parts: ActParts): Promise<void> {
  const { rows, report } = parts;
  const intent = await intend("create", row, parts);
  if (intent === undefined) return;
  const made = await post(intent, parts);
  report("subscription:created", outcomeOf(intent, made));
  await rows.change(intent, (current) =>
    isAsLeft(current, intent) ? granted(current, made, parts) : toBeLookedAt(current, parts),
  );
}

/** While there are two, what is told twice is told apart by its version where it has one. */
export async function createThenDelete(
  row: SubscriptionRow,
  { id, drift }: { readonly id: string; readonly drift: ReplacedDrift },
  parts: ActParts,
): Promise<void> {
  const { rows, clock, report } = parts;
  const intent = await intend("replace", row, parts);
  if (intent === undefined) return;
  let made: GraphSubscription;
  try {
    made = await post(intent, parts);
  } catch (error) {
    if (!isOneOnly(error)) throw error;
    return deleteThenCreate({ ...intent, createStartedAt: null }, id, parts);
  }
  const reason = lossOf(row, clock.now());
  // Only deleting the former one tells whether it was there until now; a process that dies before leaves it open.
  const both = await rows.change(intent, (current) =>
    isAsLeft(current, intent)
      ? {
          ...taken(withGap(current, { since: lastProvenAt(row), reason }), made),
          createStartedAt: intent.createStartedAt,
        }
      : toBeLookedAt(current, parts),
  );
  if (both?.graph?.id !== made.id) return;
  const wasThere = await parts.graph.deleteSubscription(scopeOf(row), id);
  report("subscription:replaced", { ...outcomeOf(row, made), formerId: id, drift });
  if (!wasThere) tellLoss(row, reason, parts);
  await rows.change(both, (current) => {
    // Whatever was written meanwhile may tell of a gap too.
    const gap = wasThere && current === both ? intent.gap : current.gap;
    return rested({ ...current, gap, createStartedAt: null }, parts);
  });
}

/** Whether Graph takes no second one of a kind that nothing documents as such. */
function isOneOnly(error: unknown): boolean {
  const verdict = judgeFailure(error);
  return verdict.kind === "adopt" || (verdict.kind === "park" && verdict.need === "quota");
}

/** Written as gone before it is: whatever happens then, what is left at Graph is looked for, and is known by its id. */
export async function deleteThenCreate(row: SubscriptionRow, id: string, parts: ActParts): Promise<void> {
  const { rows, graph, clock } = parts;
  const now = clock.now();
  tellLoss(row, "replaced", parts);
  const without = await rows.change(row, (current) => ({
    ...withoutGraph(current, "replaced", now),
    createStartedAt: now,
  }));
  if (without === undefined) return;
  await graph.deleteSubscription(scopeOf(row), id);
  return create(without, parts);
}

/** Writes that Graph is going to be asked, unless by now there is something else to do, which is left for later. */
async function intend(
  kind: SubscriptionAction["kind"],
  row: SubscriptionRow,
  { rows, clock, goalOf }: ActParts,
): Promise<SubscriptionRow | undefined> {
  let isStill = true;
  const intent = await rows.change(row, (current) => {
    const now = clock.now();
    isStill = planSubscription({ ...current, createStartedAt: null }, goalOf(current), now).kind === kind;
    return isStill ? { ...current, createStartedAt: now } : freed(current);
  });
  return isStill ? intent : undefined;
}

/** False for a process that slept for longer than its claim: another has looked for what it might have made. */
function isAsLeft(current: SubscriptionRow, intent: SubscriptionRow): boolean {
  return current.createStartedAt === intent.createStartedAt;
}

/** The row, of which nobody can say what there is at Graph. */
function toBeLookedAt(row: SubscriptionRow, { clock }: ActParts): SubscriptionRow {
  return freed({ ...row, createStartedAt: clock.now(), nextActionAt: clock.now() });
}

async function post(row: SubscriptionRow, parts: ActParts): Promise<GraphSubscription> {
  const { graph, rows, keyring, ceilings, clock, goalOf } = parts;
  const { tenantId, key, prefer, isRich } = row;
  const changeTypes = wantedChangeTypes(row);
  const { notificationUrl, lifecycleNotificationUrl } = goalOf(row);
  try {
    const certificate = isRich === true ? parts.certificate.get() : undefined;
    const wanted: NewGraphSubscription = {
      notificationUrl,
      lifecycleNotificationUrl,
      changeTypes,
      prefer,
      certificate,
      resource: resourceOf(row),
      clientState: issueClientState(keyring, { subscriptionKey: key, tenantId }),
      expiresAt: clock.now() + (await ceilings.lifetimeMs(row)),
    };
    const { id, expiresAt } = await graph.createSubscription(scopeOf(row), wanted);
    return {
      id,
      expiresAt,
      changeTypes,
      notificationUrl,
      grantedAt: clock.now(),
      isRenewalAsked: false,
      certificateId: certificate?.id,
    };
  } catch (error) {
    if (!mayHaveHappened(error)) {
      await rows.change(row, (current) => ({ ...current, createStartedAt: null }));
    }
    throw error;
  }
}
