import type { Random } from "../core/ports/random.ts";
import { judgeFailure, retryAt, unparkAt, type FailureVerdict } from "../core/subscription-failure.ts";
import type { ParkedNeed, SubscriptionRow } from "../core/subscription.ts";
import { freed, outcomeOf, subjectOf, tellLoss, toBeFound, type ActParts } from "./act.ts";

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
      await comeAgain(failure, { ...parts, waitMs: verdict.waitMs });
      break;
    case "shorten":
      if (await parts.ceilings.learn(row, verdict.ceilingMs))
        await comeAgain(failure, { ...parts, waitMs: 0 });
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
async function comeAgain(
  { action, row, error }: Failure,
  { rows, clock, random, report, waitMs }: FailureParts & { readonly waitMs: number | undefined },
): Promise<void> {
  const now = clock.now();
  const at = waitMs === undefined ? retryAt(row, row.failures + 1, now, random) : now + Math.ceil(waitMs);
  if (waitMs !== 0) report("subscription:failed", { ...subjectOf(row), action, error, retryAt: at });
  await rows.edit(row.key, (current) => current && { ...failed(current, action, now), nextActionAt: at });
}

async function retry({ action, row, error }: Failure, parts: FailureParts): Promise<void> {
  const { rows, clock, random, report } = parts;
  const failures = row.failures + 1;
  const now = clock.now();
  const at = retryAt(row, failures, now, random);
  report("subscription:failed", { ...subjectOf(row), action, error, retryAt: at });
  if (failures === ENDANGERED_AFTER && row.graph !== null)
    report("subscription:endangered", { ...outcomeOf(row, row.graph), error });
  await rows.edit(
    row.key,
    (current) => current && { ...failed(current, action, now), failures, nextActionAt: at },
  );
}

async function park(need: ParkedNeed, { action, row, error }: Failure, parts: FailureParts): Promise<void> {
  const { rows, clock, random, report } = parts;
  const now = clock.now();
  const at = unparkAt(row, need, now, random);
  const isNews = row.parked?.need !== need;
  if (isNews) report("subscription:parked", { ...subjectOf(row), need, error, retryAt: at });
  const message = error instanceof Error ? error.message : String(error);
  const since = isNews ? now : (row.parked?.since ?? now);
  const failures = row.failures + 1;
  const parked = { need, since, message };
  await rows.edit(
    row.key,
    (current) => current && { ...failed(current, action, now), failures, parked, nextActionAt: at },
  );
}

/** What is left of the one it had is found by its id, and removed. */
async function lookForAnother(failure: Failure, parts: FailureParts): Promise<void> {
  const { row } = failure;
  if (row.graph === null) return retry(failure, parts);
  const now = parts.clock.now();
  tellLoss(row, "gone", parts);
  await parts.rows.edit(row.key, (current) => current && freed(toBeFound(current, "gone", now)));
}

/** The row in nobody's hands after a failure. What may have been made by then, Graph's list has only later. */
function failed(row: SubscriptionRow, action: string, now: number): SubscriptionRow {
  const isUnsure = row.createStartedAt !== null && action !== "find";
  return freed(isUnsure ? { ...row, createStartedAt: now } : row);
}
