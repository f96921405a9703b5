import { CHANGE_TYPES } from "../change-type.ts";
import type { CatalogueRow, Permissions, QueryRule } from "./row.ts";
import {
  CREATE_PERMISSIONS,
  DELTA_QUERIES,
  RESOURCE_DATA,
  SUBSCRIPTION_LIFETIME,
  SUPPORTED_RESOURCES,
} from "./sources.ts";

const OUTLOOK_PAGE = "https://learn.microsoft.com/graph/outlook-change-notifications-overview";
/** Graph's own words in it: “Subscription expiration can only be 10070 minutes in the future.” */
const LIVE_MAXIMUM = "https://github.com/openclaw/openclaw/pull/111658";

const QUERY: QueryRule = {
  documented: ["$select", "$filter", "$expand"],
  refused: ["$top", "$skip", "$orderby"],
  refusedSelect: ["body", "uniqueBody"],
  allowedExpand: ["singleValueExtendedProperties", "multiValueExtendedProperties"],
};

const OUTLOOK = {
  changeTypes: CHANGE_TYPES,
  // The page says 10,080.
  maxLifetimeMinutes: 10_070,
  resourceData: { kind: "offered", maxLifetimeMinutes: 1_440, select: "required" },
  lifecycleUrl: "optional",
  query: QUERY,
  quotas: [{ limit: 1_000, per: "mailbox" }],
  sources: [
    OUTLOOK_PAGE,
    SUPPORTED_RESOURCES,
    SUBSCRIPTION_LIFETIME,
    LIVE_MAXIMUM,
    RESOURCE_DATA,
    CREATE_PERMISSIONS,
    DELTA_QUERIES,
  ],
} as const satisfies Partial<CatalogueRow>;

function readBy(...permissions: string[]): Permissions {
  return { delegated: permissions, personal: permissions, application: permissions };
}

const MESSAGE = {
  ...OUTLOOK,
  name: "message",
  permissions: readBy("Mail.ReadBasic", "Mail.Read"),
  resourceDataType: "#microsoft.graph.message",
} as const;

const EVENT = {
  ...OUTLOOK,
  name: "event",
  permissions: readBy("Calendars.Read"),
  // A window of time given at the start. In v1.0 there is no documented delta query over all events.
  catchUp: { kind: "delta", paths: ["users/{userId}/calendarView/delta"] },
  resourceDataType: "#microsoft.graph.event",
} as const;

const CONTACT = {
  ...OUTLOOK,
  name: "contact",
  permissions: readBy("Contacts.Read"),
  resourceDataType: "#microsoft.graph.contact",
} as const;

export const OUTLOOK_ROWS: readonly CatalogueRow[] = [
  {
    ...MESSAGE,
    paths: ["users/{userId}/messages"],
    catchUp: {
      kind: "delta",
      paths: ["users/{userId}/mailFolders/delta", "users/{userId}/mailFolders/{folderId}/messages/delta"],
    },
  },
  {
    ...MESSAGE,
    paths: ["users/{userId}/mailFolders/{folderId}/messages"],
    catchUp: { kind: "delta", paths: ["users/{userId}/mailFolders/{folderId}/messages/delta"] },
  },
  {
    ...MESSAGE,
    paths: ["users/{userId}/mailFolders/{parentId}/childFolders/{folderId}/messages"],
    catchUp: { kind: "delta", paths: ["users/{userId}/mailFolders/{folderId}/messages/delta"] },
    doubts: [
      "No page has a path through child folders; users/{userId}/mailFolders/{folderId}/messages takes the id of any folder",
    ],
  },
  { ...EVENT, paths: ["users/{userId}/events"] },
  {
    ...EVENT,
    paths: ["users/{userId}/calendar/events", "users/{userId}/calendars/{calendarId}/events"],
    doubts: ["No page has a path through a calendar; users/{userId}/events is documented"],
  },
  {
    ...CONTACT,
    paths: ["users/{userId}/contacts"],
    catchUp: {
      kind: "delta",
      paths: [
        "users/{userId}/contactFolders/delta",
        "users/{userId}/contactFolders/{folderId}/contacts/delta",
      ],
    },
  },
  {
    ...CONTACT,
    paths: ["users/{userId}/contactFolders/{folderId}/contacts"],
    catchUp: { kind: "delta", paths: ["users/{userId}/contactFolders/{folderId}/contacts/delta"] },
  },
];
