import type { Requirement } from "./requirement.ts";

const OVERVIEW = "https://learn.microsoft.com/graph/delta-query-overview";
const USER = "https://learn.microsoft.com/graph/api/user-delta";
const GROUPS = "https://learn.microsoft.com/graph/delta-query-groups";
const MESSAGE = "https://learn.microsoft.com/graph/api/message-delta";
const DRIVE_ITEM = "https://learn.microsoft.com/graph/api/driveitem-delta";

export const DELTA_REQUIREMENTS = [
  {
    id: "delta-links",
    source: OVERVIEW,
    behaviour: "A page has an @odata.nextLink, the last page an @odata.deltaLink, never both",
  },
  {
    id: "delta-query-encoded",
    source: OVERVIEW,
    behaviour: "Query options of the first request are encoded in the links",
  },
  {
    id: "delta-removed",
    source: OVERVIEW,
    behaviour: "Removed instances have @removed: changed when they can be restored, deleted when they cannot",
  },
  {
    id: "delta-latest",
    source: USER,
    behaviour: "A round with the token latest has no items and a deltaLink from now on",
  },
  {
    id: "delta-directory-seven-days",
    source: `${OVERVIEW}#token-duration`,
    behaviour: "Tokens of directory objects are valid for seven days",
  },
  {
    id: "delta-outlook-cache",
    source: `${OVERVIEW}#token-duration`,
    behaviour: "Tokens of Outlook have no fixed end: the oldest go when the cache is full",
  },
  {
    id: "delta-reset-410",
    source: `${OVERVIEW}#synchronization-reset`,
    behaviour: "410 Gone with a Location whose token is empty means to synchronize anew",
  },
  {
    id: "delta-drive-resync",
    source: DRIVE_ITEM,
    behaviour: "A drive's 410 names how to treat local changes, and its Location starts a new enumeration",
  },
  {
    id: "delta-empty-pages",
    source: OVERVIEW,
    behaviour: "A page may be empty and still have a nextLink",
  },
  {
    id: "delta-repeats",
    source: DRIVE_ITEM,
    behaviour: "An item may occur more than once; the last occurrence counts",
  },
  {
    id: "delta-replays",
    source: `${OVERVIEW}#replays`,
    behaviour: "A round may tell again what was told before",
  },
  {
    id: "delta-lag",
    source: `${OVERVIEW}#processing-delays`,
    behaviour: "A change may take some time to show in a delta query",
  },
  {
    id: "delta-directory-filter",
    source: USER,
    behaviour: "Users can be filtered by up to 50 ids; $expand, $top and $orderby are not supported",
  },
  {
    id: "delta-minimal",
    source: USER,
    behaviour: "With Prefer: return=minimal, only the properties that changed are told",
  },
  {
    id: "delta-members",
    source: GROUPS,
    behaviour: "members@delta tells the members that came and, with @removed, those that went",
  },
  {
    id: "delta-per-folder",
    source: MESSAGE,
    behaviour: "Changes of messages are tracked for each folder",
  },
  {
    id: "delta-message-options",
    source: MESSAGE,
    behaviour:
      "Messages can be filtered by receivedDateTime and by changeType, and ordered by receivedDateTime",
  },
  {
    id: "delta-calendar-view",
    source: "https://learn.microsoft.com/graph/api/event-delta",
    behaviour:
      "Events are tracked within the startDateTime and endDateTime of the first request, without $select",
  },
  {
    id: "delta-drive-deleted-facet",
    source: DRIVE_ITEM,
    behaviour: "Deleted items of a drive are told with the deleted facet",
  },
  {
    id: "delta-channel-messages",
    source: "https://learn.microsoft.com/graph/api/chatmessage-delta",
    behaviour:
      "Messages of a channel are tracked without replies, with $top up to 50 and lastModifiedDateTime gt",
  },
] as const satisfies readonly Requirement[];
