import { expect, it } from "vitest";
import { StoreError } from "../core/errors.ts";
import type { LogFields, Logger } from "../core/ports/logger.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { EventFeed } from "./events.ts";
import { logEvents } from "./log-events.ts";

function createLog() {
  const lines: [level: string, message: string, fields: LogFields | undefined][] = [];
  const at =
    (level: string) =>
    (message: string, fields?: LogFields): void =>
      void lines.push([level, message, fields]);
  const logger: Logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const events = new EventFeed();
  const clock = new FakeClock();
  logEvents(events, logger, clock);
  return { lines, events, clock };
}

it("writes the first refusal at once, and sums of the rest every 10 s", async () => {
  const { lines, events, clock } = createLog();
  for (let n = 0; n < 1_000; n += 1)
    events.emit("items:refused", { reasons: { "client-state": 1, "not-an-object": 10_000 } });
  expect(lines).toEqual([["warn", "notifications refused", { "client-state": 1, "not-an-object": 10_000 }]]);
  await clock.advance(10_000);
  expect(lines.slice(1)).toEqual([
    ["warn", "notifications refused", { "client-state": 999, "not-an-object": 9_990_000 }],
  ]);
});

it("is as quick again after a quiet time", async () => {
  const { lines, events, clock } = createLog();
  events.emit("delivery:unreadable", { status: 400 });
  await clock.advance(60_000);
  events.emit("delivery:unreadable", { status: 413 });
  expect(lines).toEqual([
    ["warn", "deliveries unreadable", { "status 400": 1 }],
    ["warn", "deliveries unreadable", { "status 413": 1 }],
  ]);
});

it.each([
  ["wrong", "error"],
  ["unreachable", "warn"],
] as const)("tells of an endpoint that is %s as %s", (kind, level) => {
  const { lines, events } = createLog();
  const event = { url: "https://tidings.example/notifications", kind, sentence: "it answered 404" };
  events.emit("endpoint:unproved", event);
  expect(lines).toEqual([[level, "the endpoint does not answer its handshake", event]]);
});

it("tells of subscriptions that were heard from to those only who debug", () => {
  const { lines, events } = createLog();
  events.emit("subscriptions:heard", {
    heard: [{ key: "key", id: "id", heardAt: 1, expiresAt: undefined }],
  });
  expect(lines).toEqual([["debug", "subscriptions heard of", { count: 1 }]]);
});

it("counts deliveries that were not stored, and says why the last was not", async () => {
  const { lines, events, clock } = createLog();
  for (const reason of ["first", "second", "third"])
    events.emit("delivery:failed", { error: new StoreError(reason), tookMs: 1 });
  await clock.advance(10_000);
  expect(lines).toEqual([
    ["error", "deliveries not stored", expect.objectContaining({ count: 1, reason: "first" })],
    ["error", "deliveries not stored", expect.objectContaining({ count: 2, reason: "third" })],
  ]);
});
