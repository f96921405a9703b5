import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { canonicalSegments, isGraphName } from "../resource-path.ts";
import { parseResourceTemplate } from "../resource-template.ts";
import { allowsOnlyOne, CATALOGUE, rowOf } from "./catalogue.ts";
import { maxLifetimeMs, requestedLifetimeMs } from "./lifetime.ts";
import type { CatalogueRow } from "./row.ts";

const MINUTE = 60_000;

/**
 * What the pages say, written down a second time from them, below the page each line comes from: what changes, its
 * path, the change types (c, u, d), the longest life in minutes, that with resource data (- where Graph offers none, !
 * where it needs `$select`), the least delegated and application permission (- where there is none, ? where no page
 * says), how many subscriptions Graph takes of one app to one target, and what finds missed changes.
 */
const DOCUMENTED = `
https://learn.microsoft.com/graph/outlook-change-notifications-overview
message | users/{userId}/messages | cud | 10070 | 1440! | Mail.ReadBasic | Mail.ReadBasic | many | delta
message | users/{userId}/mailFolders/{folderId}/messages | cud | 10070 | 1440! | Mail.ReadBasic | Mail.ReadBasic | many | delta
message | users/{userId}/mailFolders/{parentId}/childFolders/{folderId}/messages | cud | 10070 | 1440! | Mail.ReadBasic | Mail.ReadBasic | many | delta
event | users/{userId}/events | cud | 10070 | 1440! | Calendars.Read | Calendars.Read | many | delta
event | users/{userId}/calendar/events | cud | 10070 | 1440! | Calendars.Read | Calendars.Read | many | delta
event | users/{userId}/calendars/{calendarId}/events | cud | 10070 | 1440! | Calendars.Read | Calendars.Read | many | delta
contact | users/{userId}/contacts | cud | 10070 | 1440! | Contacts.Read | Contacts.Read | many | delta
contact | users/{userId}/contactFolders/{folderId}/contacts | cud | 10070 | 1440! | Contacts.Read | Contacts.Read | many | delta

https://learn.microsoft.com/graph/api/resources/subscription#properties
user | users | ud | 41760 | - | User.Read.All | User.Read.All | many | delta
user | users/{userId} | ud | 41760 | - | User.Read.All | User.Read.All | many | delta
group | groups | ud | 41760 | - | Group.Read.All | Group.Read.All | many | delta
group | groups/{groupId} | ud | 41760 | - | Group.Read.All | Group.Read.All | many | delta
group | groups/{groupId}/members | ud | 41760 | - | Group.Read.All | Group.Read.All | many | delta
group | groups/{groupId}/owners | ud | 41760 | - | Group.Read.All | Group.Read.All | many | delta
driveItem | drives/{driveId}/root | u | 42300 | - | Files.Read.All | Files.Read.All | many | delta
driveItem | users/{userId}/drive/root | u | 42300 | - | Files.Read.All | Files.Read.All | many | delta
driveItem | drives/{driveId}/root/{folder} | u | 42300 | - | - | - | many | delta
list | sites/{siteId}/lists/{listId} | u | 42300 | - | Sites.Read.All | Sites.Read.All | many | delta

https://learn.microsoft.com/graph/change-notifications-overview#supported-resources
conversation | groups/{groupId}/conversations | cu?d? | 4230 | - | Group.Read.All | - | many | none
alert | security/alerts/{alertId} | uc?d? | 43200 | - | SecurityEvents.ReadWrite.All | SecurityEvents.ReadWrite.All | many | time window
alert | security/alerts | uc?d? | 43200 | - | SecurityEvents.ReadWrite.All | SecurityEvents.ReadWrite.All | many | time window
healthMonitoring.alert | reports/healthMonitoring/alerts | cud | 42300 | - | ? | ? | many | none
healthMonitoring.alert | reports/healthMonitoring/alert | cud | 42300 | - | ? | ? | many | none
approvalItem | solutions/approval/approvalItems | cud | 43200 | - | ? | ? | one | none
shift | teams/{teamId}/schedule/shifts | cud | 360 | - | Schedule.Read.All | Schedule.Read.All | one | none
offerShiftRequest | teams/{teamId}/schedule/offerShiftRequests | cud | 360 | - | Schedule.Read.All | Schedule.Read.All | one | none
openShiftChangeRequest | teams/{teamId}/schedule/openShiftChangeRequests | cud | 360 | - | Schedule.Read.All | Schedule.Read.All | one | none
swapShiftsChangeRequest | teams/{teamId}/schedule/swapShiftsChangeRequests | cud | 360 | - | Schedule.Read.All | Schedule.Read.All | one | none
timeOffRequest | teams/{teamId}/schedule/timeOffRequests | cud | 360 | - | Schedule.Read.All | Schedule.Read.All | one | none

https://learn.microsoft.com/graph/change-notifications-overview#subscription-lifetime
todoTask | users/{userId}/todo/lists/{listId}/tasks | cud | 4230 | - | Tasks.ReadWrite | Tasks.ReadWrite.All | many | delta

https://learn.microsoft.com/graph/universal-print-webhook-notifications
printJob | print/printers/{printerId}/jobs | u | 4230 | - | - | Printer.Read.All | many | none
printTask | print/taskDefinitions/{taskDefinitionId}/tasks | c | 4230 | - | - | PrintTaskDefinition.ReadWrite.All | many | none
printTask | print/printtaskdefinition/{taskDefinitionId}/tasks | c | 4230 | - | - | PrintTaskDefinition.ReadWrite.All | many | none

https://learn.microsoft.com/graph/changenotifications-for-callrecords
callRecord | communications/callRecords | cu | 4230 | - | - | CallRecords.Read.All | many | time window

https://learn.microsoft.com/graph/changenotifications-for-onlinemeeting
onlineMeeting | communications/onlineMeetings(joinWebUrl='{joinWebUrl}')/meetingCallEvents | u | 4230 | 4230 | - | OnlineMeetings.Read.All | one | none
onlineMeeting | communications/onlineMeetings | u | 4230 | 4230 | - | OnlineMeetings.Read.All | one | none

https://learn.microsoft.com/graph/changenotifications-for-emergencycalls
emergencyCallEvent | communications/calls/getEmergencyEventsByPolicy(policyName='{policyName}') | u | 1440 | 1440 | - | CallEvents-Emergency.Read.All | one | none

https://learn.microsoft.com/graph/changenotifications-for-presence
presence | communications/presences/{userId} | u | 60 | 60 | Presence.Read.All | - | one | none
presence | communications/presences | u | 60 | 60 | Presence.Read.All | - | one | none

https://learn.microsoft.com/graph/teams-changenotifications-callrecording-and-calltranscript
callRecording | communications/onlineMeetings/getAllRecordings | c | 4320 | 4320 | - | OnlineMeetingRecording.Read.All | one | none
callRecording | communications/onlineMeetings/{meetingId}/recordings | c | 4320 | 4320 | OnlineMeetingRecording.Read.All | OnlineMeetingRecording.Read.All | one | delta
callRecording | users/{userId}/onlineMeetings/getAllRecordings | c | 4320 | 4320 | OnlineMeetingRecording.Read.All | OnlineMeetingRecording.Read.All | one | delta
callRecording | appCatalogs/teamsApps/{teamsAppId}/installedToOnlineMeetings/getAllRecordings | c | 4320 | 4320 | - | OnlineMeetingRecording.Read.Chat* | one | none
callTranscript | communications/onlineMeetings/getAllTranscripts | c | 4320 | 4320 | - | OnlineMeetingTranscript.Read.All | one | none
callTranscript | communications/onlineMeetings/{meetingId}/transcripts | c | 4320 | 4320 | OnlineMeetingTranscript.Read.All | OnlineMeetingTranscript.Read.All | one | delta
callTranscript | users/{userId}/onlineMeetings/getAllTranscripts | c | 4320 | 4320 | OnlineMeetingTranscript.Read.All | OnlineMeetingTranscript.Read.All | one | delta
callTranscript | appCatalogs/teamsApps/{teamsAppId}/installedToOnlineMeetings/getAllTranscripts | c | 4320 | 4320 | - | OnlineMeetingTranscript.Read.Chat* | one | none

https://learn.microsoft.com/graph/teams-changenotifications-team-and-channel
team | teams | cud | 4320 | 4320 | - | Team.ReadBasic.All | one | none
team | teams/{teamId} | cud | 4320 | 4320 | Team.ReadBasic.All | TeamSettings.Read.Group* | one | none
channel | teams/getAllChannels | cud | 4320 | 4320 | - | Channel.ReadBasic.All | one | none
channel | teams/{teamId}/channels | cud | 4320 | 4320 | Channel.ReadBasic.All | ChannelSettings.Read.Group* | one | none

https://learn.microsoft.com/graph/teams-changenotifications-appinstallation
teamsAppInstallation | appCatalogs/teamsApps/{teamsAppId}/installations | cud | 4320 | 4320 | - | TeamsAppInstallation.Read.User* | many | none

https://learn.microsoft.com/graph/teams-changenotifications-chat
chat | chats | cud? | 4320 | 4320 | - | Chat.ReadBasic.All | one | none
chat | chats/{chatId} | cud? | 4320 | 4320 | Chat.ReadBasic | ChatSettings.Read.Chat* | one | none
chat | users/{userId}/chats | cud? | 4320 | 4320 | Chat.ReadBasic | Chat.ReadBasic.All | one | none
chat | appCatalogs/teamsApps/{teamsAppId}/installedToChats | cud? | 4320 | 4320 | - | Chat.ReadBasic.WhereInstalled | one | none

https://learn.microsoft.com/graph/teams-changenotifications-chatmessage
chatMessage | teams/getAllMessages | cud | 4320 | 4320 | - | ChannelMessage.Read.All | one | none
chatMessage | teams/{teamId}/channels/{channelId}/messages | cud | 4320 | 4320 | ChannelMessage.Read.All | ChannelMessage.Read.Group* | one | delta
chatMessage | chats/getAllMessages | cud | 4320 | 4320 | - | Chat.Read.All | one | none
chatMessage | chats/{chatId}/messages | cud | 4320 | 4320 | Chat.Read | ChatMessage.Read.Chat* | one | time window
chatMessage | users/{userId}/chats/getAllMessages | cud | 4320 | 4320 | Chat.Read | Chat.Read.All | one | time window
chatMessage | appCatalogs/teamsApps/{teamsAppId}/installedToChats/getAllMessages | cud | 4320 | 4320 | - | Chat.Read.WhereInstalled | one | none

https://learn.microsoft.com/graph/teams-changenotifications-teammembership
conversationMember | teams/{teamId}/members | cud | 4320 | 4320 | TeamMember.Read.All | TeamMember.Read.Group* | one | none
conversationMember | teams/getAllMembers | cud | 4320 | 4320 | - | TeamMember.Read.All | one | none
conversationMember | teams/{teamId}/channels/getAllMembers | cud | 4320 | 4320 | ChannelMember.Read.All | ChannelMember.Read.All | one | none
conversationMember | teams/getAllChannels/getAllMembers | cud | 4320 | 4320 | - | ChannelMember.Read.All | one | none

https://learn.microsoft.com/graph/teams-changenotifications-chatmembership
conversationMember | chats/{chatId}/members | cd | 4320 | 4320 | ChatMember.Read | ChatMember.Read.Chat* | one | none
conversationMember | chats/getAllMembers | cd | 4320 | 4320 | - | ChatMember.Read.All | one | none
conversationMember | appCatalogs/teamsApps/{teamsAppId}/installedToChats/getAllMembers | cdu? | 4320 | 4320 | - | ChatMember.Read.WhereInstalled | one | none

https://learn.microsoft.com/graph/aiinteraction-changenotifications-overview
aiInteraction | copilot/users/{userId}/interactionHistory/getAllEnterpriseInteractions | cud | 4320 | 4320 | AiEnterpriseInteraction.Read | AiEnterpriseInteraction.Read.User* | one | none
aiInteraction | copilot/interactionHistory/getAllEnterpriseInteractions | cud | 4320 | 4320 | - | AiEnterpriseInteraction.Read.All | one | none

https://learn.microsoft.com/microsoft-365/copilot/extensibility/api/ai-services/change-notifications/aiinsights-changenotifications
callAiInsight | copilot/users/{userId}/onlineMeetings/getAllAiInsights | cu?d? | ? | ? | OnlineMeetingAiInsight.Read.All | OnlineMeetingAiInsight.Read.All | one | none
callAiInsight | copilot/users/{userId}/onlineMeetings/{meetingId}/aiInsights | cu?d? | ? | ? | OnlineMeetingAiInsight.Read.All | OnlineMeetingAiInsight.Read.All | one | none

https://learn.microsoft.com/graph/changenotifications-for-virtualevent
virtualEvent | solutions/virtualEvents/events | c | 1440 | - | - | VirtualEvent.Read.All | one | none
virtualEvent | solutions/virtualEvents/events/getEventsFromOrganizers(organizerIds=['{organizerId}']) | c | 1440 | - | - | VirtualEvent.Read.All | one | none
virtualEventWebinar | solutions/virtualEvents/webinars/{webinarId} | u | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
virtualEventTownhall | solutions/virtualEvents/townhalls/{townhallId} | u | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
virtualEventSession | solutions/virtualEvents/webinars/{webinarId}/sessions | cu | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
virtualEventSession | solutions/virtualEvents/townhalls/{townhallId}/sessions | cu | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
virtualEventRegistration | solutions/virtualEvents/webinars/{webinarId}/registrations | cu | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
virtualEventRegistration | solutions/virtualEvents/webinars/{webinarId}/registration/registrants | cu | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
virtualEventRegistration | solutions/virtualEvents/townhalls/{townhallId}/registration/registrants | cu | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
meetingAttendanceReport | solutions/virtualEvents/webinars/{webinarId}/getAttendanceReports | c | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
meetingAttendanceReport | solutions/virtualEvents/townhalls/{townhallId}/getAttendanceReports | c | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
virtualEventSession | solutions/virtualEvents/{eventType}/{eventId}/getVideoOnDemandPublication | u | 1440 | - | VirtualEvent.Read | VirtualEvent.Read.All | one | none
`;

