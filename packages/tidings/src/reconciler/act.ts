import { issueClientState } from "../core/client-state.ts";
import type { Report, SubscriptionOutcome, SubscriptionSubject } from "../core/events.ts";
import type { SubscriptionUrls } from "../core/mark.ts";
import type { Clock } from "../core/ports/clock.ts";
import type {
  GraphApi,
  GraphScope,
  NewGraphSubscription,
  RemoteSubscription,
} from "../core/ports/graph-api.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import { judgeFailure, mayHaveHappened } from "../core/subscription-failure.ts";
import { driftOf, planSubscription, type Drift, type SubscriptionAction } from "../core/subscription-plan.ts";
import {
  deadlineOf,
  FORMER_IDS,
  lastProvenAt,
  resourceOf,
  wantedChangeTypes,
  withGap,
  withoutGraph,
  type GapReason,
  type GraphSubscription,
  type SubscriptionRow,
  type SubscriptionTarget,
} from "../core/subscription.ts";
import type { Ceilings } from "./ceilings.ts";
import type { RemoteLists } from "./remote-lists.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

export interface ActParts {
  readonly graph: GraphApi;
  readonly rows: SubscriptionRows;
  readonly lists: RemoteLists;
  readonly ceilings: Ceilings;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly report: Report;
  /** URLs a row should have at Graph. */
  readonly urlsOf: (row: SubscriptionRow) => SubscriptionUrls;
}

const SOON_MS = 60_000;
/** How far Graph's list may be behind: only what a later one does not have was not made. */
const LIST_LAG_MS = 60_000;

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
      return renew(action.id, row, parts);
    case "remove":
      return remove(action.id, row, parts);
  }
}

/** The intent is written first, so that a process that dies before the answer leaves a trace of it. */
async function create(row: SubscriptionRow, parts: ActParts): Promise<void> {
  const { rows, report } = parts;
  const intent = await intend("create", row, parts);
  if (intent === undefined) return;
  const made = await post(intent, parts);
  report("subscription:created", outcomeOf(intent, made));
  await rows.change(intent, (current) =>
    isAsLeft(current, intent) ? granted(current, made, parts) : toBeLookedAt(current, parts),
  );
}

/** False for a process that slept for longer than its claim: another has looked for what it might have made. */
function isAsLeft(current: SubscriptionRow, intent: SubscriptionRow): boolean {
  return current.createStartedAt === intent.createStartedAt;
}

/** The row, of which nobody can say what there is at Graph. */
function toBeLookedAt(row: SubscriptionRow, { clock }: ActParts): SubscriptionRow {
  return freed({ ...row, createStartedAt: clock.now(), nextActionAt: clock.now() });
}

/** Writes that Graph is going to be asked, unless by now there is something else to do, which is left for later. */
async function intend(
  kind: SubscriptionAction["kind"],
  row: SubscriptionRow,
  { rows, clock, urlsOf }: ActParts,
): Promise<SubscriptionRow | undefined> {
  let isStill = true;
  const intent = await rows.change(row, (current) => {
    const now = clock.now();
    isStill = planSubscription({ ...current, createStartedAt: null }, urlsOf(current), now).kind === kind;
    return isStill ? { ...current, createStartedAt: now } : freed(current);
  });
  return isStill ? intent : undefined;
}

