import { PathPattern, pathSegments, unknownSegment, type PathParams } from "../http/path.ts";
import { refuse, type Refusal } from "../http/reply.ts";
import { CHANGE_TYPES, type ChangeType } from "./change-type.ts";

/** One kind of resource Graph takes subscriptions for. */
export interface SubscribableResource {
  /** Graph's name of what changes. */
  readonly name: string;
  readonly patterns: readonly PathPattern[];
  /** Longest life of a subscription, in minutes from the request. */
  readonly maxMinutes: number;
  readonly changeTypes: readonly ChangeType[];
  /** Teams resources word refusals their own way, and want a lifecycle URL for more than one hour. */
  readonly family: "teams" | "other";
}

/** What the `resource` of a subscription means. */
export interface ResourceMatch {
  readonly kind: "resource";
  readonly resource: SubscribableResource;
  readonly pattern: PathPattern;
  readonly params: PathParams;
  /** What follows the `?`, or the empty string. */
  readonly query: string;
}

interface Row {
  readonly name: string;
  readonly paths: readonly string[];
  readonly maxMinutes: number;
  /** All three where the documentation does not say. */
  readonly changeTypes?: readonly ChangeType[];
  readonly family?: "teams";
}

/**
 * Paths and lifetimes of the subscription page, change types of the page of each resource.
 *
 * Outlook is the exception: the page says 10,080 minutes, the service refuses more than 10,070.
 *
 * @see https://learn.microsoft.com/graph/api/resources/subscription#subscription-lifetime
 * @see https://learn.microsoft.com/graph/api/resources/change-notifications-api-overview
 */
const ROWS: readonly Row[] = [
  {
    name: "message",
    paths: ["users/{userId}/messages", "users/{userId}/mailFolders/{folderId}/messages"],
    maxMinutes: 10_070,
  },
  { name: "event", paths: ["users/{userId}/events"], maxMinutes: 10_070 },
  {
    name: "contact",
    paths: ["users/{userId}/contacts", "users/{userId}/contactFolders/{folderId}/contacts"],
    maxMinutes: 10_070,
  },
  { name: "user", paths: ["users", "users/{userId}"], maxMinutes: 41_760 },
  {
    name: "group",
    paths: ["groups", "groups/{groupId}", "groups/{groupId}/owners", "groups/{groupId}/members"],
    maxMinutes: 41_760,
  },
  { name: "conversation", paths: ["groups/{groupId}/conversations"], maxMinutes: 4_230 },
  {
    name: "driveItem",
    paths: ["drives/{driveId}/root", "drives/{driveId}/root/{folder}", "users/{userId}/drive/root"],
    maxMinutes: 42_300,
    changeTypes: ["updated"],
  },
  { name: "list", paths: ["sites/{siteId}/lists/{listId}"], maxMinutes: 42_300, changeTypes: ["updated"] },
  { name: "alert", paths: ["security/alerts", "security/alerts/{alertId}"], maxMinutes: 43_200 },
  {
    name: "healthAlert",
    paths: ["reports/healthmonitoring/alerts", "reports/healthmonitoring/alert"],
    maxMinutes: 42_300,
  },
  { name: "approval", paths: ["solutions/approval/approvalItems"], maxMinutes: 43_200 },
  { name: "todoTask", paths: ["users/{userId}/todo/lists/{listId}/tasks"], maxMinutes: 4_230 },
  {
    name: "printer",
    paths: ["print/printers/{printerId}/jobs"],
    maxMinutes: 4_230,
    changeTypes: ["updated"],
  },
  {
    name: "printTaskDefinition",
    paths: ["print/taskDefinitions/{definitionId}/tasks"],
    maxMinutes: 4_230,
    changeTypes: ["created"],
  },
  {
    name: "callRecord",
    paths: ["communications/callRecords"],
    maxMinutes: 4_230,
    changeTypes: ["created", "updated"],
  },
  {
    name: "callRecording",
    paths: [
      "communications/onlineMeetings/getAllRecordings",
      "communications/onlineMeetings/{meetingId}/recordings",
      "users/{userId}/onlineMeetings/getAllRecordings",
    ],
    maxMinutes: 4_320,
    changeTypes: ["created"],
    family: "teams",
  },
  {
    name: "callTranscript",
    paths: [
      "communications/onlineMeetings/getAllTranscripts",
      "communications/onlineMeetings/{meetingId}/transcripts",
      "users/{userId}/onlineMeetings/getAllTranscripts",
    ],
    maxMinutes: 4_320,
    changeTypes: ["created"],
    family: "teams",
  },
  {
    name: "channel",
    paths: ["teams/getAllChannels", "teams/{teamId}/channels"],
    maxMinutes: 4_320,
    family: "teams",
  },
  {
    name: "chat",
    paths: [
      "chats",
      "chats/{chatId}",
      "users/{userId}/chats",
      "appCatalogs/teamsApps/{appId}/installedToChats",
    ],
    maxMinutes: 4_320,
    family: "teams",
  },
  {
    name: "chatMessage",
    paths: [
      "teams/getAllMessages",
      "teams/{teamId}/channels/{channelId}/messages",
      "chats/getAllMessages",
      "chats/{chatId}/messages",
      "users/{userId}/chats/getAllMessages",
      "appCatalogs/teamsApps/{appId}/installedToChats/getAllMessages",
    ],
    maxMinutes: 4_320,
    family: "teams",
  },
  {
    name: "conversationMember",
    paths: [
      "teams/getAllMembers",
      "teams/{teamId}/members",
      "teams/{teamId}/channels/getAllMembers",
      "teams/getAllChannels/getAllMembers",
      "chats/getAllMembers",
      "chats/{chatId}/members",
      "appCatalogs/teamsApps/{appId}/installedToChats/getAllMembers",
    ],
    maxMinutes: 4_320,
    family: "teams",
  },
  { name: "team", paths: ["teams", "teams/{teamId}"], maxMinutes: 4_320, family: "teams" },
  {
    name: "teamsAppInstallation",
    paths: ["appCatalogs/teamsApps/{appId}/installations"],
    maxMinutes: 4_320,
    family: "teams",
  },
  {
    name: "onlineMeeting",
    paths: ["communications/onlineMeetings/{meetingId}/meetingCallEvents"],
    maxMinutes: 4_320,
    changeTypes: ["updated"],
    family: "teams",
  },
  {
    name: "presence",
    paths: ["communications/presences", "communications/presences/{userId}"],
    maxMinutes: 60,
    changeTypes: ["updated"],
    family: "teams",
  },
  {
    name: "shift",
    paths: [
      "teams/{teamId}/schedule/shifts",
      "teams/{teamId}/schedule/offerShiftRequests",
      "teams/{teamId}/schedule/openShiftChangeRequests",
      "teams/{teamId}/schedule/swapShiftsChangeRequests",
      "teams/{teamId}/schedule/timeOffRequests",
    ],
    maxMinutes: 360,
    family: "teams",
  },
  {
    name: "aiInteraction",
    paths: [
      "copilot/interactionHistory/getAllEnterpriseInteractions",
      "copilot/users/{userId}/interactionHistory/getAllEnterpriseInteractions",
    ],
    maxMinutes: 4_320,
    family: "teams",
  },
];

