import type { CatalogueRow, Quota } from "./row.ts";
import { CREATE_PERMISSIONS, RESOURCE_DATA, SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES } from "./sources.ts";

const CALL_RECORDS_PAGE = "https://learn.microsoft.com/graph/changenotifications-for-callrecords";
const MEETING_PAGE = "https://learn.microsoft.com/graph/changenotifications-for-onlinemeeting";
const EMERGENCY_PAGE = "https://learn.microsoft.com/graph/changenotifications-for-emergencycalls";
const PRESENCE_PAGE = "https://learn.microsoft.com/graph/changenotifications-for-presence";

const ONE_PER_TARGET: readonly Quota[] = [{ limit: 1, per: "app and target" }];

const MEETING = {
  name: "onlineMeeting",
  changeTypes: ["updated"],
  // The table of lives has 4,320 in one line and 4,230 in another.
  maxLifetimeMinutes: 4_230,
  resourceData: { kind: "offered", maxLifetimeMinutes: 4_230, select: "unsupported" },
  lifecycleUrl: "over an hour",
  permissions: {
    delegated: [],
    personal: [],
    application: ["OnlineMeetings.Read.All", "OnlineMeetings.ReadWrite.All"],
  },
  quotas: ONE_PER_TARGET,
  catchUp: { kind: "none" },
  resourceDataType: "#microsoft.graph.onlineMeeting",
  sources: [MEETING_PAGE, SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, RESOURCE_DATA],
} as const satisfies Partial<CatalogueRow>;

const MEETING_DOUBT = "The overview marks it as being in beta only";

const PRESENCE = {
  name: "presence",
  changeTypes: ["updated"],
  maxLifetimeMinutes: 60,
  resourceData: { kind: "offered", maxLifetimeMinutes: 60, select: "unsupported" },
  lifecycleUrl: "optional",
  permissions: { delegated: ["Presence.Read.All"], personal: [], application: [] },
  quotas: [{ limit: 1, per: "app and user" }],
  catchUp: { kind: "none" },
  resourceDataType: "#microsoft.graph.presence",
  sources: [PRESENCE_PAGE, SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, RESOURCE_DATA, CREATE_PERMISSIONS],
} as const satisfies Partial<CatalogueRow>;

export const CALL_ROWS: readonly CatalogueRow[] = [
  {
    name: "callRecord",
    paths: ["communications/callRecords"],
    // A new record is told of as `created` and as `updated`.
    changeTypes: ["created", "updated"],
    maxLifetimeMinutes: 4_230,
    resourceData: { kind: "none" },
    lifecycleUrl: "undocumented",
    query: { documented: ["$filter"] },
    permissions: { delegated: [], personal: [], application: ["CallRecords.Read.All"] },
    quotas: [{ limit: 100, per: "tenant" }],
    catchUp: {
      kind: "time window",
      path: "communications/callRecords",
      property: "startDateTime",
      isUnsure: true,
    },
    resourceDataType: "#microsoft.graph.callRecords.callRecord",
    sources: [CALL_RECORDS_PAGE, SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, CREATE_PERMISSIONS],
  },
  {
    ...MEETING,
    paths: ["communications/onlineMeetings(joinWebUrl='{joinWebUrl}')/meetingCallEvents"],
    query: { documented: [] },
    doubts: [MEETING_DOUBT],
  },
  {
    ...MEETING,
    paths: ["communications/onlineMeetings"],
    query: { documented: ["$filter"], expected: "$filter" },
    doubts: [
      MEETING_DOUBT,
      "It is an older form of communications/onlineMeetings(joinWebUrl='{joinWebUrl}')/meetingCallEvents",
    ],
  },
  {
    name: "emergencyCallEvent",
    paths: ["communications/calls/getEmergencyEventsByPolicy(policyName='{policyName}')"],
    changeTypes: ["updated"],
    maxLifetimeMinutes: 1_440,
    resourceData: { kind: "required", maxLifetimeMinutes: 1_440, select: "undocumented" },
    lifecycleUrl: "undocumented",
    query: { documented: [] },
    permissions: { delegated: [], personal: [], application: ["CallEvents-Emergency.Read.All"] },
    quotas: ONE_PER_TARGET,
    catchUp: { kind: "none" },
    resourceDataType: "#microsoft.graph.emergencyCallEvent",
    version: "beta",
    sources: [EMERGENCY_PAGE],
  },
  { ...PRESENCE, paths: ["communications/presences/{userId}"], query: { documented: [] } },
  {
    ...PRESENCE,
    paths: ["communications/presences"],
    query: { documented: ["$filter"], expected: "$filter", maxFilterIds: 650 },
  },
];
