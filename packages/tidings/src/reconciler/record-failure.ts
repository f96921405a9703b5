import type { Random } from "../core/ports/random.ts";
import { judgeFailure, retryAt, unparkAt, type FailureVerdict } from "../core/subscription-failure.ts";
import type { ParkedNeed, SubscriptionRow } from "../core/subscription.ts";
import type { ActParts } from "./act-parts.ts";
import { freed, toBeFound } from "./row-changes.ts";
import { outcomeOf, subjectOf, tellLoss } from "./tell.ts";

export interface FailureParts extends ActParts {
  readonly random: Random;
}

/** Failures in a row of a renewal after which somebody should look. */
const ENDANGERED_AFTER = 3;
/** Conflicts in a row after which the other one is not ours to find. */
const CONFLICTS = 3;

/** Writes what an action that failed means for its row: when to try again, or what a person must do first. */
export async function recordFailure(
  action: string,
  row: SubscriptionRow,
  error: unknown,
  parts: FailureParts,
): Promise<FailureVerdict> {
  const verdict = judgeFailure(error);
  const failure = { action, row, error };
  switch (verdict.kind) {
    case "wait":
      // A time that is over already says as little as none.
      await comeAgain(failure, parts, verdict.waitMs === 0 ? undefined : verdict.waitMs);
      break;
    case "shorten":
      if (await parts.ceilings.learn(row, verdict.ceilingMs)) await comeAgain(failure, parts, 0);
      else await retry(failure, parts);
      break;
    case "replace":
      await lookForAnother(failure, parts);
      break;
    case "adopt":
      if (row.failures + 1 < CONFLICTS) await retry(failure, parts);
      else await park("conflict", failure, parts);
      break;
    case "park":
      await park(verdict.need, failure, parts);
      break;
    case "give-up":
      await park(verdict.wrong, failure, parts);
      break;
    case "retry":
    case "unreachable":
    case "signed-out":
    case "keyless":
      await retry(failure, parts);
      break;
  }
  return verdict;
}

interface Failure {
  readonly action: string;
  readonly row: SubscriptionRow;
  readonly error: unknown;
}

/** Nothing went wrong but the moment. */
async function comeAgain(failure: Failure, parts: FailureParts, waitMs: number | undefined): Promise<void> {
  const { row } = failure;
  const now = parts.clock.now();
  const at =
    waitMs === undefined ? retryAt(row, row.failures + 1, now, parts.random) : now + Math.ceil(waitMs);
  if (waitMs !== 0) tellFailure(failure, at, parts);
  await write(failure, parts, { nextActionAt: at });
}

async function retry(failure: Failure, parts: FailureParts): Promise<void> {
  const { row, error } = failure;
  const failures = row.failures + 1;
  const at = retryAt(row, failures, parts.clock.now(), parts.random);
  tellFailure(failure, at, parts);
  if (failures === ENDANGERED_AFTER && row.graph !== null)
    parts.report("subscription:endangered", { ...outcomeOf(row, row.graph), error });
  await write(failure, parts, { failures, nextActionAt: at });
}

async function park(need: ParkedNeed, failure: Failure, parts: FailureParts): Promise<void> {
  const { row, error } = failure;
  const now = parts.clock.now();
  const at = unparkAt(row, need, now, parts.random);
  const isNews = row.parked?.need !== need;
  if (isNews) parts.report("subscription:parked", { ...subjectOf(row), need, error, retryAt: at });
  const message = error instanceof Error ? error.message : String(error);
  const parked = { need, message, since: isNews ? now : (row.parked?.since ?? now) };
  await write(failure, parts, { failures: row.failures + 1, parked, nextActionAt: at });
}

/** What is left of the one it had is found by its id, and removed. */
async function lookForAnother(failure: Failure, parts: FailureParts): Promise<void> {
  const { row } = failure;
  if (row.graph === null) return retry(failure, parts);
  const now = parts.clock.now();
  tellLoss(row, "gone", parts);
  await parts.rows.edit(row.key, (current) => current && freed(toBeFound(current, "gone", now)));
}

function tellFailure({ action, row, error }: Failure, at: number, { report }: FailureParts): void {
  report("subscription:failed", { ...subjectOf(row), action, error, retryAt: at });
}

/**
 * Frees the row, with what the failure means for it, unless something else is wanted by now: that is looked at at once.
 * What may have been made by then, Graph's list has only later.
 */
async function write(
  { action, row }: Failure,
  { rows, clock }: FailureParts,
  meaning: Partial<SubscriptionRow>,
): Promise<void> {
  const now = clock.now();
  await rows.edit(row.key, (current) => {
    if (current === undefined) return undefined;
    const isUnsure = current.createStartedAt !== null && action !== "find";
    const free = freed(isUnsure ? { ...current, createStartedAt: now } : current);
    return JSON.stringify(current.wants) === JSON.stringify(row.wants) ? { ...free, ...meaning } : free;
  });
}
