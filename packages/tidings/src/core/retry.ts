import { backoffMs } from "./backoff.ts";
import { ContentRefusedError, KafkaError, KeysUnavailableError, StdoutError } from "./errors.ts";
import { Permanent, RetryAfter } from "./handler-errors.ts";
import type { Random } from "./ports/random.ts";

export interface RetryPolicy {
  /** Calls of the handler before a change becomes a dead letter. @default 12, which take 16 minutes on average */
  readonly attempts: number;
  /** Upper bound of the first wait in milliseconds; it doubles each time. @default 1 s */
  readonly firstMs: number;
  /** Upper bound of every wait in milliseconds. @default 15 min */
  readonly maxMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 12, firstMs: 1_000, maxMs: 15 * 60_000 };

/** How long a change waits, at most, before it is looked for keys again that were not there. */
const KEYS_RETRY_MS = 15_000;

/** How long a change waits, at most, before a sink of ours that was away is tried again with it. */
export const SINK_RETRY_MS = 5_000;

/** Until this age a change may be put off by `RetryAfter`, or by its declaration's pause, without spending attempts. */
export const FREE_RETRY_AGE_MS: number = 24 * 3_600_000;

export interface FailedAttempt {
  readonly error: unknown;
  /** Attempts that failed before this one. */
  readonly failures: number;
  readonly receivedAt: number;
  readonly now: number;
  /** False while the declaration is paused by its failures: what a probe finds out is not the change's fault. */
  readonly isSpent: boolean;
}

export type FailureVerdict =
  | { readonly kind: "retry"; readonly failures: number; readonly until: number }
  | { readonly kind: "dead"; readonly failures: number };

/** Decides what becomes of a change whose handler failed. */
export function judgeFailure(attempt: FailedAttempt, policy: RetryPolicy, random: Random): FailureVerdict {
  const { error, failures, receivedAt, now, isSpent } = attempt;
  if (error instanceof Permanent || error instanceof ContentRefusedError) {
    return { kind: "dead", failures: failures + 1 };
  }
  if (error instanceof KeysUnavailableError && mayCome(error, now - receivedAt)) {
    const wait = backoffMs(1, { firstMs: KEYS_RETRY_MS, maxMs: KEYS_RETRY_MS }, random);
    return { kind: "retry", failures, until: now + wait };
  }
  if (isSinkAway(error) && now - receivedAt < FREE_RETRY_AGE_MS) {
    const wait = backoffMs(1, { firstMs: SINK_RETRY_MS, maxMs: SINK_RETRY_MS }, random);
    return { kind: "retry", failures, until: now + wait };
  }
  if (error instanceof RetryAfter && now - receivedAt < FREE_RETRY_AGE_MS) {
    return { kind: "retry", failures, until: now + error.ms };
  }
  // What has failed for a day, and nothing else has succeeded, is bad itself: it would stop its lane for ever.
  const counts = isSpent || now - receivedAt >= FREE_RETRY_AGE_MS;
  const spent = counts ? failures + 1 : failures;
  if (counts && spent >= policy.attempts) return { kind: "dead", failures: spent };
  return { kind: "retry", failures: spent, until: now + backoffMs(Math.max(1, spent), policy, random) };
}

/**
 * However long the login service is away, it is not the change's fault, and nobody has said that it is bad. A private
 * key that is not there after a day is lost: its change must not stop its lane for ever.
 */
function mayCome({ kind }: KeysUnavailableError, ageMs: number): boolean {
  return kind !== "certificate" || ageMs < FREE_RETRY_AGE_MS;
}

/** Ours say when it is the change that is bad, by `Permanent`. Else the inbox keeps it for them. */
function isSinkAway(error: unknown): boolean {
  return error instanceof KafkaError || error instanceof StdoutError;
}
