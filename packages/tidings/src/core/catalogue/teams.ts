import { CHANGE_TYPES } from "../change-type.ts";
import type { CatalogueRow } from "./row.ts";
import { CREATE_PERMISSIONS, RESOURCE_DATA, SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES } from "./sources.ts";
import { ONE_PER_TARGET, TEAMS_TOGETHER } from "./teams-quotas.ts";

const TEAMS_PAGE = "https://learn.microsoft.com/graph/teams-changenotifications-team-and-channel";
const INSTALLATIONS_PAGE = "https://learn.microsoft.com/graph/teams-changenotifications-appinstallation";

const TEAMS = {
  changeTypes: CHANGE_TYPES,
  maxLifetimeMinutes: 4_320,
  resourceData: { kind: "offered", maxLifetimeMinutes: 4_320, select: "undocumented" },
  lifecycleUrl: "over an hour",
  query: { documented: [] },
  quotas: ONE_PER_TARGET,
  catchUp: { kind: "none" },
  sources: [TEAMS_PAGE, SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, RESOURCE_DATA, CREATE_PERMISSIONS],
} as const satisfies Partial<CatalogueRow>;

const TEAM = { ...TEAMS, name: "team", resourceDataType: "#microsoft.graph.team" } as const;
const CHANNEL = { ...TEAMS, name: "channel", resourceDataType: "#microsoft.graph.channel" } as const;

const READ_TEAMS = ["Team.ReadBasic.All", "TeamSettings.Read.All", "TeamSettings.ReadWrite.All"];
const READ_CHANNELS = ["Channel.ReadBasic.All", "ChannelSettings.Read.All", "ChannelSettings.ReadWrite.All"];

export const TEAMS_ROWS: readonly CatalogueRow[] = [
  { ...TEAM, paths: ["teams"], permissions: { delegated: [], personal: [], application: READ_TEAMS } },
  {
    ...TEAM,
    paths: ["teams/{teamId}"],
    permissions: {
      delegated: READ_TEAMS,
      personal: [],
      application: ["TeamSettings.Read.Group*", "TeamSettings.ReadWrite.Group*", ...READ_TEAMS],
    },
  },
  {
    ...CHANNEL,
    paths: ["teams/getAllChannels"],
    permissions: { delegated: [], personal: [], application: READ_CHANNELS },
  },
  {
    ...CHANNEL,
    paths: ["teams/{teamId}/channels"],
    permissions: {
      delegated: READ_CHANNELS,
      personal: [],
      application: ["ChannelSettings.Read.Group*", "ChannelSettings.ReadWrite.Group*", ...READ_CHANNELS],
    },
  },
  {
    ...TEAMS,
    name: "teamsAppInstallation",
    paths: ["appCatalogs/teamsApps/{teamsAppId}/installations"],
    query: { documented: ["$filter", "useResourceSpecificConsentBasedAuthorization"] },
    permissions: {
      delegated: [],
      personal: [],
      application: [
        "TeamsAppInstallation.Read.User*",
        "TeamsAppInstallation.Read.Group*",
        "TeamsAppInstallation.Read.Chat*",
        "TeamsAppInstallation.ReadForUser.All",
        "TeamsAppInstallation.ReadForTeam.All",
        "TeamsAppInstallation.ReadForChat.All",
        "TeamsAppInstallation.Read.All",
      ],
    },
    quotas: [TEAMS_TOGETHER],
    resourceDataType: "#microsoft.graph.teamsAppInstallation",
    doubts: [
      "Updates in chats may not be told of, and no deletions with resource-specific consent: known issues of Graph",
    ],
    sources: [INSTALLATIONS_PAGE, SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME],
  },
];
