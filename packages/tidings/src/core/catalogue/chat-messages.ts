import { CHANGE_TYPES } from "../change-type.ts";
import type { CatalogueRow, QueryRule } from "./row.ts";
import {
  CREATE_PERMISSIONS,
  DELTA_QUERIES,
  RESOURCE_DATA,
  SUBSCRIPTION_LIFETIME,
  SUPPORTED_RESOURCES,
} from "./sources.ts";
import { ONE_PER_TARGET, ONE_PER_USER } from "./teams-quotas.ts";

const MESSAGES_PAGE = "https://learn.microsoft.com/graph/teams-changenotifications-chatmessage";

const CHAT_MESSAGE = {
  name: "chatMessage",
  changeTypes: CHANGE_TYPES,
  maxLifetimeMinutes: 4_320,
  resourceData: { kind: "offered", maxLifetimeMinutes: 4_320, select: "unsupported" },
  lifecycleUrl: "over an hour",
  query: { documented: [] },
  quotas: ONE_PER_TARGET,
  resourceDataType: "#microsoft.graph.chatMessage",
  sources: [
    MESSAGES_PAGE,
    SUPPORTED_RESOURCES,
    SUBSCRIPTION_LIFETIME,
    RESOURCE_DATA,
    CREATE_PERMISSIONS,
    DELTA_QUERIES,
  ],
} as const satisfies Partial<CatalogueRow>;

/** A key word, or who is mentioned: `mentions/any(u: u/mentioned/user/id eq '…')`. */
const SEARCH: QueryRule = { documented: ["$search", "$filter"] };

export const CHAT_MESSAGE_ROWS: readonly CatalogueRow[] = [
  {
    ...CHAT_MESSAGE,
    paths: ["teams/getAllMessages"],
    permissions: { delegated: [], personal: [], application: ["ChannelMessage.Read.All"] },
    catchUp: { kind: "none" },
  },
  {
    ...CHAT_MESSAGE,
    paths: ["teams/{teamId}/channels/{channelId}/messages"],
    query: SEARCH,
    permissions: {
      delegated: ["ChannelMessage.Read.All"],
      personal: [],
      application: ["ChannelMessage.Read.Group*", "ChannelMessage.Read.All"],
    },
    catchUp: { kind: "delta", paths: ["teams/{teamId}/channels/{channelId}/messages/delta"] },
  },
  {
    ...CHAT_MESSAGE,
    paths: ["chats/getAllMessages"],
    permissions: { delegated: [], personal: [], application: ["Chat.Read.All"] },
    catchUp: { kind: "none" },
  },
  {
    ...CHAT_MESSAGE,
    paths: ["chats/{chatId}/messages"],
    query: SEARCH,
    permissions: {
      delegated: ["Chat.Read", "Chat.ReadWrite"],
      personal: [],
      application: ["ChatMessage.Read.Chat*", "Chat.Read.All"],
    },
    catchUp: { kind: "time window", path: "chats/{chatId}/messages", property: "lastModifiedDateTime" },
  },
  {
    ...CHAT_MESSAGE,
    paths: ["users/{userId}/chats/getAllMessages"],
    query: SEARCH,
    permissions: {
      delegated: ["Chat.Read", "Chat.ReadWrite"],
      personal: [],
      application: ["Chat.Read.All", "Chat.ReadWrite.All"],
    },
    quotas: ONE_PER_USER,
    catchUp: {
      kind: "time window",
      path: "users/{userId}/chats/getAllMessages",
      property: "lastModifiedDateTime",
    },
  },
  {
    ...CHAT_MESSAGE,
    paths: ["appCatalogs/teamsApps/{teamsAppId}/installedToChats/getAllMessages"],
    permissions: {
      delegated: [],
      personal: [],
      application: ["Chat.Read.WhereInstalled", "Chat.ReadWrite.WhereInstalled"],
    },
    catchUp: { kind: "none" },
  },
];
