import type { EntitySet } from "../../entities/entity-set.ts";
import { addEntityRoutes } from "../../entities/entity-routes.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import { listReply } from "../../graph/list-reply.ts";
import { refuse, type Refusal } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import { EVENT_TYPE, eventRefusal, overlaps, parseDateTime, timeOf, type TimeRange } from "./event.ts";
import { itemNotFound, type MailboxOpener } from "./mailbox-opener.ts";
import { OUTLOOK_PAGE_SIZE } from "./message-routes.ts";

/** The default calendar has two names. */
const CALENDAR_PATHS = ["users/{userId}", "users/{userId}/calendar"] as const;

/**
 * Adds `/users/{id}/events` and `/users/{id}/calendarView`.
 *
 * @see https://learn.microsoft.com/graph/api/resources/event#methods
 */
export function addEventRoutes(router: Router<GraphRequest>, opener: MailboxOpener): void {
  for (const calendar of CALENDAR_PATHS) {
    addEntityRoutes(router, {
      path: `${calendar}/events`,
      context: "events",
      type: EVENT_TYPE,
      pageSize: OUTLOOK_PAGE_SIZE,
      open: opener.entities((mailbox) => mailbox.events),
      check: ({ entity, values }) => eventRefusal({ ...entity, ...values }),
      notFound: itemNotFound,
    });
    router.add("GET", `${calendar}/calendarView`, (request, params) => {
      const opened = opener.open(request, params);
      if (opened.kind === "refused") return opened;
      const view = readView(request.query);
      if (view.kind === "refused") return view;
      const entities = eventsIn(opened.mailbox.events, view);
      return listReply(request, { entities, context: "calendarView", pageSize: OUTLOOK_PAGE_SIZE });
    });
  }
}

/** The time range a calendar view must be asked with. */
export function readView(query: URLSearchParams): (TimeRange & { readonly kind: "view" }) | Refusal {
  const startsAt = parseDateTime(query.get("startDateTime") ?? "");
  const endsAt = parseDateTime(query.get("endDateTime") ?? "");
  if (startsAt !== undefined && endsAt !== undefined) return { kind: "view", startsAt, endsAt };
  return refuse(
    400,
    "ErrorInvalidParameter",
    "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
  );
}

function eventsIn(events: EntitySet, view: TimeRange): ReturnType<EntitySet["list"]> {
  return events.list().filter((event) => {
    const time = timeOf(event);
    return time !== undefined && overlaps(time, view);
  });
}