/** Every resource a subscription can name. */
export const SUBSCRIBABLE_RESOURCES: readonly SubscribableResource[] = ROWS.map((row) => ({
  name: row.name,
  patterns: row.paths.map((path) => new PathPattern(path)),
  maxMinutes: row.maxMinutes,
  changeTypes: row.changeTypes ?? CHANGE_TYPES,
  family: row.family ?? "other",
}));

/**
 * Reads the `resource` of a subscription: with or without its leading slash, keys in either form, words in any case.
 *
 * @param userId who `me` is, when somebody signed in
 */
export function matchResource(path: string, userId?: string): ResourceMatch | Refusal {
  const queryAt = path.indexOf("?");
  const written = pathSegments(queryAt === -1 ? path : path.slice(0, queryAt));
  const isMe = written[0]?.toLowerCase() === "me";
  if (isMe && userId === undefined) {
    return refuse(400, "BadRequest", "/me request is only valid with delegated authentication flow.");
  }
  const segments = isMe && userId !== undefined ? ["users", userId, ...written.slice(1)] : written;
  const query = queryAt === -1 ? "" : path.slice(queryAt + 1);
  // A path of words only wins over one with a hole: `teams/getAllMessages` is no team.
  let found: ResourceMatch | undefined;
  for (const resource of SUBSCRIBABLE_RESOURCES) {
    for (const pattern of resource.patterns) {
      const params = pattern.match(segments);
      if (params && (!found || params.count < found.params.count)) {
        found = { kind: "resource", resource, pattern, params, query };
      }
    }
  }
  return found ?? unknownResource(segments);
}

/** @throws TypeError when there is no such kind, which no live subscription has */
export function resourceNamed(name: string): SubscribableResource {
  const resource = SUBSCRIBABLE_RESOURCES.find((candidate) => candidate.name === name);
  if (!resource) throw new TypeError(`Expected a kind of resource, got ${name}`);
  return resource;
}

function unknownResource(segments: readonly string[]): Refusal {
  const patterns = SUBSCRIBABLE_RESOURCES.flatMap((resource) => resource.patterns);
  const unknown = unknownSegment(patterns, segments) ?? segments.at(-1) ?? "";
  return refuse(400, "BadRequest", `Resource not found for the segment '${unknown}'.`);
}
