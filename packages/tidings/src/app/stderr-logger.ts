import { formatLogEntry, type LogLevel } from "./log-entry.ts";
import type { LogFields, Logger } from "../core/ports/logger.ts";

/** Warnings and errors as JSON lines on stderr: what must not go unseen when no logger was given. */
export const stderrLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: LogLevel, message: string, fields?: LogFields): void {
  process.stderr.write(formatLogEntry({ level, message, fields, at: Date.now() }));
}
