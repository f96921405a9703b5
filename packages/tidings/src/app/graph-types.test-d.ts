import type * as Graph from "@microsoft/microsoft-graph-types";
import { describe, expectTypeOf, it } from "vitest";

import type { ParamsOf } from "../core/resource-template.ts";
import type { EntityOf } from "./graph-types.ts";

// https://learn.microsoft.com/graph/change-notifications-overview#supported-resources
describe("EntityOf", () => {
  it("knows every path of the catalogue", () => {
    expectTypeOf<EntityOf<"users/{userId}/messages">>().toEqualTypeOf<Graph.Message>();
    expectTypeOf<EntityOf<"users/{userId}/mailFolders/{folderId}/messages">>().toEqualTypeOf<Graph.Message>();
    expectTypeOf<
      EntityOf<"users/{userId}/mailFolders/{parentId}/childFolders/{folderId}/messages">
    >().toEqualTypeOf<Graph.Message>();
    expectTypeOf<EntityOf<"users/{userId}/events">>().toEqualTypeOf<Graph.Event>();
    expectTypeOf<EntityOf<"users/{userId}/calendar/events">>().toEqualTypeOf<Graph.Event>();
    expectTypeOf<EntityOf<"users/{userId}/calendars/{calendarId}/events">>().toEqualTypeOf<Graph.Event>();
    expectTypeOf<EntityOf<"users/{userId}/contacts">>().toEqualTypeOf<Graph.Contact>();
    expectTypeOf<
      EntityOf<"users/{userId}/contactFolders/{folderId}/contacts">
    >().toEqualTypeOf<Graph.Contact>();
    expectTypeOf<EntityOf<"users">>().toEqualTypeOf<Graph.User>();
    expectTypeOf<EntityOf<"users/{userId}">>().toEqualTypeOf<Graph.User>();
    expectTypeOf<EntityOf<"groups">>().toEqualTypeOf<Graph.Group>();
    expectTypeOf<EntityOf<"groups/{groupId}">>().toEqualTypeOf<Graph.Group>();
    expectTypeOf<EntityOf<"groups/{groupId}/members">>().toEqualTypeOf<Graph.Group>();
    expectTypeOf<EntityOf<"groups/{groupId}/owners">>().toEqualTypeOf<Graph.Group>();
    expectTypeOf<EntityOf<"groups/{groupId}/conversations">>().toEqualTypeOf<Graph.Conversation>();
    expectTypeOf<EntityOf<"drives/{driveId}/root">>().toEqualTypeOf<Graph.DriveItem>();
    expectTypeOf<EntityOf<"users/{userId}/drive/root">>().toEqualTypeOf<Graph.DriveItem>();
    expectTypeOf<EntityOf<"drives/{driveId}/root/{folder}">>().toEqualTypeOf<Graph.DriveItem>();
    expectTypeOf<EntityOf<"sites/{siteId}/lists/{listId}">>().toEqualTypeOf<Graph.List>();
    expectTypeOf<EntityOf<"security/alerts/{alertId}">>().toEqualTypeOf<Graph.Alert>();
    expectTypeOf<EntityOf<"security/alerts">>().toEqualTypeOf<Graph.Alert>();
    expectTypeOf<EntityOf<"reports/healthMonitoring/alerts">>().toBeUnknown();
    expectTypeOf<EntityOf<"reports/healthMonitoring/alert">>().toBeUnknown();
    expectTypeOf<EntityOf<"users/{userId}/todo/lists/{listId}/tasks">>().toEqualTypeOf<Graph.TodoTask>();
    expectTypeOf<EntityOf<"solutions/approval/approvalItems">>().toBeUnknown();
    expectTypeOf<EntityOf<"print/printers/{printerId}/jobs">>().toEqualTypeOf<Graph.PrintJob>();
    expectTypeOf<
      EntityOf<"print/taskDefinitions/{taskDefinitionId}/tasks">
    >().toEqualTypeOf<Graph.PrintTask>();
    expectTypeOf<
      EntityOf<"print/printtaskdefinition/{taskDefinitionId}/tasks">
    >().toEqualTypeOf<Graph.PrintTask>();
    expectTypeOf<EntityOf<"communications/callRecords">>().toEqualTypeOf<Graph.CallRecords.CallRecord>();
    expectTypeOf<
      EntityOf<"communications/onlineMeetings(joinWebUrl='{joinWebUrl}')/meetingCallEvents">
    >().toBeUnknown();
    expectTypeOf<EntityOf<"communications/onlineMeetings">>().toEqualTypeOf<Graph.OnlineMeeting>();
    expectTypeOf<
      EntityOf<"communications/calls/getEmergencyEventsByPolicy(policyName='{policyName}')">
    >().toEqualTypeOf<Graph.EmergencyCallEvent>();
    expectTypeOf<EntityOf<"communications/presences/{userId}">>().toEqualTypeOf<Graph.Presence>();
    expectTypeOf<EntityOf<"communications/presences">>().toEqualTypeOf<Graph.Presence>();
    expectTypeOf<
      EntityOf<"communications/onlineMeetings/getAllRecordings">
    >().toEqualTypeOf<Graph.CallRecording>();
    expectTypeOf<
      EntityOf<"communications/onlineMeetings/{meetingId}/recordings">
    >().toEqualTypeOf<Graph.CallRecording>();
    expectTypeOf<
      EntityOf<"users/{userId}/onlineMeetings/getAllRecordings">
    >().toEqualTypeOf<Graph.CallRecording>();
    expectTypeOf<
      EntityOf<"appCatalogs/teamsApps/{teamsAppId}/installedToOnlineMeetings/getAllRecordings">
    >().toEqualTypeOf<Graph.CallRecording>();
    expectTypeOf<
      EntityOf<"communications/onlineMeetings/getAllTranscripts">
    >().toEqualTypeOf<Graph.CallTranscript>();
    expectTypeOf<
      EntityOf<"communications/onlineMeetings/{meetingId}/transcripts">
    >().toEqualTypeOf<Graph.CallTranscript>();
    expectTypeOf<
      EntityOf<"users/{userId}/onlineMeetings/getAllTranscripts">
    >().toEqualTypeOf<Graph.CallTranscript>();
    expectTypeOf<
      EntityOf<"appCatalogs/teamsApps/{teamsAppId}/installedToOnlineMeetings/getAllTranscripts">
    >().toEqualTypeOf<Graph.CallTranscript>();
    expectTypeOf<EntityOf<"teams">>().toEqualTypeOf<Graph.Team>();
    expectTypeOf<EntityOf<"teams/{teamId}">>().toEqualTypeOf<Graph.Team>();
    expectTypeOf<EntityOf<"teams/getAllChannels">>().toEqualTypeOf<Graph.Channel>();
    expectTypeOf<EntityOf<"teams/{teamId}/channels">>().toEqualTypeOf<Graph.Channel>();
    expectTypeOf<
      EntityOf<"appCatalogs/teamsApps/{teamsAppId}/installations">
    >().toEqualTypeOf<Graph.TeamsAppInstallation>();
    expectTypeOf<EntityOf<"chats">>().toEqualTypeOf<Graph.Chat>();
    expectTypeOf<EntityOf<"chats/{chatId}">>().toEqualTypeOf<Graph.Chat>();
    expectTypeOf<EntityOf<"users/{userId}/chats">>().toEqualTypeOf<Graph.Chat>();
    expectTypeOf<
      EntityOf<"appCatalogs/teamsApps/{teamsAppId}/installedToChats">
    >().toEqualTypeOf<Graph.Chat>();
    expectTypeOf<EntityOf<"teams/getAllMessages">>().toEqualTypeOf<Graph.ChatMessage>();
    expectTypeOf<
      EntityOf<"teams/{teamId}/channels/{channelId}/messages">
    >().toEqualTypeOf<Graph.ChatMessage>();
    expectTypeOf<EntityOf<"chats/getAllMessages">>().toEqualTypeOf<Graph.ChatMessage>();
    expectTypeOf<EntityOf<"chats/{chatId}/messages">>().toEqualTypeOf<Graph.ChatMessage>();
    expectTypeOf<EntityOf<"users/{userId}/chats/getAllMessages">>().toEqualTypeOf<Graph.ChatMessage>();
    expectTypeOf<
      EntityOf<"appCatalogs/teamsApps/{teamsAppId}/installedToChats/getAllMessages">
    >().toEqualTypeOf<Graph.ChatMessage>();
    expectTypeOf<EntityOf<"teams/{teamId}/members">>().toEqualTypeOf<Graph.ConversationMember>();
    expectTypeOf<EntityOf<"teams/getAllMembers">>().toEqualTypeOf<Graph.ConversationMember>();
    expectTypeOf<
      EntityOf<"teams/{teamId}/channels/getAllMembers">
    >().toEqualTypeOf<Graph.ConversationMember>();
    expectTypeOf<EntityOf<"teams/getAllChannels/getAllMembers">>().toEqualTypeOf<Graph.ConversationMember>();
    expectTypeOf<EntityOf<"chats/{chatId}/members">>().toEqualTypeOf<Graph.ConversationMember>();
    expectTypeOf<EntityOf<"chats/getAllMembers">>().toEqualTypeOf<Graph.ConversationMember>();
    expectTypeOf<
      EntityOf<"appCatalogs/teamsApps/{teamsAppId}/installedToChats/getAllMembers">
    >().toEqualTypeOf<Graph.ConversationMember>();
    expectTypeOf<EntityOf<"teams/{teamId}/schedule/shifts">>().toEqualTypeOf<Graph.Shift>();
    expectTypeOf<
      EntityOf<"teams/{teamId}/schedule/offerShiftRequests">
    >().toEqualTypeOf<Graph.OfferShiftRequest>();
    expectTypeOf<
      EntityOf<"teams/{teamId}/schedule/openShiftChangeRequests">
    >().toEqualTypeOf<Graph.OpenShiftChangeRequest>();
    expectTypeOf<
      EntityOf<"teams/{teamId}/schedule/swapShiftsChangeRequests">
    >().toEqualTypeOf<Graph.SwapShiftsChangeRequest>();
    expectTypeOf<EntityOf<"teams/{teamId}/schedule/timeOffRequests">>().toEqualTypeOf<Graph.TimeOffRequest>();
    expectTypeOf<
      EntityOf<"copilot/users/{userId}/interactionHistory/getAllEnterpriseInteractions">
    >().toEqualTypeOf<Graph.AiInteraction>();
    expectTypeOf<
      EntityOf<"copilot/interactionHistory/getAllEnterpriseInteractions">
    >().toEqualTypeOf<Graph.AiInteraction>();
    expectTypeOf<EntityOf<"copilot/users/{userId}/onlineMeetings/getAllAiInsights">>().toBeUnknown();
    expectTypeOf<EntityOf<"copilot/users/{userId}/onlineMeetings/{meetingId}/aiInsights">>().toBeUnknown();
    expectTypeOf<EntityOf<"solutions/virtualEvents/events">>().toEqualTypeOf<Graph.VirtualEvent>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/events/getEventsFromOrganizers(organizerIds=['{organizerId}'])">
    >().toEqualTypeOf<Graph.VirtualEvent>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/webinars/{webinarId}">
    >().toEqualTypeOf<Graph.VirtualEventWebinar>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/townhalls/{townhallId}">
    >().toEqualTypeOf<Graph.VirtualEventTownhall>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/webinars/{webinarId}/sessions">
    >().toEqualTypeOf<Graph.VirtualEventSession>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/townhalls/{townhallId}/sessions">
    >().toEqualTypeOf<Graph.VirtualEventSession>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/webinars/{webinarId}/registrations">
    >().toEqualTypeOf<Graph.VirtualEventRegistration>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/webinars/{webinarId}/registration/registrants">
    >().toEqualTypeOf<Graph.VirtualEventRegistration>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/townhalls/{townhallId}/registration/registrants">
    >().toEqualTypeOf<Graph.VirtualEventRegistration>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/webinars/{webinarId}/getAttendanceReports">
    >().toEqualTypeOf<Graph.MeetingAttendanceReport>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/townhalls/{townhallId}/getAttendanceReports">
    >().toEqualTypeOf<Graph.MeetingAttendanceReport>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/{eventType}/{eventId}/getVideoOnDemandPublication">
    >().toEqualTypeOf<Graph.VirtualEventSession>();
  });

  it("knows a path however it is spelled", () => {
    expectTypeOf<EntityOf<"/users">>().toEqualTypeOf<Graph.User>();
    expectTypeOf<EntityOf<"Users('{userId}')/Messages">>().toEqualTypeOf<Graph.Message>();
    expectTypeOf<EntityOf<"users(1)/messages">>().toEqualTypeOf<Graph.Message>();
    expectTypeOf<
      EntityOf<"users/622eaaff-0683-4862-9de4-f2ec83c2bd98/messages">
    >().toEqualTypeOf<Graph.Message>();
    expectTypeOf<EntityOf<"me">>().toEqualTypeOf<Graph.User>();
    expectTypeOf<EntityOf<"me/messages">>().toEqualTypeOf<Graph.Message>();
    expectTypeOf<EntityOf<"/me/mailfolders('inbox')/messages">>().toEqualTypeOf<Graph.Message>();
    expectTypeOf<EntityOf<"me/todo/lists/{id}/tasks">>().toEqualTypeOf<Graph.TodoTask>();
    expectTypeOf<
      EntityOf<"chats/{chatId}?notifyOnUserSpecificProperties=true">
    >().toEqualTypeOf<Graph.Chat>();
    expectTypeOf<EntityOf<"security/alerts?$filter=status eq 'newAlert'">>().toEqualTypeOf<Graph.Alert>();
    expectTypeOf<
      EntityOf<"solutions/virtualEvents/events/getEventsFromOrganizers(organizerIds=['a','b'])">
    >().toEqualTypeOf<Graph.VirtualEvent>();
  });

  it("knows nothing of any other", () => {
    expectTypeOf<EntityOf<"something/new">>().toBeUnknown();
    expectTypeOf<EntityOf<"users/{userId}/somethingNew">>().toBeUnknown();
    expectTypeOf<EntityOf<"users/{userId}/messages/{messageId}/attachments">>().toBeUnknown();
    expectTypeOf<EntityOf<"">>().toBeUnknown();
    expectTypeOf<EntityOf<string>>().toBeUnknown();
  });
});

describe("ParamsOf", () => {
  it("has those of a path of the catalogue", () => {
    expectTypeOf<ParamsOf<"teams/{teamId}/channels/{channelId}/messages">>().toEqualTypeOf<{
      readonly teamId: string;
      readonly channelId: string;
    }>();
    expectTypeOf<
      ParamsOf<"communications/onlineMeetings(joinWebUrl='{joinWebUrl}')/meetingCallEvents">
    >().toEqualTypeOf<{ readonly joinWebUrl: string }>();
    expectTypeOf<
      ParamsOf<"solutions/virtualEvents/events/getEventsFromOrganizers(organizerIds=['{organizerId}'])">
    >().toEqualTypeOf<{ readonly organizerId: string }>();
  });
});
