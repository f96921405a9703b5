import { OUTLOOK_DIALECT } from "../../delta/delta-dialect.ts";
import type { DeltaQueries, DeltaSource, OpenDelta } from "../../delta/delta-query.ts";
import type { ChangeSource } from "../../entities/entity-collection.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import type { PathParams } from "../../http/path.ts";
import { refuse, type Refusal } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import { matchesFilter, type Filter } from "../../odata/filter.ts";
import { parseFilter } from "../../odata/parse-filter.ts";
import { parseChangeTypes } from "../../subscriptions/change-type.ts";
import type { UnconfirmedSettings } from "../unconfirmed.ts";
import { overlaps, timeOf } from "./event.ts";
import { readView } from "./event-routes.ts";
import type { Mailbox } from "./mailbox.ts";
import { itemNotFound, type MailboxOpener } from "./mailbox-opener.ts";

/**
 * Adds the delta functions of a mailbox: messages of a folder, folders, a calendar view, contacts and their folders.
 *
 * @see https://learn.microsoft.com/graph/api/message-delta
 * @see https://learn.microsoft.com/graph/api/event-delta
 * @see https://learn.microsoft.com/graph/api/contact-delta
 */
export function addOutlookDelta(
  router: Router<GraphRequest>,
  delta: DeltaQueries,
  { opener, unconfirmed }: { opener: MailboxOpener; unconfirmed: UnconfirmedSettings },
): void {
  if (unconfirmed.eventsDelta) {
    delta.addTo(
      router,
      "users/{userId}/events",
      opening(opener, ({ mailbox }) => source(mailbox, mailbox.events.collection, "event")),
    );
  }
  if (unconfirmed.mailboxMessagesDelta) {
    delta.addTo(
      router,
      "users/{userId}/messages",
      opening(opener, ({ mailbox, query }) => narrowed(query, source(mailbox, mailbox.messages, "message"))),
    );
  }
  delta.addTo(
    router,
    "users/{userId}/mailFolders/{folderId}/messages",
    opening(opener, ({ mailbox, params, query }) => {
      const folder = mailbox.folders.get(params.get("folderId"));
      if (!folder) return itemNotFound();
      return narrowed(query, source(mailbox, mailbox.messages.inFolder(folder.id).collection, "message"));
    }),
  );
  delta.addTo(
    router,
    "users/{userId}/mailFolders",
    opening(opener, ({ mailbox }) => ({
      ...source(mailbox, mailbox.folders.set.collection, "mailFolder"),
      render: (folder) => mailbox.folders.counted(folder),
    })),
  );
  for (const calendar of ["users/{userId}", "users/{userId}/calendar"]) {
    delta.addTo(
      router,
      `${calendar}/calendarView`,
      opening(opener, ({ mailbox, query }) => calendarView(mailbox, query)),
    );
  }
  delta.addTo(
    router,
    "users/{userId}/contacts",
    opening(opener, ({ mailbox }) => {
      const contacts = mailbox.contacts.inFolder(mailbox.defaultContactFolderId);
      return source(mailbox, contacts.collection, "contact");
    }),
  );
  delta.addTo(
    router,
    "users/{userId}/contactFolders/{folderId}/contacts",
    opening(opener, ({ mailbox, params }) => {
      const folderId = params.get("folderId");
      if (!mailbox.hasContactFolder(folderId)) return itemNotFound();
      return source(mailbox, mailbox.contacts.inFolder(folderId).collection, "contact");
    }),
  );
  delta.addTo(
    router,
    "users/{userId}/contactFolders",
    opening(opener, ({ mailbox }) => source(mailbox, mailbox.contactFolders.collection, "contactFolder")),
  );
}

interface Opening {
  readonly mailbox: Mailbox;
  readonly params: PathParams;
  readonly query: URLSearchParams;
}

/** With the mailbox of the path. */
export function opening(opener: MailboxOpener, open: (opening: Opening) => DeltaSource | Refusal): OpenDelta {
  return (request, params, query) => {
    const opened = opener.open(request, params);
    return opened.kind === "refused" ? opened : open({ mailbox: opened.mailbox, params, query });
  };
}

/** Tokens are counted for each mailbox: that is where their cache is. */
export function source(mailbox: Mailbox, collection: ChangeSource, typeName: string): DeltaSource {
  return {
    kind: "source",
    dialect: OUTLOOK_DIALECT,
    collection,
    owner: mailbox.owner.id,
    context: `Collection(${typeName})`,
  };
}

function calendarView(mailbox: Mailbox, query: URLSearchParams): DeltaSource | Refusal {
  const view = readView(query);
  if (view.kind === "refused") return view;
  if (query.has("$select")) {
    return refuse(
      400,
      "ErrorInvalidUrlQuery",
      "The query parameter '$select' is not supported with change tracking over the 'CalendarView' resource.",
    );
  }
  return {
    ...source(mailbox, mailbox.events.collection, "event"),
    isInView: (event) => {
      const time = timeOf(event);
      return time !== undefined && overlaps(time, view);
    },
  };
}

/** With what a delta query of messages may be narrowed by: `receivedDateTime`, and the kinds of change. */
function narrowed(query: URLSearchParams, messages: DeltaSource): DeltaSource | Refusal {
  const filter = query.get("$filter");
  const answer = filter === null ? undefined : parseFilter(filter);
  if (answer && !(answer.kind === "filter" && isOfReceivedTime(answer.filter))) {
    return unsupported("$filter");
  }
  const orderBy = query.get("$orderby");
  if (orderBy !== null && !/^\s*receivedDateTime\s+desc\s*$/i.test(orderBy)) return unsupported("$orderby");
  const changeType = query.get("changeType");
  const changeTypes = changeType === null ? undefined : parseChangeTypes(changeType);
  if (changeType !== null && !changeTypes) return unsupported("changeType");
  return { ...messages, isInView: viewOf(answer), ...(changeTypes && { changeTypes }) };
}

function viewOf(answer: ReturnType<typeof parseFilter> | undefined): DeltaSource["isInView"] {
  return answer?.kind === "filter" ? (message) => matchesFilter(message, answer.filter) : undefined;
}

/** @see https://learn.microsoft.com/graph/api/message-delta#odata-query-parameters */
function isOfReceivedTime(filter: Filter): boolean {
  return (
    filter.kind === "compare" &&
    (filter.how === "ge" || filter.how === "gt") &&
    filter.left.kind === "path" &&
    filter.left.path.join("/").toLowerCase() === "receiveddatetime"
  );
}

function unsupported(parameter: string): Refusal {
  return refuse(
    400,
    "ErrorInvalidUrlQuery",
    `The query parameter '${parameter}' is not supported in this form with change tracking.`,
  );
}
