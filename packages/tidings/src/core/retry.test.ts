import { describe, expect, it } from "vitest";

import { KafkaError } from "./errors.ts";
import { Permanent, RetryAfter } from "./handler-errors.ts";
import type { Random } from "./ports/random.ts";
import {
  DEFAULT_RETRY,
  FREE_RETRY_AGE_MS,
  judgeFailure,
  SINK_RETRY_MS,
  type FailedAttempt,
  type FailureVerdict,
} from "./retry.ts";

const NOW = Date.UTC(2026, 0, 1);
const HALF: Random = { next: () => 0.5 };

function judge(attempt: Partial<FailedAttempt>): FailureVerdict {
  const full = { error: new Error("no"), failures: 0, receivedAt: NOW, now: NOW, isSpent: true, ...attempt };
  return judgeFailure(full, { attempts: 3, firstMs: 1_000, maxMs: 3_000 }, HALF);
}

describe("a change whose handler failed", () => {
  it.each<{ name: string; attempt: Partial<FailedAttempt>; verdict: FailureVerdict }>([
    {
      name: "is tried again after a while",
      attempt: {},
      verdict: { kind: "retry", failures: 1, until: NOW + 500 },
    },
    {
      name: "waits longer each time",
      attempt: { failures: 1 },
      verdict: { kind: "retry", failures: 2, until: NOW + 1_000 },
    },
    {
      name: "dies with its last attempt",
      attempt: { failures: 2 },
      verdict: { kind: "dead", failures: 3 },
    },
    {
      name: "dies of what is permanent",
      attempt: { error: new Permanent("never") },
      verdict: { kind: "dead", failures: 1 },
    },
    {
      name: "dies of what is permanent, found by a probe too",
      attempt: { error: new Permanent("never"), isSpent: false },
      verdict: { kind: "dead", failures: 1 },
    },
    {
      name: "spends nothing when told to come again",
      attempt: { error: new RetryAfter(86_400_000), failures: 2 },
      verdict: { kind: "retry", failures: 2, until: NOW + 86_400_000 },
    },
    {
      name: "spends nothing when told to come again in its last millisecond of that",
      attempt: { error: new RetryAfter(5), failures: 2, receivedAt: NOW - FREE_RETRY_AGE_MS + 1 },
      verdict: { kind: "retry", failures: 2, until: NOW + 5 },
    },
    {
      name: "spends an attempt when told to come again at a day of age",
      attempt: { error: new RetryAfter(5), failures: 1, receivedAt: NOW - FREE_RETRY_AGE_MS },
      verdict: { kind: "retry", failures: 2, until: NOW + 1_000 },
    },
    {
      name: "dies when told to come again at a day of age, and that was its last",
      attempt: { error: new RetryAfter(5), failures: 2, receivedAt: NOW - FREE_RETRY_AGE_MS },
      verdict: { kind: "dead", failures: 3 },
    },
    {
      name: "spends nothing while a sink of ours is away",
      attempt: { error: new KafkaError("unreachable"), failures: 2 },
      verdict: { kind: "retry", failures: 2, until: NOW + SINK_RETRY_MS / 2 },
    },
    {
      name: "dies of a sink of ours that is still away at a day of age",
      attempt: { error: new KafkaError("late"), failures: 2, receivedAt: NOW - FREE_RETRY_AGE_MS },
      verdict: { kind: "dead", failures: 3 },
    },
    {
      name: "spends nothing on a probe",
      attempt: { isSpent: false, failures: 2 },
      verdict: { kind: "retry", failures: 2, until: NOW + 1_000 },
    },
    {
      name: "spends a probe at a day of age",
      attempt: { isSpent: false, receivedAt: NOW - FREE_RETRY_AGE_MS },
      verdict: { kind: "retry", failures: 1, until: NOW + 500 },
    },
    {
      name: "dies of a probe at a day of age, when it was its last",
      attempt: { isSpent: false, failures: 2, receivedAt: NOW - FREE_RETRY_AGE_MS },
      verdict: { kind: "dead", failures: 3 },
    },
    {
      name: "waits after a first attempt that was a probe",
      attempt: { isSpent: false },
      verdict: { kind: "retry", failures: 0, until: NOW + 500 },
    },
    {
      name: "does not die of a probe, though the policy allows fewer attempts than before",
      attempt: { isSpent: false, failures: 7 },
      verdict: { kind: "retry", failures: 7, until: NOW + 1_500 },
    },
    {
      name: "dies at once when one attempt more than allowed was made",
      attempt: { failures: 7 },
      verdict: { kind: "dead", failures: 8 },
    },
  ])("$name", ({ attempt, verdict }) => {
    expect(judge(attempt)).toEqual(verdict);
  });

  it("is tried for 16 minutes on average, by default", () => {
    let now = 0;
    for (let failures = 0; failures < DEFAULT_RETRY.attempts - 1; failures += 1) {
      const attempt = { error: undefined, failures, receivedAt: 0, now, isSpent: true };
      const verdict = judgeFailure(attempt, DEFAULT_RETRY, HALF);
      if (verdict.kind === "retry") now = verdict.until;
    }
    expect(Math.floor(now / 60_000)).toBe(16);
  });
});
