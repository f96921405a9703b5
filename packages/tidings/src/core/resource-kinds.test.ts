import { describe, expect, it } from "vitest";

import { requestedLifetimeMs, resourceKindOf } from "./resource-kinds.ts";

const MINUTE = 60_000;

/** What Microsoft documents, and what Graph really grants where that is less. */
const DOCUMENTED: { name: string; minutes: number; richMinutes?: number; resources: string[] }[] = [
  {
    name: "message",
    minutes: 10_070,
    richMinutes: 1_440,
    resources: [
      "users/{id}/messages",
      "me/messages",
      "users/{id}/mailFolders('inbox')/messages",
      "users/{id}/mailFolders/{folderId}/messages",
      "me/mailfolders('inbox')/messages?$filter=isRead eq false",
      "users/o'neil@contoso.com/messages",
    ],
  },
  { name: "event", minutes: 10_070, richMinutes: 1_440, resources: ["users/{id}/events", "me/events"] },
  {
    name: "contact",
    minutes: 10_070,
    richMinutes: 1_440,
    resources: ["users/{id}/contacts", "me/contacts", "users/{id}/contactFolders/{folderId}/contacts"],
  },
  { name: "user", minutes: 41_760, resources: ["users", "/Users", "users/{id}", "users?$select=id", "me"] },
  {
    name: "group",
    minutes: 41_760,
    resources: ["groups", "groups/{id}", "groups/{id}/owners", "groups/{id}/members"],
  },
  { name: "conversation", minutes: 4_230, resources: ["groups/{id}/conversations"] },
  {
    name: "driveItem",
    minutes: 42_300,
    resources: ["users/{id}/drive/root", "drives/{id}/root", "drives/{id}/root/{folder}", "me/drive/root"],
  },
  { name: "list", minutes: 42_300, resources: ["sites/{siteId}/lists/{listId}"] },
  {
    name: "alert",
    minutes: 43_200,
    resources: ["security/alerts/{id}", "security/alerts?$filter=status eq 'newAlert'"],
  },
  {
    name: "healthAlert",
    minutes: 42_300,
    resources: ["reports/healthmonitoring/alerts", "/reports/healthMonitoring/alert"],
  },
  { name: "approvalItem", minutes: 43_200, resources: ["solutions/approval/approvalItems"] },
  {
    name: "todoTask",
    minutes: 4_230,
    resources: ["me/todo/lists/{id}/tasks", "users/{id}/todo/lists/{id}/tasks"],
  },
  { name: "printJob", minutes: 4_230, resources: ["print/printers/{id}/jobs"] },
  { name: "printTask", minutes: 4_230, resources: ["print/taskDefinitions/{id}/tasks"] },
  { name: "callRecord", minutes: 4_230, resources: ["communications/callRecords"] },
  {
    name: "callRecording",
    minutes: 4_320,
    richMinutes: 4_320,
    resources: [
      "communications/onlineMeetings/getAllRecordings",
      "communications/onlineMeetings/{id}/recordings",
      "users/{id}/onlineMeetings/getAllRecordings",
      "appCatalogs/teamsApps/{id}/installedToOnlineMeetings/getAllRecordings",
    ],
  },
  {
    name: "callTranscript",
    minutes: 4_320,
    richMinutes: 4_320,
    resources: [
      "communications/onlineMeetings/getAllTranscripts",
      "communications/onlineMeetings/{id}/transcripts",
      "users/{id}/onlineMeetings/getAllTranscripts",
      "appCatalogs/teamsApps/{id}/installedToOnlineMeetings/getAllTranscripts",
    ],
  },
  {
    name: "channel",
    minutes: 4_320,
    richMinutes: 4_320,
    resources: ["teams/getAllChannels", "teams/{id}/channels"],
  },
  {
    name: "chat",
    minutes: 4_320,
    richMinutes: 4_320,
    resources: [
      "chats",
      "chats/{id}",
      "chats/{id}?notifyOnUserSpecificProperties=true",
      "users/{id}/chats",
      "appCatalogs/teamsApps/{id}/installedToChats",
    ],
  },
  {
    name: "chatMessage",
    minutes: 4_320,
    richMinutes: 4_320,
    resources: [
      "teams/getAllMessages",
      "teams/{id}/channels/{id}/messages",
      "chats/getAllMessages",
      "chats/getAllMessages?model=B",
      "chats/{id}/messages",
      "users/{id}/chats/getAllMessages",
      "me/chats/getAllMessages",
      "appCatalogs/teamsApps/{id}/installedToChats/getAllMessages",
    ],
  },
  {
    name: "conversationMember",
    minutes: 4_320,
    richMinutes: 4_320,
    resources: [
      "teams/{id}/members",
      "teams/getAllMembers",
      "teams/{id}/channels/getAllMembers",
      "teams/getAllChannels/getAllMembers",
      "chats/{id}/members",
      "chats/getAllMembers",
      "appCatalogs/teamsApps/{id}/installedToChats/getAllMembers",
    ],
  },
  { name: "team", minutes: 4_320, richMinutes: 4_320, resources: ["teams", "teams/{id}"] },
  {
    name: "teamsAppInstallation",
    minutes: 4_320,
    richMinutes: 4_320,
    resources: [
      "appCatalogs/teamsApps/{id}/installations",
      "appCatalogs/teamsApps/{id}/installations?$filter=(scopeInfo/scope eq 'personal')",
    ],
  },
  {
    name: "onlineMeeting",
    minutes: 4_320,
    richMinutes: 4_320,
    resources: [
      "communications/onlineMeetings(joinWebUrl='https%3A%2F%2Fteams.microsoft.com%2Fl%2Fmeetup-join%2F19')/meetingCallEvents",
      "communications/onlineMeetings/?$filter=JoinWebUrl eq 'https://teams.microsoft.com/l/meetup-join/19'",
    ],
  },
  {
    name: "presence",
    minutes: 60,
    richMinutes: 60,
    resources: ["communications/presences/{id}", "communications/presences?$filter=id in ('{id}')"],
  },
  {
    name: "shift",
    minutes: 360,
    resources: [
      "teams/{id}/schedule/offerShiftRequests",
      "teams/{id}/schedule/openShiftChangeRequests",
      "teams/{id}/schedule/shifts",
      "teams/{id}/schedule/swapShiftsChangeRequests",
      "teams/{id}/schedule/timeOffRequests",
    ],
  },
  {
    name: "aiInteraction",
    minutes: 4_320,
    richMinutes: 4_320,
    resources: [
      "copilot/users/{userId}/interactionHistory/getAllEnterpriseInteractions",
      "copilot/interactionHistory/getAllEnterpriseInteractions",
    ],
  },
  {
    name: "virtualEvent",
    minutes: 1_440,
    resources: [
      "solutions/virtualEvents/events",
      "solutions/virtualEvents/events/getEventsFromOrganizers(organizerIds=['id1','id2'])",
      "solutions/virtualEvents/webinars/{id}",
      "solutions/virtualEvents/webinars/{id}/sessions",
      "solutions/virtualEvents/townhalls/{id}/registration/registrants",
    ],
  },
];

