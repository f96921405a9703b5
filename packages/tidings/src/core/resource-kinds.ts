import { CHANGE_TYPES, type ChangeType } from "./change-type.ts";
import { canonicalSegments } from "./resource-path.ts";

const SUBSCRIPTION_PAGE =
  "https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime";
const OVERVIEW_PAGE = "https://learn.microsoft.com/graph/change-notifications-overview#supported-resources";

/** What Microsoft documents of one kind of resource that can be subscribed to. */
export interface ResourceKind {
  /** Graph's name of the type. */
  readonly name: string;
  /** Canonical paths; `*` stands for one id. */
  readonly paths: readonly string[];
  /** Longest life Graph grants a basic subscription, in minutes. */
  readonly maxLifetimeMinutes: number;
  /** Longest life of one that includes resource data; absent where Graph offers none. */
  readonly maxRichLifetimeMinutes?: number;
  /** What Graph tells about this resource. */
  readonly changeTypes: readonly ChangeType[];
  /** Page (or observed refusal) the lifetime comes from. */
  readonly source: string;
}

const ALL: readonly ChangeType[] = CHANGE_TYPES;
const DAY = 24 * 60;

/** Directory objects tell of a creation as `updated`; Graph accepts a subscription to `created` all the same. */
const DIRECTORY: readonly ChangeType[] = ["updated", "deleted"];

/** The page says 10,080; Graph refuses: “Subscription expiration can only be 10070 minutes in the future.” */
const OUTLOOK_MINUTES = 10_070;

const RESOURCE_KINDS: readonly ResourceKind[] = [
  {
    name: "message",
    paths: [
      "users/*/messages",
      "users/*/mailFolders/*/messages",
      "users/*/mailFolders/*/childFolders/*/messages",
    ],
    maxLifetimeMinutes: OUTLOOK_MINUTES,
    maxRichLifetimeMinutes: DAY,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "event",
    paths: ["users/*/events", "users/*/calendar/events", "users/*/calendars/*/events"],
    maxLifetimeMinutes: OUTLOOK_MINUTES,
    maxRichLifetimeMinutes: DAY,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "contact",
    paths: ["users/*/contacts", "users/*/contactFolders/*/contacts"],
    maxLifetimeMinutes: OUTLOOK_MINUTES,
    maxRichLifetimeMinutes: DAY,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "user",
    paths: ["users", "users/*"],
    maxLifetimeMinutes: 41_760,
    changeTypes: DIRECTORY,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "group",
    paths: ["groups", "groups/*", "groups/*/owners", "groups/*/members"],
    maxLifetimeMinutes: 41_760,
    changeTypes: DIRECTORY,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "conversation",
    paths: ["groups/*/conversations"],
    maxLifetimeMinutes: 4_230,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "driveItem",
    paths: ["users/*/drive/root", "drives/*/root", "drives/*/root/*"],
    maxLifetimeMinutes: 42_300,
    changeTypes: ["updated"],
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "list",
    paths: ["sites/*/lists/*"],
    maxLifetimeMinutes: 42_300,
    changeTypes: ["updated"],
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "alert",
    paths: ["security/alerts", "security/alerts/*"],
    maxLifetimeMinutes: 43_200,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "healthAlert",
    paths: ["reports/healthMonitoring/alerts", "reports/healthMonitoring/alert"],
    maxLifetimeMinutes: 42_300,
    changeTypes: ALL,
    source: OVERVIEW_PAGE,
  },
  {
    name: "approvalItem",
    paths: ["solutions/approval/approvalItems"],
    maxLifetimeMinutes: 43_200,
    changeTypes: ALL,
    source: OVERVIEW_PAGE,
  },
  {
    name: "todoTask",
    paths: ["users/*/todo/lists/*/tasks"],
    maxLifetimeMinutes: 4_230,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "printJob",
    paths: ["print/printers/*/jobs"],
    maxLifetimeMinutes: 4_230,
    changeTypes: ["updated"],
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "printTask",
    paths: ["print/taskDefinitions/*/tasks"],
    maxLifetimeMinutes: 4_230,
    changeTypes: ["created"],
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "callRecord",
    paths: ["communications/callRecords"],
    maxLifetimeMinutes: 4_230,
    changeTypes: ["created", "updated"],
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "callRecording",
    paths: [
      "communications/onlineMeetings/getAllRecordings",
      "communications/onlineMeetings/*/recordings",
      "users/*/onlineMeetings/getAllRecordings",
      "appCatalogs/teamsApps/*/installedToOnlineMeetings/getAllRecordings",
    ],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ["created"],
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "callTranscript",
    paths: [
      "communications/onlineMeetings/getAllTranscripts",
      "communications/onlineMeetings/*/transcripts",
      "users/*/onlineMeetings/getAllTranscripts",
      "appCatalogs/teamsApps/*/installedToOnlineMeetings/getAllTranscripts",
    ],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ["created"],
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "channel",
    paths: ["teams/getAllChannels", "teams/*/channels"],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "chat",
    paths: ["chats", "chats/*", "users/*/chats", "appCatalogs/teamsApps/*/installedToChats"],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "chatMessage",
    paths: [
      "teams/getAllMessages",
      "teams/*/channels/*/messages",
      "chats/getAllMessages",
      "chats/*/messages",
      "users/*/chats/getAllMessages",
      "appCatalogs/teamsApps/*/installedToChats/getAllMessages",
    ],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "conversationMember",
    paths: [
      "teams/*/members",
      "teams/getAllMembers",
      "teams/*/channels/getAllMembers",
      "teams/getAllChannels/getAllMembers",
      "chats/*/members",
      "chats/getAllMembers",
      "appCatalogs/teamsApps/*/installedToChats/getAllMembers",
    ],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "team",
    paths: ["teams", "teams/*"],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "teamsAppInstallation",
    paths: ["appCatalogs/teamsApps/*/installations"],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "onlineMeeting",
    paths: ["communications/onlineMeetings", "communications/onlineMeetings/*/meetingCallEvents"],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ["updated"],
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "presence",
    paths: ["communications/presences", "communications/presences/*"],
    maxLifetimeMinutes: 60,
    maxRichLifetimeMinutes: 60,
    changeTypes: ["updated"],
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "shift",
    paths: ["teams/*/schedule/*"],
    maxLifetimeMinutes: 360,
    changeTypes: ALL,
    source: OVERVIEW_PAGE,
  },
  {
    name: "aiInteraction",
    paths: [
      "copilot/users/*/interactionHistory/getAllEnterpriseInteractions",
      "copilot/interactionHistory/getAllEnterpriseInteractions",
    ],
    maxLifetimeMinutes: 4_320,
    maxRichLifetimeMinutes: 4_320,
    changeTypes: ALL,
    source: SUBSCRIPTION_PAGE,
  },
  {
    name: "virtualEvent",
    paths: [
      "solutions/virtualEvents/*",
      "solutions/virtualEvents/*/*",
      "solutions/virtualEvents/*/*/*",
      "solutions/virtualEvents/*/*/*/*",
    ],
    maxLifetimeMinutes: DAY,
    changeTypes: ALL,
    source: OVERVIEW_PAGE,
  },
];

