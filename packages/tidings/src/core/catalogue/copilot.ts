import { CHANGE_TYPES } from "../change-type.ts";
import type { CatalogueRow } from "./row.ts";
import { CREATE_PERMISSIONS, RESOURCE_DATA, SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES } from "./sources.ts";
import { ONE_PER_USER, TEAMS_TOGETHER } from "./teams-quotas.ts";

const INTERACTIONS_PAGE = "https://learn.microsoft.com/graph/aiinteraction-changenotifications-overview";
const INSIGHTS_PAGE =
  "https://learn.microsoft.com/microsoft-365/copilot/extensibility/api/ai-services/change-notifications/aiinsights-changenotifications";

const INTERACTION = {
  name: "aiInteraction",
  changeTypes: CHANGE_TYPES,
  maxLifetimeMinutes: 4_320,
  resourceData: { kind: "offered", maxLifetimeMinutes: 4_320, select: "undocumented" },
  lifecycleUrl: "over an hour",
  query: { documented: ["$filter"], isFilterTopLevelOnly: true },
  catchUp: { kind: "none" },
  resourceDataType: "#microsoft.graph.aiInteraction",
  sources: [INTERACTIONS_PAGE, SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, RESOURCE_DATA, CREATE_PERMISSIONS],
} as const satisfies Partial<CatalogueRow>;

const READ_INSIGHTS = ["OnlineMeetingAiInsight.Read.All"];

const INSIGHT = {
  name: "callAiInsight",
  changeTypes: ["created"],
  unsureChangeTypes: ["updated", "deleted"],
  maxLifetimeMinutes: undefined,
  resourceData: { kind: "undocumented" },
  lifecycleUrl: "over an hour",
  query: { documented: [] },
  permissions: { delegated: READ_INSIGHTS, personal: [], application: READ_INSIGHTS },
  catchUp: { kind: "none" },
  resourceDataType: "#microsoft.graph.callAiInsight",
  doubts: ["No page says how long a subscription to insights may live"],
  sources: [INSIGHTS_PAGE, SUPPORTED_RESOURCES],
} as const satisfies Partial<CatalogueRow>;

export const COPILOT_ROWS: readonly CatalogueRow[] = [
  {
    ...INTERACTION,
    paths: ["copilot/users/{userId}/interactionHistory/getAllEnterpriseInteractions"],
    permissions: {
      delegated: ["AiEnterpriseInteraction.Read"],
      personal: [],
      application: ["AiEnterpriseInteraction.Read.User*", "AiEnterpriseInteraction.Read.All"],
    },
    quotas: ONE_PER_USER,
  },
  {
    ...INTERACTION,
    paths: ["copilot/interactionHistory/getAllEnterpriseInteractions"],
    permissions: { delegated: [], personal: [], application: ["AiEnterpriseInteraction.Read.All"] },
    quotas: [{ limit: 1, per: "app and tenant" }, TEAMS_TOGETHER],
  },
  { ...INSIGHT, paths: ["copilot/users/{userId}/onlineMeetings/getAllAiInsights"], quotas: ONE_PER_USER },
  {
    ...INSIGHT,
    paths: ["copilot/users/{userId}/onlineMeetings/{meetingId}/aiInsights"],
    quotas: [{ limit: 1, per: "app and target" }, { limit: 1, per: "user and target" }, TEAMS_TOGETHER],
  },
];