/** While there are two, what is told twice is told apart by its version where it has one. */
async function createThenDelete(
  row: SubscriptionRow,
  { id, drift }: { readonly id: string; readonly drift: Drift },
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
async function deleteThenCreate(row: SubscriptionRow, id: string, parts: ActParts): Promise<void> {
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

/**
 * Looks at Graph for what carries the row's mark: takes the best of what an interrupted creation made and of its own,
 * and removes all others.
 */
async function find(row: SubscriptionRow, parts: ActParts): Promise<void> {
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
  const { id, changeTypes, notificationUrl, expiresAt } = found;
  const grantedAt = parts.clock.now();
  const adopted = { id, changeTypes, notificationUrl, expiresAt, grantedAt, isRenewalAsked: true };
  await rows.change(row, (current) => granted(isLost ? lost(current, parts) : current, adopted, parts));
  if (isLost) tellLoss(row, lossOf(row, parts.clock.now()), parts);
}

/** What need not be replaced, rather than what must; what the row does not know, rather than its own. */
function bestOf(
  ours: readonly RemoteSubscription[],
  row: SubscriptionRow,
  { urlsOf }: ActParts,
): RemoteSubscription | undefined {
  const urls = urlsOf(row);
  const isAmiss = (remote: RemoteSubscription): number => Number(driftOf(row, urls, remote) !== undefined);
  const isOwn = ({ id }: RemoteSubscription): number => Number(id === row.graph?.id);
  return ours
    .filter(({ id }) => !row.formerIds.includes(id))
    .toSorted((a, b) => isAmiss(a) - isAmiss(b) || isOwn(a) - isOwn(b) || b.expiresAt - a.expiresAt)[0];
}

/** The row with its subscription to be renewed now. */
export function askedFor(row: SubscriptionRow): SubscriptionRow {
  return row.graph === null ? row : { ...row, graph: { ...row.graph, isRenewalAsked: true } };
}

async function renew(id: string, row: SubscriptionRow, parts: ActParts): Promise<void> {
  const { graph, rows, clock, report, ceilings } = parts;
  const expiresAt = clock.now() + (await ceilings.lifetimeMs(row));
  const remote = await graph.renewSubscription(scopeOf(row), id, expiresAt);
  const now = clock.now();
  if (remote === undefined) return lose(row, parts);
  report("subscription:renewed", outcomeOf(row, remote));
  await rows.change(row, (current) => {
    if (current.graph?.id !== id) return freed(current);
    const grant = { ...current.graph, expiresAt: remote.expiresAt, grantedAt: now, isRenewalAsked: false };
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

/** The row without its subscription, in place of which there may be another since it was granted. */
export function toBeFound(row: SubscriptionRow, reason: GapReason, now: number): SubscriptionRow {
  return row.graph === null
    ? row
    : { ...withoutGraph(row, reason, now), createStartedAt: row.graph.grantedAt };
}

/** The row without its subscription, which Graph turned out not to have any more. */
function lost(row: SubscriptionRow, { clock }: Pick<ActParts, "clock">): SubscriptionRow {
  return withoutGraph(row, lossOf(row, clock.now()), clock.now());
}

function lossOf({ graph }: SubscriptionRow, now: number): GapReason {
  return graph !== null && graph.expiresAt <= now ? "lapsed" : "gone";
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

async function post(row: SubscriptionRow, parts: ActParts): Promise<GraphSubscription> {
  const { graph, rows, keyring, ceilings, clock, urlsOf } = parts;
  const { tenantId, key, prefer } = row;
  const changeTypes = wantedChangeTypes(row);
  const urls = urlsOf(row);
  const wanted: NewGraphSubscription = {
    ...urls,
    changeTypes,
    prefer,
    resource: resourceOf(row),
    clientState: issueClientState(keyring, { subscriptionKey: key, tenantId }),
    expiresAt: clock.now() + (await ceilings.lifetimeMs(row)),
  };
  try {
    const { id, expiresAt } = await graph.createSubscription(scopeOf(row), wanted);
    return {
      id,
      expiresAt,
      changeTypes,
      notificationUrl: urls.notificationUrl,
      grantedAt: clock.now(),
      isRenewalAsked: false,
    };
  } catch (error) {
    if (!mayHaveHappened(error)) {
      await rows.change(row, (current) => ({ ...current, createStartedAt: null }));
    }
    throw error;
  }
}

/** The row with a subscription that lives, and that is all there is. */
function granted(row: SubscriptionRow, graph: GraphSubscription, parts: ActParts): SubscriptionRow {
  return rested({ ...taken(row, graph), createStartedAt: null }, parts);
}

/** The row with a subscription that lives. */
function taken(row: SubscriptionRow, graph: GraphSubscription): SubscriptionRow {
  const formerIds =
    row.graph === null || row.graph.id === graph.id ? row.formerIds : [row.graph.id, ...row.formerIds];
  return {
    ...row,
    graph,
    formerIds: formerIds.slice(0, FORMER_IDS),
    missingSince: null,
    parked: null,
    failures: 0,
  };
}

/** The row in nobody's hands, to be looked at when there is something to do. */
function rested(
  row: SubscriptionRow,
  { urlsOf, clock }: Pick<ActParts, "urlsOf" | "clock">,
): SubscriptionRow {
  const now = clock.now();
  const next = planSubscription(row, urlsOf(row), now);
  // Graph may grant a life that is all but over, if its clock is far behind ours.
  const soonMs = next.kind === "renew" && next.reason === "due" ? SOON_MS : 0;
  return freed({ ...row, nextActionAt: next.kind === "wait" ? next.until : now + soonMs });
}

export function freed(row: SubscriptionRow): SubscriptionRow {
  return { ...row, claimedUntil: 0 };
}

/** Whose call it is, and how urgent. */
function scopeOf(row: SubscriptionRow): GraphScope {
  return { tenantId: row.tenantId, userId: row.userId, dueAt: deadlineOf(row) };
}

export function outcomeOf(
  row: SubscriptionRow,
  { id, expiresAt }: Pick<RemoteSubscription, "id" | "expiresAt">,
): SubscriptionOutcome {
  return { ...subjectOf(row), id, expiresAt };
}

/** Which subscription an event is about. */
export function subjectOf(row: SubscriptionTarget & { readonly key: string }): SubscriptionSubject {
  return { key: row.key, tenantId: row.tenantId, resource: resourceOf(row) };
}

/** Tells that the row's subscription is no more, and since when changes may be lost by that. */
export function tellLoss(row: SubscriptionRow, reason: GapReason, { report, clock }: Teller): void {
  if (row.graph === null) return;
  const { gap } = withoutGraph({ ...row, gap: null }, reason, clock.now());
  const subject = subjectOf(row);
  if (reason === "lapsed")
    report("subscription:lapsed", { ...subject, id: row.graph.id, expiresAt: row.graph.expiresAt });
  if (reason === "gone" || reason === "removed")
    report("subscription:gone", { ...subject, id: row.graph.id });
  if (gap !== null) report("subscription:gap", { ...subject, ...gap });
}

type Teller = Pick<ActParts, "report" | "clock">;
