import type { CatalogueRow } from "./row.ts";
import {
  CREATE_PERMISSIONS,
  DELTA_QUERIES,
  SUBSCRIPTION_LIFETIME,
  SUBSCRIPTION_PROPERTIES,
  SUPPORTED_RESOURCES,
} from "./sources.ts";

const DIRECTORY = {
  // A creation, and a deletion that can be undone, arrive as `updated`.
  changeTypes: ["updated", "deleted"],
  maxLifetimeMinutes: 41_760,
  resourceData: { kind: "none" },
  lifecycleUrl: "optional",
  query: { documented: [] },
  quotas: [
    { limit: 50_000, per: "app" },
    { limit: 1_000, per: "tenant" },
    { limit: 100, per: "app and tenant" },
  ],
  sources: [
    SUBSCRIPTION_PROPERTIES,
    SUPPORTED_RESOURCES,
    SUBSCRIPTION_LIFETIME,
    CREATE_PERMISSIONS,
    DELTA_QUERIES,
  ],
} as const satisfies Partial<CatalogueRow>;

export const DIRECTORY_ROWS: readonly CatalogueRow[] = [
  {
    ...DIRECTORY,
    name: "user",
    paths: ["users", "users/{userId}"],
    permissions: {
      delegated: ["User.Read.All"],
      // The table of permissions names one; the overview says that personal accounts are not supported.
      personal: [],
      application: ["User.Read.All"],
    },
    catchUp: { kind: "delta", paths: ["users/delta"] },
    resourceDataType: "#microsoft.graph.user",
  },
  {
    ...DIRECTORY,
    name: "group",
    paths: ["groups", "groups/{groupId}", "groups/{groupId}/members", "groups/{groupId}/owners"],
    permissions: { delegated: ["Group.Read.All"], personal: [], application: ["Group.Read.All"] },
    catchUp: { kind: "delta", paths: ["groups/delta"] },
    resourceDataType: "#microsoft.graph.group",
  },
  {
    name: "conversation",
    paths: ["groups/{groupId}/conversations"],
    changeTypes: ["created"],
    unsureChangeTypes: ["updated", "deleted"],
    maxLifetimeMinutes: 4_230,
    resourceData: { kind: "none" },
    lifecycleUrl: "optional",
    query: { documented: [] },
    permissions: { delegated: ["Group.Read.All"], personal: [], application: [] },
    quotas: undefined,
    catchUp: { kind: "none" },
    resourceDataType: "#microsoft.graph.conversation",
    doubts: ["No page says which change types a group's conversations tell of"],
    sources: [SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, CREATE_PERMISSIONS],
  },
];