/**
 * For a resource of no known kind: Graph's shortest documented maximum. It asks for too little rather than being
 * refused.
 */
const UNKNOWN_KIND: ResourceKind = {
  name: "unknown",
  paths: [],
  maxLifetimeMinutes: 60,
  maxRichLifetimeMinutes: 60,
  changeTypes: ALL,
  source: SUBSCRIPTION_PAGE,
};

/** Those with fewer `*` first: `chats/getAllMessages` is more than one of `chats/*`. */
const PATHS = RESOURCE_KINDS.flatMap((kind) =>
  kind.paths.map((path) => ({ kind, path: path.split("/") })),
).toSorted((a, b) => wildcardCount(a.path) - wildcardCount(b.path));

function wildcardCount(path: readonly string[]): number {
  return path.filter((part) => part === "*").length;
}

/** Finds what is documented of a resource, or of a template of one: `{…}` is an id like any other. Never throws. */
export function resourceKindOf(resource: string): ResourceKind {
  const segments = canonicalSegments(resource);
  const [first, ...rest] = segments;
  // With a delegated token `me` stands for `users/{id}` everywhere.
  const path = first === "me" ? ["users", "*", ...rest] : segments;
  return PATHS.find((candidate) => matches(candidate.path, path))?.kind ?? UNKNOWN_KIND;
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => part === "*" || part === segments[index])
  );
}

const MINUTE_MS = 60_000;

/**
 * How long a life to ask for, in milliseconds: the documented maximum less a margin of 5 %, at most 10 minutes,
 * because Graph refuses what is a second too long and its clock is not ours.
 */
export function requestedLifetimeMs(resource: string): number {
  const { maxLifetimeMinutes } = resourceKindOf(resource);
  const marginMinutes = Math.min(10, maxLifetimeMinutes * 0.05);
  return (maxLifetimeMinutes - marginMinutes) * MINUTE_MS;
}
