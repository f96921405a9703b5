import { CHANGE_TYPES } from "../change-type.ts";
import type { CatalogueRow } from "./row.ts";
import { CREATE_PERMISSIONS, SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES } from "./sources.ts";

const ALERTS = ["SecurityEvents.ReadWrite.All"];

const ALERT = {
  name: "alert",
  changeTypes: ["updated"],
  unsureChangeTypes: ["created", "deleted"],
  maxLifetimeMinutes: 43_200,
  resourceData: { kind: "none" },
  lifecycleUrl: "optional",
  permissions: { delegated: ALERTS, personal: [], application: ALERTS },
  quotas: undefined,
  catchUp: {
    kind: "time window",
    path: "security/alerts",
    property: "lastModifiedDateTime",
    isUnsure: true,
  },
  resourceDataType: "#microsoft.graph.alert",
  doubts: ["No page says which change types alerts tell of; Microsoft's samples ask for updated"],
  sources: [SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, CREATE_PERMISSIONS],
} as const satisfies Partial<CatalogueRow>;

const HEALTH_ALERT = {
  name: "healthMonitoring.alert",
  changeTypes: CHANGE_TYPES,
  maxLifetimeMinutes: 42_300,
  resourceData: { kind: "none" },
  lifecycleUrl: "optional",
  query: { documented: [] },
  permissions: { delegated: undefined, personal: undefined, application: undefined },
  quotas: undefined,
  catchUp: { kind: "none" },
  resourceDataType: "#microsoft.graph.healthMonitoring.alert",
  sources: [SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME],
} as const satisfies Partial<CatalogueRow>;

const HEALTH_DOUBT = "No page says which change types and permissions health alerts take";

export const SECURITY_ROWS: readonly CatalogueRow[] = [
  { ...ALERT, paths: ["security/alerts/{alertId}"], query: { documented: [] } },
  { ...ALERT, paths: ["security/alerts"], query: { documented: ["$filter"], expected: "$filter" } },
  { ...HEALTH_ALERT, paths: ["reports/healthMonitoring/alerts"], doubts: [HEALTH_DOUBT] },
  {
    ...HEALTH_ALERT,
    paths: ["reports/healthMonitoring/alert"],
    doubts: [
      HEALTH_DOUBT,
      "It is documented only together with the subscription's property notificationQueryOptions",
    ],
  },
];
