import type { Requirement } from "./requirement.ts";

const OVERVIEW = "https://learn.microsoft.com/graph/change-notifications-overview";
const OUTLOOK = "https://learn.microsoft.com/graph/outlook-change-notifications-overview";
const CHAT_MESSAGE = "https://learn.microsoft.com/graph/teams-changenotifications-chatmessage";

export const RESOURCE_KINDS_REQUIREMENTS = [
  {
    id: "group-changes",
    source: OVERVIEW,
    behaviour: "Creating, updating and soft-deleting a group is updated; only a permanent delete is deleted",
  },
  {
    id: "outlook-notification",
    source: OUTLOOK,
    behaviour: "A notification of an Outlook item names its type, path, ETag and id",
  },
  {
    id: "outlook-filter",
    source: OUTLOOK,
    behaviour:
      "With a $filter, an item that comes to match is created, one that ceases to is deleted, any other is updated",
  },
  {
    id: "drive-notification",
    source: "https://learn.microsoft.com/onedrive/developer/rest-api/resources/webhooknotification",
    behaviour:
      "A notification of a drive says that something changed, under the subscribed name, and not what",
  },
  {
    id: "list-notification",
    source: "https://learn.microsoft.com/graph/api/resources/change-notifications-api-overview",
    behaviour: "A notification of a list says that something changed and not what",
  },
  {
    id: "presence-notification",
    source: "https://learn.microsoft.com/graph/changenotifications-for-presence",
    behaviour: "Presence is told of one user, or of those that $filter=id in (…) names",
  },
  {
    id: "chat-message-notification",
    source: CHAT_MESSAGE,
    behaviour: "Messages are told to subscriptions to the chat, to a user's chats and to all chats",
  },
  {
    id: "channel-message-notification",
    source: CHAT_MESSAGE,
    behaviour:
      "Messages of a channel and replies to them are told to its subscriptions and to those of all teams",
  },
  {
    id: "chat-message-query",
    source: CHAT_MESSAGE,
    behaviour: "Messages can be narrowed to those that mention a user, or have a keyword",
  },
  {
    id: "chat-messages-filter",
    source: "https://learn.microsoft.com/graph/api/chat-list-messages",
    behaviour: "Messages of a chat can be listed by lastModifiedDateTime, at most 50 on a page",
  },
] as const satisfies readonly Requirement[];
