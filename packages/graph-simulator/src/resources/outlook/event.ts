import type { EntityType } from "../../graph/entity-type.ts";
import { isJsonObject, textOf, type JsonObject, type JsonValue } from "../../http/json.ts";
import { refuse, type Refusal } from "../../http/reply.ts";
import type { OutlookKind } from "./outlook-item.ts";

/**
 * The properties of an event that may be written here. Every event is a single one: a series is refused.
 *
 * @see https://learn.microsoft.com/graph/api/resources/event#properties
 */
export const EVENT_TYPE: EntityType = {
  name: "microsoft.graph.event",
  writable: {
    allowNewTimeProposals: "boolean",
    attendees: "array",
    body: "object",
    categories: "array",
    end: "object",
    hideAttendees: "boolean",
    importance: "string",
    isAllDay: "boolean",
    isOnlineMeeting: "boolean",
    isReminderOn: "boolean",
    location: "object",
    locations: "array",
    onlineMeetingProvider: "string",
    recurrence: "object",
    reminderMinutesBeforeStart: "number",
    responseRequested: "boolean",
    sensitivity: "string",
    showAs: "string",
    start: "object",
    subject: "string",
    transactionId: "string",
  },
  readOnly: [
    "id",
    "bodyPreview",
    "changeKey",
    "createdDateTime",
    "hasAttachments",
    "iCalUId",
    "isCancelled",
    "isDraft",
    "isOrganizer",
    "lastModifiedDateTime",
    "organizer",
    "originalEndTimeZone",
    "originalStartTimeZone",
    "responseStatus",
    "seriesMasterId",
    "type",
    "webLink",
  ],
};

const DEFAULTS: JsonObject = {
  subject: null,
  bodyPreview: "",
  body: { contentType: "text", content: "" },
  start: null,
  end: null,
  isAllDay: false,
  isCancelled: false,
  isOrganizer: true,
  location: { displayName: "" },
  attendees: [],
  categories: [],
  importance: "normal",
  sensitivity: "normal",
  showAs: "busy",
  type: "singleInstance",
  recurrence: null,
  seriesMasterId: null,
};

/** The events of a user's calendar. */
export function eventKind(userId: string): OutlookKind {
  return { name: "Event", defaults: DEFAULTS, topics: [`users/${userId}/events`] };
}

/** A range of time: epoch milliseconds, the end not included. */
export interface TimeRange {
  readonly startsAt: number;
  readonly endsAt: number;
}

/** When the event is, or `undefined` when it has no time. */
export function timeOf(event: JsonObject): TimeRange | undefined {
  const startsAt = instantOf(event["start"]);
  const endsAt = instantOf(event["end"]);
  return startsAt === undefined || endsAt === undefined ? undefined : { startsAt, endsAt };
}

/** Whether two ranges have an instant in common. An event without length has one. */
export function overlaps(event: TimeRange, view: TimeRange): boolean {
  return event.startsAt < view.endsAt && Math.max(event.endsAt, event.startsAt + 1) > view.startsAt;
}

/** Why the event cannot be written. */
export function eventRefusal(event: JsonObject): Refusal | undefined {
  if (isJsonObject(event["recurrence"])) {
    return refuse(501, "notImplemented", "The simulator does not model recurring events.");
  }
  for (const name of ["start", "end"]) {
    const zone = isJsonObject(event[name]) ? textOf(event[name], "timeZone") : undefined;
    if (zone !== undefined && !UTC_NAMES.has(zone.toLowerCase())) {
      return refuse(501, "notImplemented", "The simulator models events in UTC only.");
    }
  }
  const time = timeOf(event);
  if (!time) {
    return refuse(
      400,
      "ErrorInvalidRequest",
      "The properties start and end must be valid dateTimeTimeZone values.",
    );
  }
  if (time.endsAt >= time.startsAt) return undefined;
  return refuse(
    400,
    "ErrorCalendarEndDateIsEarlierThanStartDate",
    "The end of the event is before its start.",
  );
}

const UTC_NAMES: ReadonlySet<string> = new Set(["utc", "etc/utc", "gmt", "etc/gmt"]);

/** The instant of a `dateTimeTimeZone` in UTC. */
function instantOf(value: JsonValue | undefined): number | undefined {
  return isJsonObject(value) ? parseDateTime(textOf(value, "dateTime") ?? "") : undefined;
}

/** Epoch milliseconds of a date and time; without a zone it is in UTC, as in `startDateTime` of a calendar view. */
export function parseDateTime(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?$/i.test(text))
    return undefined;
  const hasZone = /T.*(Z|[+-]\d{2}:\d{2})$/i.test(text);
  const instant = Date.parse(hasZone || !text.includes("T") ? text : `${text}Z`);
  return Number.isNaN(instant) ? undefined : instant;
}
