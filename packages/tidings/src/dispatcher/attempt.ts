import { backoffMs, type BackoffOptions } from "../core/backoff.ts";
import type { ChangeOutcome, Report } from "../core/events.ts";
import type { InboxRow, Settlement } from "../core/inbox.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import { resourceKeyOfLane } from "../core/lane.ts";

/** Attempts before a change becomes a dead letter: a quarter of an hour on average with {@link RETRY_BACKOFF}, half an hour at most. */
export const MAX_ATTEMPTS = 12;

export const RETRY_BACKOFF: BackoffOptions = { firstMs: 1_000, maxMs: 15 * 60_000 };

/** A row whose declaration is in no code any more waits this long for it to come back: a week. */
export const UNDECLARED_WAIT_MS: number = 7 * 24 * 3_600_000;
const UNDECLARED_RETRY_MS = 60_000;

/** The row's declaration is not declared by this process. */
export class UndeclaredError extends Error {
  override readonly name = "UndeclaredError";

  constructor(declaration: string) {
    super(
      `No declaration is named \`${declaration}\`; declare it again, or its changes become dead letters after a week`,
    );
  }
}

export interface AttemptParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
  /** Calls the handler. @throws UndeclaredError, or whatever the handler throws */
  readonly handle: (row: InboxRow, signal: AbortSignal) => Promise<void>;
}

/** Tries a row once and says what to write down about it. Never rejects. */
export async function attempt(row: InboxRow, signal: AbortSignal, parts: AttemptParts): Promise<Settlement> {
  const outcome = outcomeOf(row);
  try {
    await parts.handle(row, signal);
  } catch (error) {
    const settlement = settleFailure(row, error, parts);
    if (settlement.kind === "dead") parts.report("change:dead", { ...outcome, error });
    else parts.report("change:failed", { ...outcome, error, retryAt: settlement.notBefore });
    return settlement;
  }
  if (row.kind === "notification") parts.report("change:handled", outcome);
  return { kind: "done", seq: row.seq };
}

function settleFailure(
  row: InboxRow,
  error: unknown,
  { clock, random }: AttemptParts,
): Extract<Settlement, { kind: "retry" | "dead" }> {
  const { seq } = row;
  const now = clock.now();
  if (error instanceof UndeclaredError && now - row.receivedAt < UNDECLARED_WAIT_MS) {
    return { kind: "retry", seq, failures: row.failures, notBefore: now + UNDECLARED_RETRY_MS };
  }
  const failures = row.failures + 1;
  return failures >= MAX_ATTEMPTS || error instanceof UndeclaredError
    ? { kind: "dead", seq, diedAt: now, error: describe(error) }
    : { kind: "retry", seq, failures, notBefore: now + backoffMs(failures, RETRY_BACKOFF, random) };
}

function outcomeOf({ seq, declaration, failures, lane, body }: InboxRow): ChangeOutcome {
  const { id, changeType } = body.raw;
  return {
    seq,
    declaration,
    notificationId: typeof id === "string" ? id : undefined,
    changeType: typeof changeType === "string" ? changeType : undefined,
    resourceKey: resourceKeyOfLane(lane),
    attempt: failures + 1,
  };
}

const MAX_ERROR_LENGTH = 2_000;

/** What a dead letter keeps of its error: name and message, never fields, which could hold anything. */
function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : `threw ${typeof error}`;
  return text.slice(0, MAX_ERROR_LENGTH);
}
