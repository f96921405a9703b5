import { expect, it, vi } from "vitest";
import { EventFeed } from "../../src/app/events.ts";
import { logEvents } from "../../src/app/log-events.ts";
import { logLine } from "../../src/app/log-line.ts";
import { stderrLogger } from "../../src/app/stderr-logger.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { delivery } from "../support/deliveries.ts";
import { listenAlone } from "../support/listening-receiver.ts";

const NASTY = 'line\r\n{"level":"error"}\u001b[2J\u009b31m\u0007\u0000\u007f\u2028\u2029\u0085"\\ end';
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

it("S11 a log line is one line without a control character, and says what it was given", () => {
  const line = logLine({ level: "warn", message: NASTY, [NASTY]: NASTY });
  expect(line.endsWith("\n")).toBe(true);
  expect(line.slice(0, -1)).not.toMatch(CONTROL);
  expect(JSON.parse(line)).toEqual({ level: "warn", message: NASTY, [NASTY]: NASTY });
});

it("S11 a log line is no longer than a person reads", () => {
  const line = logLine({ message: "x".repeat(10_000_000), more: "y".repeat(10_000) });
  expect(line.length).toBeLessThan(9_000);
  expect(line).toContain("x…");
});

it("S11 the log writes events that strangers have a word in as such lines", async () => {
  const written = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    const events = new EventFeed();
    logEvents(events, stderrLogger, new FakeClock());
    events.emit("lifecycle:received", {
      event: NASTY,
      subscriptionKey: NASTY.repeat(1_000),
    });
    events.emit("internal:error", { where: "here", error: new Error(NASTY, { cause: new Error(NASTY) }) });
    const lines = written.mock.calls.map(([line]) => String(line));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line.slice(0, -1)).not.toMatch(CONTROL);
      expect(Object.keys(JSON.parse(line))).toContain("level");
    }
  } finally {
    written.mockRestore();
  }
});

it("S11 what is told of refused deliveries has few values, whatever strangers send", async () => {
  await using server = await listenAlone();
  for (let n = 0; n < 100; n += 1) {
    const item = {
      subscriptionId: `${NASTY}${n}`,
      tenantId: `t${n}`,
      changeType: `x${n}`,
      clientState: NASTY,
    };
    await fetch(server.url, { method: "POST", body: delivery(item, { ...item, changeType: "updated" }) });
    await fetch(server.url, { method: "POST", body: NASTY + n });
  }
  const refusals = server.told.filter(([name]) => name === "items:refused" || name === "delivery:unreadable");
  expect(refusals).toHaveLength(200);
  expect(new Set(refusals.map((event) => JSON.stringify(event))).size).toBe(2);
});
