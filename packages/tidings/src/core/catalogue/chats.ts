import type { CatalogueRow } from "./row.ts";
import { CREATE_PERMISSIONS, RESOURCE_DATA, SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES } from "./sources.ts";
import { ONE_PER_TARGET, ONE_PER_USER } from "./teams-quotas.ts";

const CHATS_PAGE = "https://learn.microsoft.com/graph/teams-changenotifications-chat";

const CHAT = {
  name: "chat",
  changeTypes: ["created", "updated"],
  unsureChangeTypes: ["deleted"],
  maxLifetimeMinutes: 4_320,
  resourceData: { kind: "offered", maxLifetimeMinutes: 4_320, select: "undocumented" },
  lifecycleUrl: "over an hour",
  query: { documented: [] },
  quotas: ONE_PER_TARGET,
  catchUp: { kind: "none" },
  resourceDataType: "#microsoft.graph.chat",
  sources: [CHATS_PAGE, SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, RESOURCE_DATA, CREATE_PERMISSIONS],
} as const satisfies Partial<CatalogueRow>;

const READ_OWN = ["Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"];
const READ_ALL = ["Chat.ReadBasic.All", "Chat.Read.All", "Chat.ReadWrite.All"];

export const CHAT_ROWS: readonly CatalogueRow[] = [
  { ...CHAT, paths: ["chats"], permissions: { delegated: [], personal: [], application: READ_ALL } },
  {
    ...CHAT,
    paths: ["chats/{chatId}"],
    query: { documented: ["notifyOnUserSpecificProperties"] },
    permissions: {
      delegated: READ_OWN,
      personal: [],
      application: [
        "ChatSettings.Read.Chat*",
        "ChatSettings.ReadWrite.Chat*",
        "Chat.Manage.Chat*",
        ...READ_ALL,
      ],
    },
  },
  {
    ...CHAT,
    paths: ["users/{userId}/chats"],
    query: { documented: ["notifyOnUserSpecificProperties"] },
    permissions: { delegated: READ_OWN, personal: [], application: READ_ALL },
    quotas: ONE_PER_USER,
    doubts: ["Its page calls it a preview and shows it in beta; the overview does not"],
  },
  {
    ...CHAT,
    paths: ["appCatalogs/teamsApps/{teamsAppId}/installedToChats"],
    permissions: {
      delegated: [],
      personal: [],
      application: [
        "Chat.ReadBasic.WhereInstalled",
        "Chat.Read.WhereInstalled",
        "Chat.ReadWrite.WhereInstalled",
      ],
    },
  },
];
