import { describe, expect, it } from "vitest";

import { EventFeed } from "../events.ts";
import type { AttemptEntry } from "../ledger/ledger-entries.ts";
import { tellEvents } from "./tell-events.ts";

const NOW = Date.UTC(2026, 0, 1, 12, 30);

const ATTEMPT: AttemptEntry = {
  seq: 1,
  url: "http://127.0.0.1:4011/",
  notificationIds: ["a", "b"],
  attempt: 2,
  startedAt: NOW,
  durationMs: 7,
  outcome: { kind: "unreachable", error: "ECONNREFUSED" },
};

function listen(asJson: boolean): { feed: EventFeed; lines: readonly string[] } {
  const feed = new EventFeed();
  const lines: string[] = [];
  tellEvents({ clock: { now: () => NOW }, events: feed }, { asJson, writeLine: (line) => lines.push(line) });
  return { feed, lines };
}

describe("an event is told", () => {
  it("in a sentence", () => {
    const { feed, lines } = listen(false);
    feed.emit("delivery:failed", { attempt: ATTEMPT, retryAt: NOW + 10_000 });
    feed.emit("delivery:failed", {
      attempt: { ...ATTEMPT, notificationIds: ["a"], outcome: { kind: "timed-out" } },
      retryAt: null,
    });
    feed.emit("delivery:succeeded", { attempt: { ...ATTEMPT, outcome: { kind: "answered", status: 202 } } });
    expect(lines).toEqual([
      "12:30:00 delivery failed: 2 notifications to http://127.0.0.1:4011/, attempt 2: unreachable (ECONNREFUSED), again at 2026-01-01T12:30:10Z",
      "12:30:00 delivery failed: 1 notification to http://127.0.0.1:4011/, attempt 2: timed out, given up",
      "12:30:00 delivered: 2 notifications to http://127.0.0.1:4011/: HTTP 202 in 7 ms",
    ]);
  });

  it("as JSON, with its name and time", () => {
    const { feed, lines } = listen(true);
    feed.emit("clock:advanced", { advanceMs: 5, now: NOW });
    expect(lines).toEqual([JSON.stringify({ event: "clock:advanced", at: NOW, advanceMs: 5, now: NOW })]);
  });
});