const CHANGE_TYPES: [changeTypes: string, names: string[]][] = [
  ["updated,deleted", ["user", "group"]],
  ["updated", ["driveItem", "list", "printJob", "onlineMeeting", "presence"]],
  ["created", ["printTask", "callRecording", "callTranscript"]],
  ["created,updated", ["callRecord"]],
];

describe("documented resources", () => {
  it.each(
    DOCUMENTED.flatMap(({ resources, ...kind }) => resources.map((resource) => ({ resource, ...kind }))),
  )("$resource is a $name", ({ resource, name, minutes, richMinutes }) => {
    const kind = resourceKindOf(resource);
    expect(kind.name).toBe(name);
    expect(kind.maxLifetimeMinutes).toBe(minutes);
    expect(kind.maxRichLifetimeMinutes).toBe(richMinutes);
    expect(kind.source).toMatch(/^https:\/\/learn\.microsoft\.com\/graph\//);
  });

  it.each(DOCUMENTED)("Graph tells of a $name what is documented", ({ name, resources: [resource = ""] }) => {
    const [changeTypes] = CHANGE_TYPES.find(([, names]) => names.includes(name)) ?? [
      "created,updated,deleted",
    ];
    const kind = resourceKindOf(name === "onlineMeeting" ? "communications/onlineMeetings" : resource);
    expect(kind.changeTypes.join()).toBe(changeTypes);
  });
});

describe("any other resource", () => {
  it.each([
    "",
    "/",
    "somethingNew",
    "users/{id}/somethingNew",
    "users/{id}/messages/{id}/attachments",
    "me/users",
    "deviceManagement/managedDevices",
    "users/%/x",
  ])("is of no known kind, and asked for no longer than the shortest: %j", (resource) => {
    expect(resourceKindOf(resource)).toMatchObject({
      name: "unknown",
      maxLifetimeMinutes: 60,
      maxRichLifetimeMinutes: 60,
      changeTypes: ["created", "updated", "deleted"],
    });
  });
});

describe("the life asked for", () => {
  it.each([
    ["users/{id}/messages", 10_060],
    ["users", 41_750],
    ["chats/{id}/messages", 4_310],
    ["teams/{id}/schedule/shifts", 350],
    ["communications/presences/{id}", 57],
    ["somethingNew", 57],
  ])("of %s is %i minutes: less than Graph grants, by a margin", (resource, minutes) => {
    expect(requestedLifetimeMs(resource)).toBe(minutes * MINUTE);
  });

  // https://learn.microsoft.com/graph/api/resources/subscription#properties
  it.each(DOCUMENTED)(
    "of a $name is over the 45 minutes that Graph would raise it to",
    ({ resources, minutes }) => {
      for (const resource of resources) {
        expect(requestedLifetimeMs(resource)).toBeGreaterThanOrEqual(45 * MINUTE);
        expect(requestedLifetimeMs(resource)).toBeLessThan(minutes * MINUTE);
      }
    },
  );
});
