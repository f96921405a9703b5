import type * as Graph from "@microsoft/microsoft-graph-types";

/**
 * What `change.fetch()` gives for each path of the catalogue, each id as `*`. `unknown` where Microsoft publishes a type
 * for beta only, or none.
 */
interface EntityByPath {
  "users/*/messages": Graph.Message;
  "users/*/mailFolders/*/messages": Graph.Message;
  "users/*/mailFolders/*/childFolders/*/messages": Graph.Message;
  "users/*/events": Graph.Event;
  "users/*/calendar/events": Graph.Event;
  "users/*/calendars/*/events": Graph.Event;
  "users/*/contacts": Graph.Contact;
  "users/*/contactFolders/*/contacts": Graph.Contact;

  users: Graph.User;
  "users/*": Graph.User;
  groups: Graph.Group;
  "groups/*": Graph.Group;
  "groups/*/members": Graph.Group;
  "groups/*/owners": Graph.Group;
  "groups/*/conversations": Graph.Conversation;

  "drives/*/root": Graph.DriveItem;
  "users/*/drive/root": Graph.DriveItem;
  "drives/*/root/*": Graph.DriveItem;
  "sites/*/lists/*": Graph.List;

  "security/alerts/*": Graph.Alert;
  "security/alerts": Graph.Alert;
  "reports/healthMonitoring/alerts": unknown;
  "reports/healthMonitoring/alert": unknown;

  "users/*/todo/lists/*/tasks": Graph.TodoTask;
  "solutions/approval/approvalItems": unknown;

  "print/printers/*/jobs": Graph.PrintJob;
  "print/taskDefinitions/*/tasks": Graph.PrintTask;
  "print/printtaskdefinition/*/tasks": Graph.PrintTask;

  "communications/callRecords": Graph.CallRecords.CallRecord;
  "communications/onlineMeetings/*/meetingCallEvents": unknown;
  "communications/onlineMeetings": Graph.OnlineMeeting;
  "communications/calls/getEmergencyEventsByPolicy/*": Graph.EmergencyCallEvent;
  "communications/presences/*": Graph.Presence;
  "communications/presences": Graph.Presence;

  "communications/onlineMeetings/getAllRecordings": Graph.CallRecording;
  "communications/onlineMeetings/*/recordings": Graph.CallRecording;
  "users/*/onlineMeetings/getAllRecordings": Graph.CallRecording;
  "appCatalogs/teamsApps/*/installedToOnlineMeetings/getAllRecordings": Graph.CallRecording;
  "communications/onlineMeetings/getAllTranscripts": Graph.CallTranscript;
  "communications/onlineMeetings/*/transcripts": Graph.CallTranscript;
  "users/*/onlineMeetings/getAllTranscripts": Graph.CallTranscript;
  "appCatalogs/teamsApps/*/installedToOnlineMeetings/getAllTranscripts": Graph.CallTranscript;

  teams: Graph.Team;
  "teams/*": Graph.Team;
  "teams/getAllChannels": Graph.Channel;
  "teams/*/channels": Graph.Channel;
  "appCatalogs/teamsApps/*/installations": Graph.TeamsAppInstallation;

  chats: Graph.Chat;
  "chats/*": Graph.Chat;
  "users/*/chats": Graph.Chat;
  "appCatalogs/teamsApps/*/installedToChats": Graph.Chat;

  "teams/getAllMessages": Graph.ChatMessage;
  "teams/*/channels/*/messages": Graph.ChatMessage;
  "chats/getAllMessages": Graph.ChatMessage;
  "chats/*/messages": Graph.ChatMessage;
  "users/*/chats/getAllMessages": Graph.ChatMessage;
  "appCatalogs/teamsApps/*/installedToChats/getAllMessages": Graph.ChatMessage;

  "teams/*/members": Graph.ConversationMember;
  "teams/getAllMembers": Graph.ConversationMember;
  "teams/*/channels/getAllMembers": Graph.ConversationMember;
  "teams/getAllChannels/getAllMembers": Graph.ConversationMember;
  "chats/*/members": Graph.ConversationMember;
  "chats/getAllMembers": Graph.ConversationMember;
  "appCatalogs/teamsApps/*/installedToChats/getAllMembers": Graph.ConversationMember;