const LINES = DOCUMENTED.split(/\n\n/).flatMap((block) => {
  const [source = "", ...lines] = block.trim().split("\n");
  return lines.map((line) => {
    const [name = "", path = "", ...facts] = line.split(" | ");
    return { source, name, path, facts: facts.join(" | ") };
  });
});

const BY_PATH = CATALOGUE.map((row) => [row.paths[0], row] as const);

/** The facts of a row in the manner of the lines above. */
function factsOf(row: CatalogueRow): string {
  const letters = row.changeTypes.map((type) => type[0]).join("");
  const unsure = (row.unsureChangeTypes ?? []).map((type) => `${type[0]}?`).join("");
  return [
    letters + unsure,
    row.maxLifetimeMinutes ?? "?",
    resourceDataOf(row),
    leastOf(row.permissions.delegated),
    leastOf(row.permissions.application),
    allowsOnlyOne(row) ? "one" : "many",
    row.catchUp.kind,
  ].join(" | ");
}

function resourceDataOf({ resourceData }: CatalogueRow): string {
  if (resourceData.kind === "none") return "-";
  if (resourceData.kind === "undocumented") return "?";
  return `${resourceData.maxLifetimeMinutes}${resourceData.select === "required" ? "!" : ""}`;
}

function leastOf(permissions: readonly string[] | undefined): string {
  return permissions === undefined ? "?" : (permissions[0] ?? "-");
}

