import { CHANGE_TYPES } from "../change-type.ts";
import type { CatalogueRow } from "./row.ts";
import { CREATE_PERMISSIONS, DELTA_QUERIES, SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES } from "./sources.ts";

export const TASK_ROWS: readonly CatalogueRow[] = [
  {
    name: "todoTask",
    paths: ["users/{userId}/todo/lists/{listId}/tasks"],
    changeTypes: CHANGE_TYPES,
    maxLifetimeMinutes: 4_230,
    resourceData: { kind: "none" },
    lifecycleUrl: "optional",
    query: { documented: [] },
    permissions: {
      delegated: ["Tasks.ReadWrite"],
      personal: ["Tasks.ReadWrite"],
      application: ["Tasks.ReadWrite.All"],
    },
    quotas: undefined,
    catchUp: { kind: "delta", paths: ["users/{userId}/todo/lists/{listId}/tasks/delta"] },
    resourceDataType: "#microsoft.graph.todoTask",
    missingIn: ["usGovernment", "usGovernmentDod", "china"],
    doubts: ["No page says which change types tasks tell of"],
    sources: [SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES, CREATE_PERMISSIONS, DELTA_QUERIES],
  },
  {
    name: "approvalItem",
    paths: ["solutions/approval/approvalItems"],
    changeTypes: CHANGE_TYPES,
    maxLifetimeMinutes: 43_200,
    resourceData: { kind: "none" },
    lifecycleUrl: "undocumented",
    query: { documented: [] },
    permissions: { delegated: undefined, personal: undefined, application: undefined },
    quotas: [
      { limit: 1_000, per: "tenant" },
      { limit: 1, per: "app and tenant" },
    ],
    catchUp: { kind: "none" },
    resourceDataType: "#microsoft.graph.approvalItem",
    doubts: ["No page says which change types and permissions approvals take"],
    sources: [SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME],
  },
];
