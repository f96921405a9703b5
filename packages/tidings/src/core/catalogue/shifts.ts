import { CHANGE_TYPES } from "../change-type.ts";
import type { CatalogueRow } from "./row.ts";
import { CREATE_PERMISSIONS, SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES } from "./sources.ts";
import { ONE_PER_USER } from "./teams-quotas.ts";

const READ_SCHEDULE = ["Schedule.Read.All", "Schedule.ReadWrite.All"];

function scheduleRow(name: string, collection: string): CatalogueRow {
  return {
    name,
    paths: [`teams/{teamId}/schedule/${collection}`],
    changeTypes: CHANGE_TYPES,
    maxLifetimeMinutes: 360,
    resourceData: { kind: "none" },
    lifecycleUrl: "over an hour",
    query: { documented: [] },
    permissions: { delegated: READ_SCHEDULE, personal: [], application: READ_SCHEDULE },
    quotas: ONE_PER_USER,
    catchUp: { kind: "none" },
    resourceDataType: `#microsoft.graph.${name}`,
    doubts: ["No page says which change types Shifts tells of"],
    sources: [SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, CREATE_PERMISSIONS],
  };
}

export const SHIFT_ROWS: readonly CatalogueRow[] = [
  scheduleRow("shift", "shifts"),
  scheduleRow("offerShiftRequest", "offerShiftRequests"),
  scheduleRow("openShiftChangeRequest", "openShiftChangeRequests"),
  scheduleRow("swapShiftsChangeRequest", "swapShiftsChangeRequests"),
  scheduleRow("timeOffRequest", "timeOffRequests"),
];
