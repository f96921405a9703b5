import { isGuid } from "./guid.ts";

/**
 * Names that stand in Graph's resource paths, in Graph's own spelling. Graph writes them in any case (`Users`,
 * `users`); whatever is not in this list is taken for an id and keeps its case.
 */
const COLLECTIONS = [
  "aiInsights",
  "alerts",
  "approvalItems",
  "calendarGroups",
  "calendars",
  "calendarView",
  "callRecords",
  "calls",
  "channels",
  "chats",
  "childFolders",
  "contactFolders",
  "contacts",
  "conversations",
  "devices",
  "drives",
  "events",
  "groups",
  "installations",
  "items",
  "jobs",
  "lists",
  "mailFolders",
  "members",
  "messages",
  "offerShiftRequests",
  "onlineMeetings",
  "openShiftChangeRequests",
  "owners",
  "presences",
  "printers",
  "recordings",
  "registrants",
  "registrations",
  "replies",
  "servicePrincipals",
  "sessions",
  "shifts",
  "sites",
  "swapShiftsChangeRequests",
  "taskDefinitions",
  "tasks",
  "teams",
  "teamsApps",
  "threads",
  "timeOffRequests",
  "townhalls",
  "transcripts",
  "users",
  "webinars",
] as const;

const OTHER_NAMES = [
  "alert",
  "appCatalogs",
  "approval",
  "calendar",
  "communications",
  "copilot",
  "drive",
  "getAllAiInsights",
  "getAllChannels",
  "getAllEnterpriseInteractions",
  "getAllMembers",
  "getAllMessages",
  "getAllRecordings",
  "getAllTranscripts",
  "getAttendanceReports",
  "getEmergencyEventsByPolicy",
  "getVideoOnDemandPublication",
  "healthMonitoring",
  "installedToChats",
  "installedToOnlineMeetings",
  "interactionHistory",
  "me",
  "meetingCallEvents",
  "print",
  "registration",
  "reports",
  "root",
  "schedule",
  "security",
  "solutions",
  "todo",
  "virtualEvents",
] as const;

const SPELLING = new Map<string, string>(
  [...COLLECTIONS, ...OTHER_NAMES].map((name) => [name.toLowerCase(), name]),
);
const COLLECTION_NAMES: ReadonlySet<string> = new Set(COLLECTIONS);

/** True when `segment` is a collection whose members have ids, so that a path ending in it names no single thing. */
export function isCollection(segment: string): boolean {
  return COLLECTION_NAMES.has(segment);
}

/** True when `segment` is a word of Graph's, not somebody's id. */
export function isGraphName(segment: string): boolean {
  return SPELLING.get(segment.toLowerCase()) === segment;
}

/**
 * Splits a resource path into canonical segments, so that every way Graph writes one path gives the same list:
 * no base URL, no leading slash, no query; `messages('1')` as `messages`, `1`; names in Graph's spelling; GUIDs in
 * lower case; `{user}@{tenant}` as `{user}`. Ids keep their case: Outlook's differ by it.
 */
export function canonicalSegments(resource: string): string[] {
  return splitSegments(withoutQuery(withoutBase(resource)))
    .filter((segment) => segment !== "")
    .flatMap((segment) => splitKey(decode(segment)))
    .map((segment) => canonicalSegment(segment));
}

/** Writes segments as one path; what would change its shape is escaped inside an id. */
export function joinSegments(segments: readonly string[]): string {
  return segments.map((segment) => segment.replace(/[%/?#]/g, encodeURIComponent)).join("/");
}

function withoutBase(resource: string): string {
  return resource.replace(/^https?:\/\/[^/]*\/(?:v1\.0|beta)(?=\/)/i, "");
}

function splitSegments(path: string): string[] {
  if (!path.includes("(")) return path.split("/");
  return splitOutsideKeys(path, "/").filter((segment) => segment !== "");
}

function withoutQuery(path: string): string {
  if (!path.includes("?")) return path;
  const [head = path] = splitOutsideKeys(path, "?");
  return head;
}

/** Splits at each separator that is not inside `('…')`. Elsewhere a quote is part of an id, as in `o'neil@…`. */
function splitOutsideKeys(path: string, separator: "/" | "?"): string[] {
  const parts: string[] = [];
  let start = 0;
  // A bracket that is never closed opens no key, and none is looked for behind it: the text is gone through once.
  let mayHaveKeys = true;
  for (let at = 0; at < path.length;) {
    const end: number | undefined = mayHaveKeys && path[at] === "(" ? endOfKey(path, at) : undefined;
    if (path[at] === "(") mayHaveKeys = end !== undefined;
    if (path[at] === separator) {
      parts.push(path.slice(start, at));
      start = at + 1;
    }
    at = end ?? at + 1;
  }
  return [...parts, path.slice(start)];
}

/** @returns what comes after the key that begins there; undefined when it does not end */
function endOfKey(path: string, start: number): number | undefined {
  let isQuoted = false;
  for (let at = start + 1; at < path.length; at += 1) {
    if (path[at] === "'") isQuoted = !isQuoted;
    else if (path[at] === ")" && !isQuoted) return at + 1;
  }
  return undefined;
}

/** `messages('1')`, `messages(1)` and `onlineMeetings(joinWebUrl='…')` are a collection and one key in it. */
function splitKey(segment: string): string[] {
  if (!segment.includes("(")) return [segment];
  const [, name, quoted] = /^([A-Za-z]+)\((?:[A-Za-z]+=)?'((?:[^']|'')*)'\)$/.exec(segment) ?? [];
  if (name !== undefined && quoted !== undefined) return [name, quoted.replaceAll("''", "'")];
  const [, owner, bare] = /^([A-Za-z]+)\(([^'=,()]+)\)$/.exec(segment) ?? [];
  return owner !== undefined && bare !== undefined ? [owner, bare] : [segment];
}

function canonicalSegment(segment: string): string {
  return SPELLING.get(segment.toLowerCase()) ?? canonicalId(segment);
}

/** An id as it stands in a resource key. */
export function canonicalId(segment: string): string {
  const [first, second, ...rest] = segment.split("@");
  const isUserAtTenant =
    first !== undefined && second !== undefined && rest.length === 0 && isGuid(first) && isGuid(second);
  if (isUserAtTenant) return first.toLowerCase();
  return isGuid(segment) ? segment.toLowerCase() : segment;
}

function decode(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // A lone `%` is part of an id, not an escape.
    return segment;
  }
}
