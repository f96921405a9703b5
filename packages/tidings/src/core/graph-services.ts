/** Units in a window. */
export type Allowance = readonly [units: number, windowMs: number];

/** Requests to Graph that share their limits. */
export interface GraphService {
  readonly name: string;
  /** @default any */
  readonly methods?: readonly string[];
  /** `{}` is an id that the limit per resource is about, `*` any other id, `**` anything, or nothing, below. */
  readonly paths: readonly string[];
  /** Of the app in all tenants. */
  readonly app?: Allowance;
  /** Of the app in one tenant. */
  readonly tenant?: Allowance;
  /** Of the app for one thing in a tenant. */
  readonly resource?: Allowance;
  /** Requests for one such thing under way at once. */
  readonly places?: number;
  /** What is counted. @default requests */
  readonly unit?: "resource-unit";
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Whatever the path. */
export const ANY_REQUEST: Allowance = [130_000, 10 * SECOND];

const MAILBOX_CONTENT = [
  "calendar",
  "calendarGroups",
  "calendars",
  "calendarView",
  "contactFolders",
  "contacts",
  "events",
  "inferenceClassification",
  "mailboxSettings",
  "mailFolders",
  "messages",
  "outlook",
  "todo",
];
const GROUP_CONTENT = ["calendar", "calendarView", "conversations", "events", "threads"];

/** What belongs to a user or group and is not the directory's; its limits are not documented by the request. */
const OTHER_CONTENT = [
  "chats",
  "drive",
  "drives",
  "joinedTeams",
  "onenote",
  "onlineMeetings",
  "planner",
  "sites",
  "teamwork",
];

const DIRECTORY = [
  "administrativeUnits",
  "applications",
  "contacts",
  "contracts",
  "devices",
  "directory",
  "directoryObjects",
  "directoryRoles",
  "domains",
  "groups",
  "me",
  "oauth2PermissionGrants",
  "organization",
  "servicePrincipals",
  "subscribedSkus",
  "users",
];
const DIRECTORY_PATHS = DIRECTORY.map((name) => `${name}/**`);

const READS = ["GET"];

/**
 * The documented limits. The first row that knows the path has the request.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits
 */
export const GRAPH_SERVICES: readonly GraphService[] = [
  {
    name: "subscription reauthorize",
    methods: ["POST"],
    paths: ["subscriptions/*/reauthorize"],
    app: [4_000, 20 * SECOND],
    tenant: [1_000, 20 * SECOND],
  },
  {
    name: "subscription list",
    methods: READS,
    paths: ["subscriptions"],
    app: [40, 20 * SECOND],
    tenant: [25, 20 * SECOND],
  },
  {
    name: "subscription reads",
    methods: READS,
    paths: ["subscriptions/**"],
    app: [2_000, 20 * SECOND],
    tenant: [500, 20 * SECOND],
  },
  {
    name: "subscription writes",
    paths: ["subscriptions/**"],
    app: [2_000, 20 * SECOND],
    tenant: [500, 20 * SECOND],
  },
  {
    name: "Outlook",
    paths: [
      ...MAILBOX_CONTENT.flatMap((name) => [`me/${name}/**`, `users/{}/${name}/**`]),
      ...GROUP_CONTENT.map((name) => `groups/{}/${name}/**`),
    ],
    resource: [10_000, 10 * MINUTE],
    places: 4,
  },
  {
    name: "presence",
    paths: ["communications/presences/**", "users/*/presence/**", "me/presence/**"],
    tenant: [10_000, 30 * SECOND],
  },
  {
    name: "call records",
    paths: ["communications/callRecords/{}/**"],
    app: [15_000, 20 * SECOND],
    tenant: [1_500, 20 * SECOND],
    resource: [40, 20 * SECOND],
  },
  {
    name: "call record list",
    paths: ["communications/callRecords"],
    app: [15_000, 20 * SECOND],
    tenant: [40, 20 * SECOND],
  },
  { name: "security alerts", paths: ["security/alerts/**", "security/alerts_v2/**"], tenant: [150, MINUTE] },
  {
    name: "all messages",
    methods: READS,
    paths: [
      "teams/*/channels/getAllMessages/**",
      "users/*/chats/getAllMessages/**",
      "chats/getAllMessages/**",
    ],
    app: [1_000, SECOND],
    tenant: [200, SECOND],
  },
  {
    name: "channel messages",
    methods: READS,
    paths: ["teams/{}/channels/{}/messages/**"],
    app: [200, SECOND],
    tenant: [20, SECOND],
    resource: [1, SECOND],
  },
  {
    name: "chat messages",
    methods: READS,
    paths: ["chats/{}/messages/**"],
    app: [200, SECOND],
    tenant: [20, SECOND],
    resource: [1, SECOND],
  },
  {
    name: "chat",
    methods: READS,
    paths: ["chats/{}"],
    app: [2_000, SECOND],
    tenant: [200, SECOND],
    resource: [1, SECOND],
  },
  {
    name: "team",
    methods: READS,
    paths: ["teams/{}"],
    app: [1_500, SECOND],
    tenant: [30, SECOND],
    resource: [4, SECOND],
  },
  {
    name: "team members",
    methods: READS,
    paths: ["teams/{}/members/**"],
    app: [1_200, SECOND],
    tenant: [60, SECOND],
    resource: [4, SECOND],
  },
  {
    name: "other reads of Teams",
    methods: READS,
    paths: ["teams/{}/**", "chats/{}/**"],
    app: [1_500, SECOND],
    tenant: [30, SECOND],
    resource: [1, SECOND],
  },
  {
    name: "other",
    paths: OTHER_CONTENT.flatMap((name) => [`me/${name}/**`, `users/*/${name}/**`, `groups/*/${name}/**`]),
  },
  // How many users a tenant has cannot be seen from here, so each counts as one of the smallest.
  {
    name: "directory",
    methods: READS,
    paths: DIRECTORY_PATHS,
    app: [150_000, 20 * SECOND],
    tenant: [3_500, 10 * SECOND],
    unit: "resource-unit",
  },
  {
    name: "directory writes",
    paths: DIRECTORY_PATHS,
    app: [35_000, 5 * MINUTE],
    tenant: [3_000, 2.5 * MINUTE],
  },
];
