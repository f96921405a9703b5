import { backoffMs } from "../core/backoff.ts";
import { requestedLifetimeMs } from "../core/catalogue/lifetime.ts";
import { issueClientState } from "../core/client-state.ts";
import { GraphRefusedError, GraphUnreachableError, StoreBrokenError, StoreError } from "../core/errors.ts";
import type { Report, SubscriptionOutcome } from "../core/events.ts";
import { markOfUrl, type SubscriptionUrls } from "../core/mark.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { GraphApi, RemoteSubscription } from "../core/ports/graph-api.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import type { Random } from "../core/ports/random.ts";
import type { SubscriptionAction } from "../core/subscription-plan.ts";
import {
  resourceOf,
  wantedChangeTypes,
  wantedLifetimes,
  type GraphSubscription,
  type SubscriptionRow,
} from "../core/subscription.ts";
import type { SubscriptionRows } from "./subscription-rows.ts";

export interface ActParts {
  readonly graph: GraphApi;
  readonly rows: SubscriptionRows;
  readonly keyring: Keyring;
  /** `name` of the app, in every mark. */
  readonly app: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
  /** All of the tenant's subscriptions at Graph, as listed at or after `since`; one list serves many rows. */
  readonly list: (tenantId: string, since: number) => Promise<readonly RemoteSubscription[]>;
}

/** A row and the URLs it should have at Graph. */
export interface Subject {
  readonly row: SubscriptionRow;
  readonly urls: SubscriptionUrls;
}

const FAILURE_BACKOFF = { firstMs: 5_000, maxMs: 15 * 60_000 };

/**
 * Carries out one action and writes what came of it, also when it fails.
 *
 * @returns the row as stored, or undefined when it is gone or another process wrote it first
 */
export async function act(
  action: SubscriptionAction,
  subject: Subject,
  parts: ActParts,
): Promise<SubscriptionRow | undefined> {
  const { row } = subject;
  switch (action.kind) {
    case "wait":
      return parts.rows.put({ ...row, nextActionAt: action.until });
    case "create":
      if (action.reason === "expired") tellGone(row, parts);
      return create(subject, parts);
    case "find":
      return orRecord("find", row, parts, () => find(row, parts));
    case "renew":
      return orRecord("renew", row, parts, () => renew(action.id, row, parts));
    case "remove":
      return remove(action.id, row, parts);
  }
}

/** The intent is written first, so that a process that dies before the answer leaves a trace of it. */
async function create({ row, urls }: Subject, parts: ActParts): Promise<SubscriptionRow | undefined> {
  const { rows, graph, clock, keyring, report } = parts;
  const intent = await rows.put({ ...row, createStartedAt: clock.now() });
  if (intent === undefined) return undefined;
  const { tenantId, key } = intent;
  const changeTypes = wantedChangeTypes(intent);
  let remote: RemoteSubscription;
  try {
    remote = await graph.createSubscription(
      { tenantId },
      {
        ...urls,
        changeTypes,
        resource: resourceOf(intent),
        clientState: issueClientState(keyring, { subscriptionKey: key, tenantId }),
        expiresAt: clock.now() + requestedLifetimeMs(intent.path, wantedLifetimes(intent)),
      },
    );
  } catch (error) {
    return recordFailure(
      "create",
      mayHaveMade(error) ? intent : { ...intent, createStartedAt: null },
      error,
      parts,
    );
  }
  report("subscription:created", outcomeOf(intent, remote));
  const made = { ...remote, changeTypes, notificationUrl: urls.notificationUrl };
  return orRecord("replace", intent, parts, () => takeOver(intent, made, parts));
}

/** Without a clear answer one may exist that is not known here; a conflict says that one does. */
function mayHaveMade(error: unknown): boolean {
  if (error instanceof GraphUnreachableError) return true;
  if (!(error instanceof GraphRefusedError)) return false;
  return error.status === 409 || (error.retryable && error.status !== 429);
}

/** Looks at Graph for what carries the row's mark and is not known to it, and takes that over. */
async function find(row: SubscriptionRow, parts: ActParts): Promise<SubscriptionRow | undefined> {
  const { rows, keyring, app, report } = parts;
  const listed = await parts.list(row.tenantId, row.createStartedAt ?? 0);
  const found = listed.find(({ id, notificationUrl }) => {
    const mark = markOfUrl(keyring, notificationUrl);
    return id !== row.graph?.id && mark?.app === app && mark.subscriptionKey === row.key;
  });
  if (found === undefined) return rows.put({ ...row, createStartedAt: null });
  report("subscription:adopted", outcomeOf(row, found));
  return takeOver(row, found, parts, ADOPTED);
}

