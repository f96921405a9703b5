import { backoffMs } from "./backoff.ts";
import {
  CredentialError,
  GraphAnswerError,
  GraphRefusedError,
  GraphThrottledError,
  GraphUnreachableError,
  KeysUnavailableError,
} from "./errors.ts";
import type { Random } from "./ports/random.ts";
import { judgeRefusal, type RefusalVerdict } from "./refusal-verdict.ts";
import type { ParkedNeed, SubscriptionRow } from "./subscription.ts";

/**
 * What a failed request about a subscription means: a verdict on what Graph said, or `unreachable` when nothing it
 * said can be used, or `signed-out` when the credential gave no token, or `keyless` when Graph was not asked for want of
 * a certificate.
 */
export type FailureVerdict =
  | RefusalVerdict
  | { readonly kind: "unreachable" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "keyless" };

export function judgeFailure(error: unknown): FailureVerdict {
  if (error instanceof GraphRefusedError) return judgeRefusal(error);
  if (error instanceof GraphThrottledError) return { kind: "wait", waitMs: error.retryAfterMs };
  if (error instanceof CredentialError) return { kind: "signed-out" };
  if (error instanceof KeysUnavailableError) return { kind: "keyless" };
  return { kind: "unreachable" };
}

/** Whether a request that failed so may have been carried out all the same. */
export function mayHaveHappened(error: unknown): boolean {
  if (error instanceof GraphUnreachableError || error instanceof GraphAnswerError) return true;
  if (error instanceof GraphThrottledError || error instanceof CredentialError) return false;
  if (error instanceof KeysUnavailableError) return false;
  // A conflict says that one is there; a service in trouble may have made it before it failed.
  if (error instanceof GraphRefusedError) return error.status === 409 || error.status >= 500;
  return true;
}

/** Whether Graph itself, or the way to it, is in trouble: others of the tenant will fare no better. */
export function isTrouble(verdict: FailureVerdict): boolean {
  return (
    verdict.kind === "unreachable" ||
    verdict.kind === "signed-out" ||
    (verdict.kind === "retry" && verdict.trouble === "service")
  );
}

const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;

/** When to try again what failed so often, epoch milliseconds: the sooner, the nearer the end of what is alive. */
export function retryAt(row: SubscriptionRow, failures: number, now: number, random: Random): number {
  const maxMs = Math.min(MAX_RETRY_MS, patienceMs(row, now));
  return now + backoffMs(failures, { firstMs: Math.min(FIRST_RETRY_MS, maxMs), maxMs }, random);
}

/**
 * When to see whether a person has done what is needed, epoch milliseconds. What the request itself has wrong changes
 * with a new version of the app, which looks at once.
 */
export function unparkAt(row: SubscriptionRow, need: ParkedNeed, now: number, random: Random): number {
  const hours = need === "request" || need === "resource" ? 6 : 1;
  const waitMs = Math.min(hours * HOUR_MS, patienceMs(row, now));
  return now + Math.round(waitMs * (0.9 + 0.2 * random.next()));
}

/** An eighth of the life left, so that there are some tries before the end of any life. */
function patienceMs({ graph }: SubscriptionRow, now: number): number {
  const leftMs = graph === null ? 0 : graph.expiresAt - now;
  return leftMs <= 0 ? Infinity : Math.max(FIRST_RETRY_MS, leftMs / 8);
}
