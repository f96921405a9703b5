import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Told } from "../core/events.ts";
import { EventRelay, MAX_WAITING_EVENTS } from "./event-relay.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const handshake = (n: number): Told => ["handshake:answered", { path: `/${n}` }];

it("sends what comes together in one message", () => {
  const sent: (readonly Told[])[] = [];
  const relay = new EventRelay((events) => sent.push(events));
  for (let n = 0; n < 3; n += 1) relay.report(...handshake(n));
  vi.runAllTimers();
  expect(sent).toEqual([[handshake(0), handshake(1), handshake(2)]]);
});

it("sends no more before the last message was taken", () => {
  const sent: (readonly Told[])[] = [];
  const relay = new EventRelay((events) => sent.push(events));
  relay.report(...handshake(0));
  vi.runAllTimers();
  relay.report(...handshake(1));
  vi.runAllTimers();
  expect(sent).toHaveLength(1);
  relay.taken();
  vi.runAllTimers();
  expect(sent).toEqual([[handshake(0)], [handshake(1)]]);
});

it("keeps a bounded number while the other side is busy, and says how many it dropped", () => {
  const sent: (readonly Told[])[] = [];
  const relay = new EventRelay((events) => sent.push(events));
  relay.report(...handshake(0));
  vi.runAllTimers();
  for (let n = 0; n < MAX_WAITING_EVENTS + 7; n += 1) relay.report(...handshake(n));
  relay.report("store:broken", { error: new Error("EIO") });
  relay.taken();
  vi.runAllTimers();
  expect(sent[1]).toHaveLength(MAX_WAITING_EVENTS + 2);
  expect(sent[1]?.slice(-2).map(([name, event]) => [name, "count" in event && event.count])).toEqual([
    ["store:broken", false],
    ["events:dropped", 7],
  ]);
});