/** Graph's list may be stale, so what was found in it is renewed at once: the answer proves it alive. */
const ADOPTED = { isRenewalAsked: true };

/**
 * Makes a subscription the row's. The one it had goes first: were the row written before, a crash between would leave
 * that one alive with nobody to know of it.
 */
async function takeOver(
  row: SubscriptionRow,
  remote: RemoteSubscription,
  { graph, rows, clock, report }: ActParts,
  { isRenewalAsked }: Pick<GraphSubscription, "isRenewalAsked"> = { isRenewalAsked: false },
): Promise<SubscriptionRow | undefined> {
  if (row.graph !== null && row.graph.id !== remote.id) {
    await graph.deleteSubscription({ tenantId: row.tenantId }, row.graph.id);
    report("subscription:removed", { key: row.key, id: row.graph.id, resource: resourceOf(row) });
  }
  const { id, changeTypes, notificationUrl, expiresAt } = remote;
  const now = clock.now();
  return rows.put(
    withGrant(row, { id, changeTypes, notificationUrl, expiresAt, grantedAt: now, isRenewalAsked }, now),
  );
}

async function renew(
  id: string,
  row: SubscriptionRow,
  { graph, rows, clock, report }: ActParts,
): Promise<SubscriptionRow | undefined> {
  const expiresAt = clock.now() + requestedLifetimeMs(row.path, wantedLifetimes(row));
  const remote = await graph.renewSubscription({ tenantId: row.tenantId }, id, expiresAt);
  const now = clock.now();
  if (remote === undefined || row.graph === null) {
    tellGone(row, { report });
    return rows.put({ ...row, graph: null, nextActionAt: now });
  }
  report("subscription:renewed", outcomeOf(row, remote));
  const grant = { ...row.graph, expiresAt: remote.expiresAt, grantedAt: now, isRenewalAsked: false };
  return rows.put(withGrant(row, grant, now));
}

/** Written as unknown first: if the row is wanted again before it is gone, what Graph has is looked up, not believed. */
async function remove(
  id: string | undefined,
  row: SubscriptionRow,
  parts: ActParts,
): Promise<SubscriptionRow | undefined> {
  const { graph, rows, clock, report } = parts;
  if (id === undefined) {
    await rows.delete(row);
    return undefined;
  }
  const unknown = await rows.put({ ...row, graph: null, createStartedAt: clock.now() });
  if (unknown === undefined) return undefined;
  return orRecord("remove", unknown, parts, async () => {
    await graph.deleteSubscription({ tenantId: row.tenantId }, id);
    report("subscription:removed", { key: row.key, id, resource: resourceOf(row) });
    await rows.delete(unknown);
    return undefined;
  });
}

/** The row with what Graph granted; due at once, so that the next plan says when to look again. */
function withGrant(row: SubscriptionRow, graph: GraphSubscription, now: number): SubscriptionRow {
  return { ...row, graph, createStartedAt: null, failures: 0, nextActionAt: now };
}

function tellGone(row: SubscriptionRow, { report }: Pick<ActParts, "report">): void {
  if (row.graph !== null)
    report("subscription:gone", { key: row.key, id: row.graph.id, resource: resourceOf(row) });
}

async function orRecord(
  action: string,
  row: SubscriptionRow,
  parts: ActParts,
  run: () => Promise<SubscriptionRow | undefined>,
): Promise<SubscriptionRow | undefined> {
  try {
    return await run();
  } catch (error) {
    return recordFailure(action, row, error, parts);
  }
}

async function recordFailure(
  action: string,
  row: SubscriptionRow,
  error: unknown,
  { rows, clock, random, report }: ActParts,
): Promise<SubscriptionRow | undefined> {
  if (error instanceof StoreError || error instanceof StoreBrokenError) throw error;
  const failures = row.failures + 1;
  const askedMs = error instanceof GraphRefusedError ? (error.retryAfterMs ?? 0) : 0;
  const retryAt = clock.now() + Math.max(askedMs, backoffMs(failures, FAILURE_BACKOFF, random));
  report("subscription:failed", { key: row.key, resource: resourceOf(row), action, error, retryAt });
  return rows.put({ ...row, failures, nextActionAt: retryAt });
}

function outcomeOf(row: SubscriptionRow, { id, expiresAt }: RemoteSubscription): SubscriptionOutcome {
  return { key: row.key, id, resource: resourceOf(row), expiresAt };
}
