import type { JsonObject } from "./json.ts";
import { canonicalId, canonicalSegments, isCollection, isGraphName, joinSegments } from "./resource-path.ts";

/**
 * The canonical path of the changed thing: what order and duplicates are judged by.
 *
 * The same whether a notification, a lifecycle of folders, or a delta item tells of it: Outlook names the mailbox
 * and the item, never the folder or calendar, so folders are dropped; a chat message keeps its chat.
 * Examples: `users/{guid}/messages/{id}`, `teams/{guid}/channels/{id}/messages/{id}/replies/{id}`, `users/{guid}`.
 *
 * @returns undefined when the notification does not say what changed (its content was put elsewhere)
 */
export function resourceKeyOf(notification: {
  readonly resource: string | undefined;
  readonly resourceData: JsonObject | undefined;
}): string | undefined {
  const { resource, resourceData } = notification;
  let segments: string[] | undefined;
  for (const path of [resource, resourceData?.["@odata.id"]]) {
    const candidate = typeof path === "string" ? itemSegments(canonicalSegments(path)) : [];
    if (namesOneThing(candidate)) return joinSegments(candidate);
    if (candidate.length > 0) segments ??= candidate;
  }
  if (segments === undefined) return undefined;
  const id = resourceData?.["id"];
  const last = segments.at(-1);
  const completed =
    typeof id === "string" && id !== "" && last !== undefined && isCollection(last)
      ? itemSegments([...segments, canonicalId(id)])
      : segments;
  return joinSegments(completed);
}

/** The canonical path of a subscribed resource, which may be a collection; its query is not part of it. */
export function canonicalResource(resource: string): string {
  return joinSegments(canonicalSegments(resource));
}

function namesOneThing(segments: readonly string[]): boolean {
  const last = segments.at(-1);
  return last !== undefined && !isGraphName(last);
}

/** Where an item may be reached from, and the collection that holds it under its mailbox. */
const MAILBOX_ITEMS: ReadonlyMap<string, string> = new Map([
  ["messages", "messages"],
  ["contacts", "contacts"],
  ["events", "events"],
  ["calendarView", "events"],
]);
const CONTAINERS: ReadonlySet<string> = new Set([
  "mailFolders",
  "contactFolders",
  "calendars",
  "calendarGroups",
  "calendar",
  "calendarView",
]);

/** `users/u/mailFolders/f/messages/m` is `users/u/messages/m`: an item has one path whichever folder it is in. */
function itemSegments(segments: string[]): string[] {
  const ownerLength = segments[0] === "me" ? 1 : 2;
  const container = segments[ownerLength];
  if (container === undefined || !CONTAINERS.has(container)) return segments;
  const at = segments.findLastIndex((segment, index) => index >= ownerLength && MAILBOX_ITEMS.has(segment));
  const collection = MAILBOX_ITEMS.get(segments[at] ?? "");
  if (collection === undefined || at === segments.length - 1) return segments;
  return [...segments.slice(0, ownerLength), collection, ...segments.slice(at + 1)];
}