  "teams/*/schedule/shifts": Graph.Shift;
  "teams/*/schedule/offerShiftRequests": Graph.OfferShiftRequest;
  "teams/*/schedule/openShiftChangeRequests": Graph.OpenShiftChangeRequest;
  "teams/*/schedule/swapShiftsChangeRequests": Graph.SwapShiftsChangeRequest;
  "teams/*/schedule/timeOffRequests": Graph.TimeOffRequest;

  "copilot/users/*/interactionHistory/getAllEnterpriseInteractions": Graph.AiInteraction;
  "copilot/interactionHistory/getAllEnterpriseInteractions": Graph.AiInteraction;
  "copilot/users/*/onlineMeetings/getAllAiInsights": unknown;
  "copilot/users/*/onlineMeetings/*/aiInsights": unknown;

  "solutions/virtualEvents/events": Graph.VirtualEvent;
  "solutions/virtualEvents/events/getEventsFromOrganizers": Graph.VirtualEvent;
  "solutions/virtualEvents/webinars/*": Graph.VirtualEventWebinar;
  "solutions/virtualEvents/townhalls/*": Graph.VirtualEventTownhall;
  "solutions/virtualEvents/webinars/*/sessions": Graph.VirtualEventSession;
  "solutions/virtualEvents/townhalls/*/sessions": Graph.VirtualEventSession;
  "solutions/virtualEvents/webinars/*/registrations": Graph.VirtualEventRegistration;
  "solutions/virtualEvents/webinars/*/registration/registrants": Graph.VirtualEventRegistration;
  "solutions/virtualEvents/townhalls/*/registration/registrants": Graph.VirtualEventRegistration;
  "solutions/virtualEvents/webinars/*/getAttendanceReports": Graph.MeetingAttendanceReport;
  "solutions/virtualEvents/townhalls/*/getAttendanceReports": Graph.MeetingAttendanceReport;
  "solutions/virtualEvents/*/*/getVideoOnDemandPublication": Graph.VirtualEventSession;
}

/** The names in those paths, by their lower case: Graph takes them in any. */
type Names = { [Name in NamesOf<keyof EntityByPath> as Lowercase<Name>]: Name };

type NamesOf<Path extends string> = Path extends `${infer Head}/${infer Rest}`
  ? Exclude<Head, "*"> | NamesOf<Rest>
  : Exclude<Path, "*">;

type WithoutSlash<Resource extends string> = Resource extends `/${infer Path}` ? Path : Resource;
type WithoutQuery<Resource extends string> = Resource extends `${infer Path}?${string}` ? Path : Resource;

/** The path in the catalogue's manner: of `/users('{userId}')?$select=id`, and of `me`, it is `users/*`. */
type PatternOf<Resource extends string> = OwnerNamed<Segments<WithoutQuery<WithoutSlash<Resource>>>>;

type Segments<Path extends string> = Path extends `${infer Head}/${infer Rest}`
  ? `${Segment<Head>}/${Segments<Rest>}`
  : Segment<Path>;

/** `messages('1')` is a name and an id; `getEventsFromOrganizers(organizerIds=['1'])` is a name alone. */
type Segment<Text extends string> = Text extends `${infer Name}(${infer Key})`
  ? Key extends `${string}[${string}`
    ? NameOrId<Name>
    : `${NameOrId<Name>}/*`
  : NameOrId<Text>;

type NameOrId<Text extends string> = Text extends "me"
  ? Text
  : Lowercase<Text> extends keyof Names
    ? Names[Lowercase<Text>]
    : "*";

type OwnerNamed<Path extends string> = Path extends "me"
  ? "users/*"
  : Path extends `me/${infer Rest}`
    ? `users/*/${Rest}`
    : Path;

/**
 * What `change.fetch()` gives for a resource or a template of one: the type of `@microsoft/microsoft-graph-types`
 * where the catalogue has the path and Microsoft publishes a type, `unknown` otherwise.
 */
export type EntityOf<Resource extends string> =
  PatternOf<Resource> extends infer Pattern extends keyof EntityByPath ? EntityByPath[Pattern] : unknown;
