import { describe, expect, it } from "vitest";
import {
  CredentialError,
  GraphAnswerError,
  GraphRefusedError,
  GraphThrottledError,
  GraphUnreachableError,
} from "./errors.ts";
import {
  isTrouble,
  judgeFailure,
  mayHaveHappened,
  retryAt,
  unparkAt,
  type FailureVerdict,
} from "./subscription-failure.ts";
import { newSubscriptionRow, type ParkedNeed, type SubscriptionRow } from "./subscription.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = Date.UTC(2026, 0, 1);

function refused(status: number): GraphRefusedError {
  return new GraphRefusedError({
    method: "POST",
    path: "/v1.0/subscriptions",
    status,
    graphCode: undefined,
    graphMessage: undefined,
    requestId: undefined,
    retryAfterMs: undefined,
  });
}

const unreachable = new GraphUnreachableError("POST", "/subscriptions", {});

describe("a failure", () => {
  it.each<{ error: Error; verdict: FailureVerdict; happened: boolean; trouble: boolean }>([
    { error: unreachable, verdict: { kind: "unreachable" }, happened: true, trouble: true },
    {
      error: new GraphAnswerError("POST", "/subscriptions", "not-json"),
      verdict: { kind: "unreachable" },
      happened: true,
      trouble: true,
    },
    {
      error: new GraphThrottledError("POST", "/subscriptions", 5),
      verdict: { kind: "wait", waitMs: 5 },
      happened: false,
      trouble: false,
    },
    { error: new CredentialError("scope"), verdict: { kind: "signed-out" }, happened: false, trouble: true },
    { error: new TypeError("unforeseen"), verdict: { kind: "unreachable" }, happened: true, trouble: true },
    {
      error: refused(503),
      verdict: { kind: "retry", trouble: "service" },
      happened: true,
      trouble: true,
    },
    { error: refused(409), verdict: { kind: "adopt" }, happened: true, trouble: false },
    { error: refused(403), verdict: { kind: "park", need: "consent" }, happened: false, trouble: false },
    { error: refused(429), verdict: { kind: "wait", waitMs: undefined }, happened: false, trouble: false },
  ])("of $error.name is judged $verdict.kind: $error.message", ({ error, verdict, happened, trouble }) => {
    expect(judgeFailure(error)).toEqual(verdict);
    expect(mayHaveHappened(error)).toBe(happened);
    expect(isTrouble(verdict)).toBe(trouble);
  });

  it("to prove the endpoint is no trouble of Graph's", () => {
    expect(isTrouble({ kind: "retry", trouble: "endpoint" })).toBe(false);
  });
});

/** A row whose subscription lives so long still; without one, Graph has none. */
function row(leftMs?: number): SubscriptionRow {
  const graph = {
    id: "1",
    changeTypes: [],
    notificationUrl: "",
    grantedAt: 0,
    expiresAt: NOW + (leftMs ?? 0),
    isRenewalAsked: false,
  };
  const target = { tenantId: "t", path: "users", query: "" };
  return { ...newSubscriptionRow("key", target, 0), graph: leftMs === undefined ? null : graph };
}

const latest = { next: () => 1 - Number.EPSILON };
const middle = { next: () => 0.5 };

describe("what failed", () => {
  it.each<{ name: string; of: SubscriptionRow; failures: number; waitMs: number }>([
    { name: "once", of: row(), failures: 1, waitMs: 5_000 },
    { name: "three times", of: row(), failures: 3, waitMs: 20_000 },
    { name: "for hours", of: row(), failures: 50, waitMs: 15 * MINUTE_MS },
    { name: "for hours, with days left", of: row(72 * HOUR_MS), failures: 50, waitMs: 15 * MINUTE_MS },
    { name: "for hours, with 80 min left", of: row(80 * MINUTE_MS), failures: 50, waitMs: 10 * MINUTE_MS },
    { name: "for hours, with 8 min left", of: row(8 * MINUTE_MS), failures: 50, waitMs: MINUTE_MS },
    { name: "for hours, with 8 s left", of: row(8_000), failures: 50, waitMs: 5_000 },
    { name: "for hours, and has ended", of: row(0), failures: 50, waitMs: 15 * MINUTE_MS },
  ])("$name comes again within $waitMs ms", ({ of, failures, waitMs }) => {
    expect(retryAt(of, failures, NOW, latest)).toBe(NOW + waitMs - 1);
    expect(retryAt(of, failures, NOW, { next: () => 0 })).toBe(NOW);
  });

  it.each<{ need: ParkedNeed; of: SubscriptionRow; waitMs: number }>([
    { need: "consent", of: row(), waitMs: HOUR_MS },
    { need: "quota", of: row(), waitMs: HOUR_MS },
    { need: "sign-in", of: row(), waitMs: HOUR_MS },
    { need: "payment", of: row(), waitMs: HOUR_MS },
    { need: "conflict", of: row(), waitMs: HOUR_MS },
    { need: "request", of: row(), waitMs: 6 * HOUR_MS },
    { need: "resource", of: row(), waitMs: 6 * HOUR_MS },
    { need: "consent", of: row(4 * HOUR_MS), waitMs: HOUR_MS / 2 },
    { need: "resource", of: row(400 * HOUR_MS), waitMs: 6 * HOUR_MS },
  ])("for want of $need comes again in $waitMs ms, give or take a tenth", ({ need, of, waitMs }) => {
    expect(unparkAt(of, need, NOW, middle)).toBe(NOW + waitMs);
    expect(unparkAt(of, need, NOW, { next: () => 0 })).toBe(NOW + 0.9 * waitMs);
    expect(unparkAt(of, need, NOW, latest)).toBe(NOW + 1.1 * waitMs);
  });
});
