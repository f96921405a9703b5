import type { Refusal } from "../http/reply.ts";
import type { Caller } from "../tenancy.ts";
import { extensionError } from "./extension-error.ts";

/** The permissions that let a caller subscribe to a kind of resource; any of them is enough. */
interface ReadPermissions {
  readonly delegated: readonly string[];
  readonly application: readonly string[];
}

/** The same, for a user or an app. */
function either(...names: readonly string[]): ReadPermissions {
  return { delegated: names, application: names };
}

/**
 * What reading each kind of resource needs. A permission that also lets write is not enough: "Microsoft Graph
 * subscriptions don't support write access permissions when only read access is needed".
 *
 * @see https://learn.microsoft.com/graph/api/subscription-post-subscriptions#permissions
 */
const READ_PERMISSIONS: ReadonlyMap<string, ReadPermissions> = new Map([
  [
    "message",
    { delegated: ["Mail.ReadBasic", "Mail.Read"], application: ["Mail.Read", "Mail.ReadBasic.All"] },
  ],
  ["event", either("Calendars.Read")],
  ["contact", either("Contacts.Read")],
  ["user", either("User.Read.All")],
  ["group", either("Group.Read.All")],
  ["conversation", { delegated: ["Group.Read.All"], application: [] }],
  ["driveItem", either("Files.Read.All", "Files.ReadWrite.All")],
  ["list", either("Sites.Read.All", "Sites.ReadWrite.All")],
  ["alert", either("SecurityEvents.ReadWrite.All")],
  ["todoTask", { delegated: ["Tasks.ReadWrite"], application: ["Tasks.ReadWrite.All"] }],
  ["printer", { delegated: [], application: ["Printer.Read.All", "Printer.ReadWrite.All"] }],
  ["printTaskDefinition", { delegated: [], application: ["PrintTaskDefinition.ReadWrite.All"] }],
  ["callRecord", { delegated: [], application: ["CallRecords.Read.All"] }],
  ["callRecording", either("OnlineMeetingRecording.Read.All")],
  ["callTranscript", either("OnlineMeetingTranscript.Read.All")],
  ["channel", either("Channel.ReadBasic.All", "ChannelSettings.Read.All")],
  [
    "chat",
    {
      delegated: ["Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"],
      application: ["Chat.ReadBasic.All", "Chat.Read.All"],
    },
  ],
  [
    "chatMessage",
    {
      delegated: ["ChannelMessage.Read.All", "Chat.Read", "Chat.ReadWrite"],
      application: ["ChannelMessage.Read.All", "Chat.Read.All", "Chat.Read.WhereInstalled"],
    },
  ],
  [
    "conversationMember",
    {
      delegated: ["TeamMember.Read.All", "ChatMember.Read"],
      application: ["TeamMember.Read.All", "ChannelMember.Read.All", "ChatMember.Read.All"],
    },
  ],
  ["team", either("Team.ReadBasic.All", "TeamSettings.Read.All")],
  [
    "onlineMeeting",
    { delegated: [], application: ["OnlineMeetings.Read.All", "OnlineMeetings.ReadWrite.All"] },
  ],
  ["presence", { delegated: ["Presence.Read.All"], application: [] }],
  ["shift", either("Schedule.Read.All", "Schedule.ReadWrite.All")],
  [
    "aiInteraction",
    { delegated: ["AiEnterpriseInteraction.Read"], application: ["AiEnterpriseInteraction.Read.All"] },
  ],
]);

const OUTLOOK: ReadonlySet<string> = new Set(["message", "event", "contact"]);

/**
 * Why a caller may not subscribe to a resource, or `undefined` when it may.
 *
 * Outlook lets a user subscribe to no mailbox but his own, whatever is shared with him.
 *
 * @param topic the resource in its one spelling
 * @see https://learn.microsoft.com/graph/change-notifications-outlook-resources-overview
 */
export function readingRefusal(
  caller: Caller,
  { resourceName, topic }: { readonly resourceName: string; readonly topic: string },
  { enforcePermissions }: { readonly enforcePermissions: boolean },
): Refusal | undefined {
  const isOthers =
    caller.user !== undefined &&
    OUTLOOK.has(resourceName) &&
    !topic.toLowerCase().startsWith(`users/${caller.user.id}/`);
  if (!isOthers && (!enforcePermissions || mayRead(caller, resourceName))) return undefined;
  // guess: what follows `Reason`.
  return extensionError("Create", 403, "Access is denied. Check credentials and try again.");
}

/** Of kinds whose permissions are not documented, anybody may read. */
function mayRead(caller: Caller, resourceName: string): boolean {
  const needed = READ_PERMISSIONS.get(resourceName);
  if (!needed) return true;
  const held = caller.user ? caller.user.scopes : caller.permissions;
  return needed[caller.user ? "delegated" : "application"].some((name) => held.includes(name));
}
