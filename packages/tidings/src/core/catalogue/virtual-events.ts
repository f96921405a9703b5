import type { CatalogueRow } from "./row.ts";

const VIRTUAL_EVENTS_PAGE = "https://learn.microsoft.com/graph/changenotifications-for-virtualevent";

const VIRTUAL_EVENT = {
  maxLifetimeMinutes: 1_440,
  resourceData: { kind: "none" },
  lifecycleUrl: "undocumented",
  query: { documented: [] },
  permissions: { delegated: ["VirtualEvent.Read"], personal: [], application: ["VirtualEvent.Read.All"] },
  quotas: [{ limit: 1, per: "app and target" }],
  catchUp: { kind: "none" },
  sources: [VIRTUAL_EVENTS_PAGE],
} as const satisfies Partial<CatalogueRow>;

const OF_TENANT = {
  ...VIRTUAL_EVENT,
  name: "virtualEvent",
  changeTypes: ["created"],
  permissions: { delegated: [], personal: [], application: ["VirtualEvent.Read.All"] },
  resourceDataType: "#microsoft.graph.virtualEvent",
} as const;

const REGISTRATION = {
  ...VIRTUAL_EVENT,
  name: "virtualEventRegistration",
  changeTypes: ["created", "updated"],
  resourceDataType: "#microsoft.graph.virtualEventRegistration",
} as const;

export const VIRTUAL_EVENT_ROWS: readonly CatalogueRow[] = [
  { ...OF_TENANT, paths: ["solutions/virtualEvents/events"], quotas: [{ limit: 1, per: "app and tenant" }] },
  {
    ...OF_TENANT,
    paths: ["solutions/virtualEvents/events/getEventsFromOrganizers(organizerIds=['{organizerId}'])"],
    // Counts as one to all events of the tenant.
    quotas: [{ limit: 1, per: "app and tenant" }],
  },
  {
    ...VIRTUAL_EVENT,
    name: "virtualEventWebinar",
    paths: ["solutions/virtualEvents/webinars/{webinarId}"],
    changeTypes: ["updated"],
    resourceDataType: "#microsoft.graph.virtualEventWebinar",
  },
  {
    ...VIRTUAL_EVENT,
    name: "virtualEventTownhall",
    paths: ["solutions/virtualEvents/townhalls/{townhallId}"],
    changeTypes: ["updated"],
    resourceDataType: "#microsoft.graph.virtualEventTownhall",
  },
  {
    ...VIRTUAL_EVENT,
    name: "virtualEventSession",
    paths: [
      "solutions/virtualEvents/webinars/{webinarId}/sessions",
      "solutions/virtualEvents/townhalls/{townhallId}/sessions",
    ],
    changeTypes: ["created", "updated"],
    resourceDataType: "#microsoft.graph.virtualEventSession",
  },
  { ...REGISTRATION, paths: ["solutions/virtualEvents/webinars/{webinarId}/registrations"] },
  {
    ...REGISTRATION,
    paths: [
      "solutions/virtualEvents/webinars/{webinarId}/registration/registrants",
      "solutions/virtualEvents/townhalls/{townhallId}/registration/registrants",
    ],
    doubts: [
      "An older page has it; the present one has solutions/virtualEvents/webinars/{webinarId}/registrations",
    ],
  },
  {
    ...VIRTUAL_EVENT,
    name: "meetingAttendanceReport",
    paths: [
      "solutions/virtualEvents/webinars/{webinarId}/getAttendanceReports",
      "solutions/virtualEvents/townhalls/{townhallId}/getAttendanceReports",
    ],
    changeTypes: ["created"],
    resourceDataType: "#microsoft.graph.meetingAttendanceReport",
  },
  {
    ...VIRTUAL_EVENT,
    name: "virtualEventSession",
    paths: ["solutions/virtualEvents/{eventType}/{eventId}/getVideoOnDemandPublication"],
    changeTypes: ["updated"],
    resourceDataType: "#microsoft.graph.virtualEventSession",
    doubts: ["Its page shows it in beta, but does not say that it is there only"],
  },
];
