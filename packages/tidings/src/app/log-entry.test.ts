import { describe, expect, it } from "vitest";
import { formatLogEntry, type LogLevel } from "./log-entry.ts";

const at = Date.UTC(2026, 10, 21);

describe("a log entry", () => {
  it("is one JSON object on one line, with what collectors read and the fields", () => {
    const line = formatLogEntry({
      level: "warn",
      message: "it is late",
      fields: { at: "a\nb", count: 2 },
      at,
    });
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual({
      time: "2026-11-21T00:00:00.000Z",
      severity: "WARNING",
      level: "warn",
      message: "it is late",
      at: "a\nb",
      count: 2,
    });
  });

  it.each<[LogLevel, string]>([
    ["debug", "DEBUG"],
    ["info", "INFO"],
    ["warn", "WARNING"],
    ["error", "ERROR"],
  ])("of level %s has the severity %s", (level, severity) => {
    expect(JSON.parse(formatLogEntry({ level, message: "", fields: undefined, at }))).toHaveProperty(
      "severity",
      severity,
    );
  });

  it("lets no field pass for what the line itself says", () => {
    const fields = { severity: "DEBUG", time: "never", message: "nothing" };
    expect(JSON.parse(formatLogEntry({ level: "error", message: "it broke", fields, at }))).toMatchObject({
      severity: "ERROR",
      message: "it broke",
      time: "2026-11-21T00:00:00.000Z",
    });
  });
});
