import type { Logger } from "../core/ports/logger.ts";
import { logLine } from "./log-line.ts";

/** Warnings and errors as JSON lines on stderr: what must not go unseen when no logger was given. */
export const stderrLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: string, message: string, fields: object = {}): void {
  process.stderr.write(logLine({ level, message, ...fields }));
}
