import { backoffMs } from "../core/backoff.ts";
import { issueClientState } from "../core/client-state.ts";
import { GraphRefusedError, StoreError } from "../core/errors.ts";
import type { Report, SubscriptionOutcome } from "../core/events.ts";
import { markOfUrl, type SubscriptionUrls } from "../core/mark.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { GraphApi, RemoteSubscription } from "../core/ports/graph-api.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import type { Random } from "../core/ports/random.ts";
import { requestedLifetimeMs } from "../core/resource-kinds.ts";
import type { SubscriptionAction } from "../core/subscription-plan.ts";
import { resourceOf, wantedChangeTypes, type SubscriptionRow } from "../core/subscription.ts";
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
  let remote: RemoteSubscription;
  try {
    remote = await graph.createSubscription(
      { tenantId },
      {
        ...urls,
        resource: resourceOf(intent),
        changeTypes: wantedChangeTypes(intent),
        clientState: issueClientState(keyring, { subscriptionKey: key, tenantId }),
        expiresAt: clock.now() + requestedLifetimeMs(intent.path),
      },
    );
  } catch (error) {
    // What Graph refused it did not make; without a clear answer one may exist that is not known here.
    const wasRefused = error instanceof GraphRefusedError && !error.retryable;
    return recordFailure("create", wasRefused ? { ...intent, createStartedAt: null } : intent, error, parts);
  }
  report("subscription:created", outcomeOf(intent, remote));
  return orRecord("replace", intent, parts, () => takeOver(intent, remote, parts));
}

/** Looks at Graph for what carries the row's mark and is not known to it, and takes that over. */
async function find(row: SubscriptionRow, parts: ActParts): Promise<SubscriptionRow | undefined> {
  const { graph, rows, keyring, app, report } = parts;
  const listed = await graph.listSubscriptions({ tenantId: row.tenantId });
  const found = listed.find(({ id, notificationUrl }) => {
    const mark = markOfUrl(keyring, notificationUrl);
    return id !== row.graph?.id && mark?.app === app && mark.subscriptionKey === row.key;
  });
  if (found === undefined) return rows.put({ ...row, createStartedAt: null });
  report("subscription:adopted", outcomeOf(row, found));
  return takeOver(row, found, parts);
}

/**
 * Makes a subscription the row's. The one it had goes first: were the row written before, a crash between would leave
 * that one alive with nobody to know of it.
 */
async function takeOver(
  row: SubscriptionRow,
  remote: RemoteSubscription,
  { graph, rows, clock, report }: ActParts,
): Promise<SubscriptionRow | undefined> {
  if (row.graph !== null && row.graph.id !== remote.id) {
    await graph.deleteSubscription({ tenantId: row.tenantId }, row.graph.id);
    report("subscription:removed", { key: row.key, id: row.graph.id, resource: resourceOf(row) });
  }
  return rows.put(granted(row, remote, clock.now()));
}

async function renew(
  id: string,
  row: SubscriptionRow,
  { graph, rows, clock, report }: ActParts,
): Promise<SubscriptionRow | undefined> {
  const expiresAt = clock.now() + requestedLifetimeMs(row.path);
  const remote = await graph.renewSubscription({ tenantId: row.tenantId }, id, expiresAt);
  if (remote === undefined) {
    report("subscription:gone", { key: row.key, id, resource: resourceOf(row) });
    return rows.put({ ...row, graph: null, nextActionAt: clock.now() });
  }
  report("subscription:renewed", outcomeOf(row, remote));
  return rows.put(granted(row, remote, clock.now()));
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
function granted(row: SubscriptionRow, remote: RemoteSubscription, now: number): SubscriptionRow {
  const { id, changeTypes, notificationUrl, expiresAt } = remote;
  return {
    ...row,
    graph: { id, changeTypes, notificationUrl, expiresAt, grantedAt: now, isRenewalAsked: false },
    createStartedAt: null,
    failures: 0,
    nextActionAt: now,
  };
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
  if (error instanceof StoreError) throw error;
  const failures = row.failures + 1;
  const askedMs = error instanceof GraphRefusedError ? (error.retryAfterMs ?? 0) : 0;
  const retryAt = clock.now() + Math.max(askedMs, backoffMs(failures, FAILURE_BACKOFF, random));
  report("subscription:failed", { key: row.key, resource: resourceOf(row), action, error, retryAt });
  return rows.put({ ...row, failures, nextActionAt: retryAt });
}

function outcomeOf(row: SubscriptionRow, { id, expiresAt }: RemoteSubscription): SubscriptionOutcome {
  return { key: row.key, id, resource: resourceOf(row), expiresAt };
}
