import { canonicalSegments, joinSegments } from "../resource-path.ts";
import { CALL_ROWS } from "./calls.ts";
import { CHAT_MESSAGE_ROWS } from "./chat-messages.ts";
import { CHAT_ROWS } from "./chats.ts";
import { COPILOT_ROWS } from "./copilot.ts";
import { DIRECTORY_ROWS } from "./directory.ts";
import { FILES_ROWS } from "./files.ts";
import { MEETING_ARTIFACT_ROWS } from "./meeting-artifacts.ts";
import { MEMBER_ROWS } from "./members.ts";
import { OUTLOOK_ROWS } from "./outlook.ts";
import { PRINTING_ROWS } from "./printing.ts";
import type { CatalogueRow } from "./row.ts";
import { SECURITY_ROWS } from "./security.ts";
import { SHIFT_ROWS } from "./shifts.ts";
import { TASK_ROWS } from "./tasks.ts";
import { TEAMS_ROWS } from "./teams.ts";
import { VIRTUAL_EVENT_ROWS } from "./virtual-events.ts";

/** Every resource that Microsoft documents change notifications of. */
export const CATALOGUE: readonly CatalogueRow[] = [
  ...OUTLOOK_ROWS,
  ...DIRECTORY_ROWS,
  ...FILES_ROWS,
  ...SECURITY_ROWS,
  ...TASK_ROWS,
  ...PRINTING_ROWS,
  ...CALL_ROWS,
  ...MEETING_ARTIFACT_ROWS,
  ...TEAMS_ROWS,
  ...CHAT_ROWS,
  ...CHAT_MESSAGE_ROWS,
  ...MEMBER_ROWS,
  ...SHIFT_ROWS,
  ...COPILOT_ROWS,
  ...VIRTUAL_EVENT_ROWS,
];

/**
 * Finds what is documented of a resource, or of a template of one: `{…}` is an id like any other.
 *
 * @returns undefined for a resource that is not in the catalogue. Never throws
 */
export function rowOf(resource: string): CatalogueRow | undefined {
  const path = joinSegments(ownerNamed(canonicalSegments(resource)));
  return PATTERNS.find(({ pattern }) => pattern.test(path))?.row;
}

/**
 * Whether Graph takes one subscription only for what the row's paths name, so that a second, made to replace the first,
 * is refused until that is gone.
 */
export function allowsOnlyOne(row: CatalogueRow): boolean {
  return row.quotas?.some(({ limit }) => limit === 1) ?? false;
}

/** With a delegated token `me` stands for `users/{id}` everywhere. */
function ownerNamed(segments: readonly string[]): readonly string[] {
  const [first, ...rest] = segments;
  return first === "me" ? ["users", "{userId}", ...rest] : segments;
}

const PARAM = /\{\w+\}/g;

/** Those with fewer `{…}` first: `chats/getAllMessages` is more than one of `chats/{chatId}`. */
const PATTERNS: readonly { readonly row: CatalogueRow; readonly pattern: RegExp }[] = CATALOGUE.flatMap(
  (row) => row.paths.map((path) => ({ row, path: joinSegments(canonicalSegments(path)) })),
)
  .toSorted((a, b) => paramCount(a.path) - paramCount(b.path))
  .map(({ row, path }) => ({ row, pattern: patternOf(path) }));

function paramCount(path: string): number {
  return [...path.matchAll(PARAM)].length;
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/[()[\]]/g, "\\$&").replaceAll(PARAM, "[^/]+")}$`);
}
