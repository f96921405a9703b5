import { PathPattern, type PathParams } from "../http/path.ts";

/** Whether requests beyond the limits are refused. */
export type ThrottlePolicy = "documented" | "off";

/** Whose requests are counted together. `resource` is the app with the thing its path names. */
export type LimitScope = "app" | "tenant" | "app+tenant" | "resource";

/** A request as limits see it. */
export interface LimitedRequest {
  readonly method: string;
  /** Without the API version. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly bodyBytes: number;
}

/** So much in a window, counted together for a scope. */
export interface Limit {
  readonly scope: LimitScope;
  /** Of an Entra tenant it depends on how many users there are. */
  readonly capacity: number | ((userCount: number) => number);
  readonly windowMs: number;
  /** What it counts; @default one for each request */
  readonly unit?: "request" | "resource-unit" | "write" | "byte";
}

/** Requests that share their limits. */
export interface LimitedService {
  readonly name: string;
  readonly limits: readonly Limit[];
  /** What a path names, or `undefined` when it is none of the service's. */
  match(request: LimitedRequest): PathParams | undefined;
  /** Names in the path whose values make the `resource` scope. */
  readonly resource: readonly string[];
  /** Requests for one resource under way at once, of one app. */
  readonly concurrency?: number;
  /** Directory services tell what a request costs and how near the limit is. */
  readonly family: "directory" | "other";
}

interface Row {
  readonly name: string;
  /** @default any */
  readonly methods?: readonly string[];
  /** With `/**` at the end: and everything below. */
  readonly paths: readonly string[];
  readonly limits: readonly Limit[];
  readonly resource?: readonly string[];
  readonly concurrency?: number;
  readonly family?: "directory";
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const WRITES = ["POST", "PUT", "PATCH", "DELETE"] as const;

/** Requests a second by app, by app and tenant, and by resource; then the limits of Teams, which come as such triples. */
function perSecond(app: number, appTenant: number, resource?: number): readonly Limit[] {
  const limits: Limit[] = [
    { scope: "app", capacity: app, windowMs: SECOND_MS },
    { scope: "app+tenant", capacity: appTenant, windowMs: SECOND_MS },
  ];
  if (resource !== undefined) limits.push({ scope: "resource", capacity: resource, windowMs: SECOND_MS });
  return limits;
}

function perTwentySeconds(app: number, appTenant: number): readonly Limit[] {
  return [
    { scope: "app", capacity: app, windowMs: 20 * SECOND_MS },
    { scope: "app+tenant", capacity: appTenant, windowMs: 20 * SECOND_MS },
  ];
}

/** Tenants with fewer than 50 users are small, with more than 500 large. */
function directoryUnits(userCount: number): number {
  if (userCount < 50) return 3_500;
  return userCount <= 500 ? 5_000 : 8_000;
}

/** What counts whatever the path. */
export const GLOBAL_LIMITS: readonly Limit[] = [
  { scope: "app", capacity: 130_000, windowMs: 10 * SECOND_MS },
];

/**
 * The services with their limits; the first that knows the path has the request.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits
 */
const ROWS: readonly Row[] = [
  {
    name: "subscription writes",
    methods: WRITES,
    paths: ["subscriptions", "subscriptions/{id}"],
    limits: perTwentySeconds(2_000, 500),
  },
  {
    name: "subscription reauthorize",
    methods: ["POST"],
    paths: ["subscriptions/{id}/reauthorize"],
    limits: perTwentySeconds(4_000, 1_000),
  },
  {
    name: "subscription reads",
    methods: ["GET"],
    paths: ["subscriptions/{id}"],
    limits: perTwentySeconds(2_000, 500),
  },
  { name: "subscription list", methods: ["GET"], paths: ["subscriptions"], limits: perTwentySeconds(40, 25) },
  {
    name: "Outlook",
    paths: [
      "users/{userId}/messages/**",
      "users/{userId}/mailFolders/**",
      "users/{userId}/events/**",
      "users/{userId}/calendar/**",
      "users/{userId}/calendars/**",
      "users/{userId}/calendarView/**",
      "users/{userId}/contacts/**",
      "users/{userId}/contactFolders/**",
    ],
    resource: ["userId"],
    limits: [
      { scope: "resource", capacity: 10_000, windowMs: 10 * MINUTE_MS },
      { scope: "resource", capacity: 150 * 1024 * 1024, windowMs: 5 * MINUTE_MS, unit: "byte" },
    ],
    concurrency: 4,
  },
  {
    name: "Teams channel messages",
    methods: ["GET"],
    paths: ["teams/{teamId}/channels/{channelId}/messages/**"],
    resource: ["teamId", "channelId"],
    limits: perSecond(200, 20, 1),
  },
  {
    name: "Teams chat messages",
    methods: ["GET"],
    paths: ["chats/{chatId}/messages/**"],
    resource: ["chatId"],
    limits: perSecond(200, 20, 1),
  },
  {
    name: "Teams export",
    methods: ["GET"],
    paths: [
      "users/{userId}/chats/getAllMessages/**",
      "teams/{teamId}/channels/getAllMessages/**",
      "teams/getAllMessages",
      "chats/getAllMessages",
    ],
    limits: perSecond(1_000, 200),
  },
  {
    name: "Teams members",
    methods: ["GET"],
    paths: ["teams/{teamId}/members/**", "chats/{chatId}/members/**"],
    resource: ["teamId", "chatId"],
    limits: perSecond(1_200, 60, 4),
  },
  {
    name: "Teams chat",
    methods: ["GET"],
    paths: ["chats/{chatId}"],
    resource: ["chatId"],
    limits: perSecond(2_000, 200, 1),
  },
  {
    name: "Teams team",
    methods: ["GET"],
    paths: ["teams/{teamId}"],
    resource: ["teamId"],
    limits: perSecond(1_500, 30, 4),
  },
  {
    name: "Teams",
    methods: ["GET"],
    paths: ["teams/{teamId}/**", "chats/{chatId}/**", "appCatalogs/teamsApps/**"],
    resource: ["teamId", "chatId"],
    limits: perSecond(1_500, 30, 1),
  },
  {
    name: "presence",
    paths: ["communications/presences/**", "users/{userId}/presence"],
    limits: [{ scope: "app+tenant", capacity: 10_000, windowMs: 30 * SECOND_MS }],
  },
  {
    name: "call records",
    paths: ["communications/callRecords", "communications/callRecords/{callId}/**"],
    resource: ["callId"],
    limits: [
      { scope: "app+tenant", capacity: 1_500, windowMs: 20 * SECOND_MS },
      { scope: "app", capacity: 15_000, windowMs: 20 * SECOND_MS },
      { scope: "tenant", capacity: 10_000, windowMs: 20 * SECOND_MS },
      { scope: "resource", capacity: 40, windowMs: 20 * SECOND_MS },
    ],
  },
  {
    name: "security alerts",
    paths: ["security/alerts/**"],
    limits: [{ scope: "app+tenant", capacity: 150, windowMs: MINUTE_MS }],
  },
  {
    name: "directory",
    paths: [
      "users",
      "users/{userId}",
      "users/{userId}/memberOf/**",
      "users/{userId}/transitiveMemberOf/**",
      "users/{userId}/ownedObjects/**",
      "users/{userId}/licenseDetails/**",
      "groups",
      "groups/{groupId}",
      "groups/{groupId}/members/**",
      "groups/{groupId}/transitiveMembers/**",
      "groups/{groupId}/owners/**",
      "directory/**",
      "directoryObjects/**",
      "directoryRoles/**",
      "administrativeUnits/**",
      "applications/**",
      "servicePrincipals/**",
      "devices/**",
      "contacts/**",
      "domains/**",
      "organization/**",
      "subscribedSkus/**",
      "oauth2PermissionGrants/**",
    ],
    limits: [
      { scope: "app+tenant", capacity: directoryUnits, windowMs: 10 * SECOND_MS, unit: "resource-unit" },
      { scope: "app", capacity: 150_000, windowMs: 20 * SECOND_MS, unit: "resource-unit" },
      { scope: "app+tenant", capacity: 3_000, windowMs: 150 * SECOND_MS, unit: "write" },
      { scope: "app", capacity: 35_000, windowMs: 5 * MINUTE_MS, unit: "write" },
      { scope: "tenant", capacity: 18_000, windowMs: 5 * MINUTE_MS, unit: "write" },
    ],
    family: "directory",
  },
];

/** Every service that has limits of its own. */
export const LIMITED_SERVICES: readonly LimitedService[] = ROWS.map((row) => {
  const patterns = row.paths.map((path) => ({
    pattern: new PathPattern(path.replace(/\/\*\*$/, "")),
    length: path.replace(/\/\*\*$/, "").split("/").length,
    hasMore: path.endsWith("/**"),
  }));
  return {
    name: row.name,
    limits: row.limits,
    resource: row.resource ?? [],
    family: row.family ?? "other",
    ...(row.concurrency === undefined ? {} : { concurrency: row.concurrency }),
    match: ({ method, segments }) => {
      if (row.methods && !row.methods.includes(method)) return undefined;
      for (const { pattern, length, hasMore } of patterns) {
        const params = pattern.match(hasMore ? segments.slice(0, length) : segments);
        if (params) return params;
      }
      return undefined;
    },
  };
});
