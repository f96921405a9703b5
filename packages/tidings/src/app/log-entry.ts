import type { LogFields } from "../core/ports/logger.ts";
import { logLine } from "./log-line.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * Levels by the names that collectors sort by. `level` stands beside it, for whoever looks for ours.
 *
 * @see https://cloud.google.com/logging/docs/structured-logging ("severity", "message" and "time" of a JSON line become
 *   the log entry's own)
 */
const SEVERITIES: Readonly<Record<LogLevel, string>> = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
};

export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  /** None of them stands for what the line says of itself. */
  readonly fields: LogFields | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What a logger's call comes to: one JSON object on one line. */
export function formatLogEntry({ level, message, fields, at }: LogEntry): string {
  const own = { time: new Date(at).toISOString(), severity: SEVERITIES[level], level, message };
  return logLine({ ...own, ...fields, ...own });
}