describe("the catalogue", () => {
  it.each(LINES.map(({ name, path, source, facts }) => [name, path, source, facts] as const))(
    "has of a %s, %s, what is documented: %s",
    (name, path, source, facts) => {
      const row = rowOf(path);
      expect(row?.name).toBe(name);
      expect(row && factsOf(row)).toBe(facts);
      expect(row?.sources).toContain(source);
    },
  );

  it("has no path that is not checked against a page", () => {
    const paths = CATALOGUE.flatMap((row) => row.paths);
    expect(paths.toSorted()).toEqual(LINES.map(({ path }) => path).toSorted());
    expect(new Set(paths).size).toBe(paths.length);
  });

  it.each(BY_PATH)("cites a page for %s", (_, { sources, doubts = [] }) => {
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(source).toMatch(/^https:\/\/(?:learn\.microsoft|github)\.com\/\S+$/);
    expect(sources[0]).toMatch(/^https:\/\/learn\.microsoft\.com\//);
    for (const doubt of doubts) expect(doubt).toMatch(/^[A-Z].*[^.]$/);
  });

  it.each(BY_PATH)("says of %s what can be used", (_, row) => {
    expect(row.resourceDataType).toMatch(/^#microsoft\.graph\.[a-z]\w*(?:\.[a-z]\w*)?$/);
    expect(row.changeTypes.length).toBeGreaterThan(0);
    expect(row.changeTypes.filter((type) => row.unsureChangeTypes?.includes(type))).toEqual([]);
    const catchUpPaths =
      row.catchUp.kind === "delta"
        ? row.catchUp.paths
        : row.catchUp.kind === "time window"
          ? [row.catchUp.path]
          : [];
    for (const path of row.paths)
      expect(parseResourceTemplate(path)).toMatchObject({ path, query: undefined });
    for (const path of catchUpPaths) expect(path).toMatch(/^[a-z](?:[\w/='()]|\{\w+\})*\w$/i);
  });

  it.each(CATALOGUE.flatMap(({ paths }) => paths.flatMap((path) => canonicalSegments(path))))(
    "has names in Graph's spelling: %s",
    (segment) => {
      const isKnown =
        isGraphName(segment) ||
        segment.includes("{") ||
        // As the overview spells it, which Graph's path does not.
        segment === "printtaskdefinition";
      expect(isKnown).toBe(true);
    },
  );
});

describe("a resource", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9_=-]{1,40}$/).filter((text) => !isGraphName(text.toLowerCase()));

  it("is known by every way Graph takes to write it", () => {
    const templates = CATALOGUE.flatMap(({ paths }) => paths);
    fc.assert(
      fc.property(
        fc.constantFrom(...templates),
        fc.array(id, { minLength: 4, maxLength: 4 }),
        fc.constantFrom<(path: string) => string>(
          (path) => path,
          (path) => `/${path}`,
          (path) => path.replaceAll(/(\w)\/\{(\w+)\}(?=\/|$)/g, "$1('{$2}')"),
          (path) => `${path}?$filter=a eq 'b/c'`,
          (path) => `https://graph.microsoft.com/v1.0/${path}`,
        ),
        (template, ids, write) => {
          const left = [...ids];
          const resource = write(template).replaceAll(/\{\w+\}/g, () => left.pop() ?? "");
          expect(rowOf(resource)).toBe(rowOf(template));
        },
      ),
    );
  });

  it.each([
    ["me", "users/{userId}"],
    ["me/messages", "users/{userId}/messages"],
    ["/me/mailFolders('inbox')/messages", "users/{userId}/mailFolders/{folderId}/messages"],
    ["me/mailfolders('Drafts')/messages?$select=Subject", "users/{userId}/mailFolders/{folderId}/messages"],
    ["users('o''neil@contoso.com')/messages", "users/{userId}/messages"],
    ["users/o'neil@contoso.com/messages", "users/{userId}/messages"],
    ["/Users", "users"],
    ["me/drive/root", "users/{userId}/drive/root"],
    ["me/chats/getAllMessages", "users/{userId}/chats/getAllMessages"],
    ["chats/getAllMessages?model=B", "chats/getAllMessages"],
    ["/reports/healthmonitoring/alerts", "reports/healthMonitoring/alerts"],
    ["security/alerts/?$filter=status eq 'newAlert'", "security/alerts"],
    [
      "communications/onlineMeetings/?$filter=JoinWebUrl eq 'https://x/l/19'",
      "communications/onlineMeetings",
    ],
    [
      "communications/onlineMeetings(joinWebUrl='https%3A%2F%2Fteams.microsoft.com%2Fl%2F19')/meetingCallEvents",
      "communications/onlineMeetings(joinWebUrl='{joinWebUrl}')/meetingCallEvents",
    ],
    [
      "solutions/virtualevents/events/getEventsFromOrganizers(organizerIds=['id1','id2'])",
      "solutions/virtualEvents/events/getEventsFromOrganizers(organizerIds=['{organizerId}'])",
    ],
    [
      "communications/calls/getEmergencyEventsByPolicy(policyName='EmergencyPolicy')",
      "communications/calls/getEmergencyEventsByPolicy(policyName='{policyName}')",
    ],
  ])("written as %s is %s", (resource, path) => {
    expect(rowOf(resource)).toBeDefined();
    expect(rowOf(resource)).toBe(rowOf(path));
  });

  it.each([
    "",
    "/",
    "somethingNew",
    "users/{id}/somethingNew",
    "users/{id}/messages/{id}/attachments",
    "me/users",
    "solutions/virtualEvents/events/getEventsFromSomewhereElse(ids=['1'])",
    "deviceManagement/managedDevices",
    "users/%/x",
  ])("may be unknown: %j", (resource) => {
    expect(rowOf(resource)).toBeUndefined();
  });
});

describe("the life asked for", () => {
  it.each([
    ["users/{id}/messages", 10_060],
    ["users", 41_750],
    ["chats/{id}/messages", 4_310],
    ["teams/{id}/schedule/shifts", 350],
    ["communications/presences/{id}", 57],
    ["copilot/users/{id}/onlineMeetings/getAllAiInsights", 57],
    ["somethingNew", 57],
  ])("of %s is %i minutes: less than Graph grants, by a margin", (resource, minutes) => {
    expect(requestedLifetimeMs(resource)).toBe(minutes * MINUTE);
  });

  // https://learn.microsoft.com/graph/change-notifications-overview#subscription-lifetime
  it.each([
    ["users/{id}/messages", 1_430],
    ["users/{id}/contacts", 1_430],
    ["chats/{id}/messages", 4_310],
    ["communications/presences/{id}", 57],
    ["users", 41_750],
    ["somethingNew", 57],
  ])("of %s with resource data is %i minutes", (resource, minutes) => {
    expect(requestedLifetimeMs(resource, [], true)).toBe(minutes * MINUTE);
  });

  it.each([
    ["users", [600], 600],
    ["users", [600, 60], 60],
    ["users", [41_760], 41_750],
    ["communications/presences/{id}", [60], 57],
    // Whoever asks may know the maximum that no page has.
    ["somethingNew", [600], 600],
    ["copilot/users/{id}/onlineMeetings/getAllAiInsights", [600, 900], 600],
  ])("of %s, with declarations that want %j minutes, is %i", (resource, wanted, minutes) => {
    expect(
      requestedLifetimeMs(
        resource,
        wanted.map((each) => each * MINUTE),
      ),
    ).toBe(minutes * MINUTE);
  });

  // https://learn.microsoft.com/graph/api/resources/subscription#properties
  it.each(BY_PATH)("of %s is over the 45 minutes that Graph would raise it to", (_, row) => {
    for (const path of row.paths) expect(requestedLifetimeMs(path)).toBeGreaterThanOrEqual(45 * MINUTE);
    const maximum = maxLifetimeMs(row, false);
    for (const path of row.paths) expect(requestedLifetimeMs(path)).toBeLessThan(maximum ?? 60 * MINUTE);
  });
});

describe("the longest life", () => {
  it.each([
    ["users/{id}/messages", false, 10_070],
    ["users/{id}/messages", true, 1_440],
    ["chats", true, 4_320],
    ["users", true, 41_760],
  ])("of %s with resource data %s is %i minutes", (path, includeResourceData, minutes) => {
    const row = rowOf(path);
    expect(row && maxLifetimeMs(row, includeResourceData)).toBe(minutes * MINUTE);
  });

  it("is not known of everything", () => {
    const row = rowOf("copilot/users/{id}/onlineMeetings/getAllAiInsights");
    expect(row && maxLifetimeMs(row, false)).toBeUndefined();
  });
});
