import type { CatalogueRow } from "./row.ts";
import {
  CREATE_PERMISSIONS,
  DELTA_QUERIES,
  SUBSCRIPTION_LIFETIME,
  SUBSCRIPTION_PROPERTIES,
  SUPPORTED_RESOURCES,
} from "./sources.ts";

const CREATE_DRIVE_ITEM = "https://learn.microsoft.com/graph/api/subscription-post-subscriptions#driveitem";

/** Notifications name no item: they say that the delta query has news. */
const FILES = {
  changeTypes: ["updated"],
  maxLifetimeMinutes: 42_300,
  resourceData: { kind: "none" },
  lifecycleUrl: "optional",
  query: { documented: [] },
  quotas: undefined,
  sources: [
    SUBSCRIPTION_PROPERTIES,
    CREATE_DRIVE_ITEM,
    SUPPORTED_RESOURCES,
    SUBSCRIPTION_LIFETIME,
    CREATE_PERMISSIONS,
    DELTA_QUERIES,
  ],
} as const satisfies Partial<CatalogueRow>;

/** The page on creating names the first, the pages on renewing and deleting the second. */
const FILES_OF_WORK = ["Files.Read.All", "Files.ReadWrite.All"];
const FILES_OF_PERSON = ["Files.Read", "Files.ReadWrite"];
const SITES = ["Sites.Read.All", "Sites.ReadWrite.All"];

const DRIVE_ITEM = {
  ...FILES,
  name: "driveItem",
  permissions: { delegated: FILES_OF_WORK, personal: FILES_OF_PERSON, application: FILES_OF_WORK },
  resourceDataType: "#microsoft.graph.driveItem",
} as const;

export const FILES_ROWS: readonly CatalogueRow[] = [
  {
    ...DRIVE_ITEM,
    paths: ["drives/{driveId}/root"],
    catchUp: { kind: "delta", paths: ["drives/{driveId}/root/delta"] },
  },
  {
    ...DRIVE_ITEM,
    paths: ["users/{userId}/drive/root"],
    catchUp: { kind: "delta", paths: ["users/{userId}/drive/root/delta"] },
  },
  {
    ...DRIVE_ITEM,
    paths: ["drives/{driveId}/root/{folder}"],
    permissions: { delegated: [], personal: FILES_OF_PERSON, application: [] },
    catchUp: { kind: "delta", paths: ["drives/{driveId}/root/delta"] },
    doubts: [
      "A folder can be subscribed to in a personal OneDrive; that of work or school takes its root only",
    ],
  },
  {
    ...FILES,
    name: "list",
    paths: ["sites/{siteId}/lists/{listId}"],
    permissions: { delegated: SITES, personal: [], application: SITES },
    catchUp: { kind: "delta", paths: ["sites/{siteId}/lists/{listId}/items/delta"] },
    resourceDataType: "#microsoft.graph.list",
  },
];
