import { describe, expect, it } from "vitest";

import type { InboxRow, Settlement } from "../core/inbox.ts";
import {
  attempt,
  MAX_ATTEMPTS,
  RETRY_BACKOFF,
  UNDECLARED_WAIT_MS,
  UndeclaredError,
  type AttemptParts,
} from "./attempt.ts";

const NOW = Date.UTC(2026, 0, 1);
const WEEK = 7 * 24 * 3_600_000;

function row(properties: Partial<InboxRow> = {}): InboxRow {
  return {
    kind: "notification",
    declaration: "users",
    subscriptionKey: "key",
    lane: "users key users/1",
    identity: undefined,
    body: { raw: { id: "n1", changeType: "updated" }, params: {} },
    receivedAt: NOW - 1_000,
    source: "webhook",
    seq: 7,
    failures: 0,
    notBefore: 0,
    ...properties,
  };
}

interface Tried {
  readonly settlement: Settlement;
  readonly events: [name: string, event: unknown][];
}

/** One attempt at a row, with chance always in the middle. */
async function tryRow(given: InboxRow, handle: AttemptParts["handle"]): Promise<Tried> {
  const events: Tried["events"] = [];
  const settlement = await attempt(given, new AbortController().signal, {
    clock: { now: () => NOW, sleep: async () => {} },
    random: { next: () => 0.5 },
    report: (name, event) => events.push([name, event]),
    handle,
  });
  return { settlement, events };
}

function throwing(error: unknown): AttemptParts["handle"] {
  return async () => {
    throw error;
  };
}

const OUTCOME = {
  seq: 7,
  declaration: "users",
  notificationId: "n1",
  changeType: "updated",
  resourceKey: "users/1",
};

describe("an attempt that succeeds", () => {
  it("is done, and told", async () => {
    expect(await tryRow(row({ failures: 2 }), async () => {})).toEqual({
      settlement: { kind: "done", seq: 7 },
      events: [["change:handled", { ...OUTCOME, attempt: 3 }]],
    });
  });

  it("hands the handler its row and signal", async () => {
    const given = row();
    const { signal } = new AbortController();
    const handed: unknown[] = [];
    await attempt(given, signal, {
      clock: { now: () => NOW, sleep: async () => {} },
      random: { next: () => 0 },
      report: () => {},
      handle: async (...args) => {
        handed.push(...args);
      },
    });
    expect(handed[0]).toBe(given);
    expect(handed[1]).toBe(signal);
  });

  it("of a lifecycle notification is not told as a change", async () => {
    const lifecycle = row({ kind: "lifecycle", declaration: "", lane: " key" });
    expect(await tryRow(lifecycle, async () => {})).toEqual({
      settlement: { kind: "done", seq: 7 },
      events: [],
    });
  });

  it("tells what the notification does not say as undefined", async () => {
    const bare = row({ lane: "users key", body: { raw: { id: 7, changeType: null }, params: {} } });
    const { events } = await tryRow(bare, async () => {});
    expect(events).toEqual([
      [
        "change:handled",
        { ...OUTCOME, attempt: 1, notificationId: undefined, changeType: undefined, resourceKey: undefined },
      ],
    ]);
  });
});

describe("an attempt that fails", () => {
  const error = new Error("no");

  it.each([
    [0, 1, 500],
    [1, 2, 1_000],
    [5, 6, 16_000],
    [9, 10, 256_000],
    [10, 11, 450_000],
  ])("after %i failures is retried with %i, in %i ms", async (failures, after, waitMs) => {
    const { settlement, events } = await tryRow(row({ failures }), throwing(error));
    expect(settlement).toEqual({ kind: "retry", seq: 7, failures: after, notBefore: NOW + waitMs });
    expect(events).toEqual([["change:failed", { ...OUTCOME, attempt: after, error, retryAt: NOW + waitMs }]]);
  });

  it("the twelfth time is dead, and told", async () => {
    expect(MAX_ATTEMPTS).toBe(12);
    expect(await tryRow(row({ failures: 11 }), throwing(error))).toEqual({
      settlement: { kind: "dead", seq: 7, diedAt: NOW, error: "Error: no" },
      events: [["change:dead", { ...OUTCOME, attempt: 12, error }]],
    });
  });

  it("may fail before its first await", async () => {
    const handle: AttemptParts["handle"] = () => {
      throw error;
    };
    expect((await tryRow(row(), handle)).settlement).toMatchObject({ kind: "retry", failures: 1 });
  });

  it("waits no longer than a quarter of an hour", () => {
    expect(RETRY_BACKOFF).toEqual({ firstMs: 1_000, maxMs: 900_000 });
  });
});

describe("what a dead letter keeps of its error", () => {
  it.each([
    ["name and message", new RangeError("out of range"), "RangeError: out of range"],
    ["no fields, which may hold anything", Object.assign(new Error("no"), { token: "secret" }), "Error: no"],
    ["no cause", new Error("no", { cause: new Error("secret") }), "Error: no"],
    ["the type of a text, which may be anything", "secret", "threw string"],
    ["the type of an object", { token: "secret" }, "threw object"],
    ["the type of nothing", undefined, "threw undefined"],
    ["2,000 characters", new Error("x".repeat(5_000)), `Error: ${"x".repeat(1_993)}`],
  ])("is %s", async (_, error, kept) => {
    const { settlement } = await tryRow(row({ failures: 11 }), throwing(error));
    expect(settlement).toMatchObject({ kind: "dead", error: kept });
  });
});

describe("a row whose declaration is in no code", () => {
  const error = new UndeclaredError("users");

  it("waits a week, minute by minute, and spends no attempt", async () => {
    expect(UNDECLARED_WAIT_MS).toBe(WEEK);
    const waiting = row({ failures: 11, receivedAt: NOW - WEEK + 1 });
    expect(await tryRow(waiting, throwing(error))).toEqual({
      settlement: { kind: "retry", seq: 7, failures: 11, notBefore: NOW + 60_000 },
      events: [["change:failed", { ...OUTCOME, attempt: 12, error, retryAt: NOW + 60_000 }]],
    });
  });

  it("is dead after that, whatever it spent before", async () => {
    const { settlement, events } = await tryRow(row({ receivedAt: NOW - WEEK }), throwing(error));
    expect(settlement).toEqual({
      kind: "dead",
      seq: 7,
      diedAt: NOW,
      error:
        "UndeclaredError: No declaration is named `users`; declare it again, or its changes become dead letters after a week",
    });
    expect(events).toMatchObject([["change:dead", { attempt: 1 }]]);
  });

  it("is treated like any other as soon as it is declared again", async () => {
    const old = row({ receivedAt: NOW - 2 * WEEK });
    expect((await tryRow(old, throwing(new Error("no")))).settlement).toMatchObject({
      kind: "retry",
      failures: 1,
    });
  });
});
