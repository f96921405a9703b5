import { CHANGE_TYPES } from "../change-type.ts";
import type { CatalogueRow } from "./row.ts";
import { CREATE_PERMISSIONS, RESOURCE_DATA, SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES } from "./sources.ts";
import { ONE_PER_TARGET } from "./teams-quotas.ts";

const TEAM_MEMBERS_PAGE = "https://learn.microsoft.com/graph/teams-changenotifications-teammembership";
const CHAT_MEMBERS_PAGE = "https://learn.microsoft.com/graph/teams-changenotifications-chatmembership";

const MEMBER = {
  name: "conversationMember",
  maxLifetimeMinutes: 4_320,
  resourceData: { kind: "offered", maxLifetimeMinutes: 4_320, select: "unsupported" },
  lifecycleUrl: "over an hour",
  query: { documented: [] },
  quotas: ONE_PER_TARGET,
  catchUp: { kind: "none" },
  resourceDataType: "#microsoft.graph.conversationMember",
} as const satisfies Partial<CatalogueRow>;

const SHARED_SOURCES = [
  SUPPORTED_RESOURCES,
  SUBSCRIPTION_LIFETIME,
  RESOURCE_DATA,
  CREATE_PERMISSIONS,
] as const;

const OF_TEAM = {
  ...MEMBER,
  changeTypes: CHANGE_TYPES,
  sources: [TEAM_MEMBERS_PAGE, ...SHARED_SOURCES],
} as const;

/** Somebody joins a chat or leaves it; nothing of a membership changes. */
const OF_CHAT = {
  ...MEMBER,
  changeTypes: ["created", "deleted"],
  sources: [CHAT_MEMBERS_PAGE, ...SHARED_SOURCES],
} as const;

const READ_TEAM = ["TeamMember.Read.All", "TeamMember.ReadWrite.All"];
const READ_CHATS = [
  "ChatMember.Read.All",
  "ChatMember.ReadWrite.All",
  "Chat.ReadBasic.All",
  "Chat.Read.All",
  "Chat.ReadWrite.All",
];

export const MEMBER_ROWS: readonly CatalogueRow[] = [
  {
    ...OF_TEAM,
    paths: ["teams/{teamId}/members"],
    permissions: {
      delegated: READ_TEAM,
      personal: [],
      application: ["TeamMember.Read.Group*", ...READ_TEAM],
    },
  },
  {
    ...OF_TEAM,
    paths: ["teams/getAllMembers"],
    permissions: { delegated: [], personal: [], application: READ_TEAM },
  },
  {
    ...OF_TEAM,
    paths: ["teams/{teamId}/channels/getAllMembers"],
    permissions: {
      delegated: ["ChannelMember.Read.All"],
      personal: [],
      application: ["ChannelMember.Read.All"],
    },
  },
  {
    ...OF_TEAM,
    paths: ["teams/getAllChannels/getAllMembers"],
    permissions: {
      delegated: [],
      personal: [],
      application: ["ChannelMember.Read.All", "ChannelMember.ReadWrite.All"],
    },
    doubts: ["Its page has said that it is in beta only; the table of resource data does not"],
  },
  {
    ...OF_CHAT,
    paths: ["chats/{chatId}/members"],
    permissions: {
      delegated: ["ChatMember.Read", "ChatMember.ReadWrite", "Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"],
      personal: [],
      application: ["ChatMember.Read.Chat*", "Chat.Manage.Chat*", ...READ_CHATS],
    },
  },
  {
    ...OF_CHAT,
    paths: ["chats/getAllMembers"],
    permissions: { delegated: [], personal: [], application: READ_CHATS },
  },
  {
    ...OF_CHAT,
    paths: ["appCatalogs/teamsApps/{teamsAppId}/installedToChats/getAllMembers"],
    // The example on its page asks for `created,updated`.
    unsureChangeTypes: ["updated"],
    permissions: {
      delegated: [],
      personal: [],
      application: [
        "ChatMember.Read.WhereInstalled",
        "ChatMember.ReadWrite.WhereInstalled",
        "Chat.ReadBasic.WhereInstalled",
        "Chat.Read.WhereInstalled",
        "Chat.ReadWrite.WhereInstalled",
      ],
    },
  },
];
