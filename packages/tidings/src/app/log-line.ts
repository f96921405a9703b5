import type { LogFields } from "../core/ports/logger.ts";

/** What is longer tells a person nothing more, and a log collector may drop the whole line for it. */
const MAX_TEXT_LENGTH = 4_000;

/** What JSON leaves as it is, and a terminal or a reader of lines takes for a command or an end of line. */
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;

/** One line of JSON, whatever is in its texts: strangers choose some of them. */
export function logLine(fields: LogFields): string {
  const json = JSON.stringify(fields, (_, value: unknown) =>
    typeof value === "string" ? cut(value) : value,
  );
  return `${json.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
}

function cut(text: string): string {
  return text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH)}…`;
}
