import type { CatalogueRow } from "./row.ts";
import { CREATE_PERMISSIONS, SUBSCRIPTION_LIFETIME, SUPPORTED_RESOURCES } from "./sources.ts";

const PRINT_PAGE = "https://learn.microsoft.com/graph/universal-print-webhook-notifications";

const PRINTING = {
  maxLifetimeMinutes: 4_230,
  resourceData: { kind: "none" },
  lifecycleUrl: "optional",
  query: { documented: [] },
  quotas: undefined,
  catchUp: { kind: "none" },
  sources: [PRINT_PAGE, SUPPORTED_RESOURCES, SUBSCRIPTION_LIFETIME, CREATE_PERMISSIONS],
} as const satisfies Partial<CatalogueRow>;

const PRINT_TASK = {
  ...PRINTING,
  name: "printTask",
  changeTypes: ["created"],
  permissions: { delegated: [], personal: [], application: ["PrintTaskDefinition.ReadWrite.All"] },
  resourceDataType: "#microsoft.graph.printTask",
} as const;

export const PRINTING_ROWS: readonly CatalogueRow[] = [
  {
    ...PRINTING,
    name: "printJob",
    paths: ["print/printers/{printerId}/jobs"],
    changeTypes: ["updated"],
    permissions: {
      delegated: [],
      personal: [],
      application: ["Printer.Read.All", "Printer.ReadWrite.All"],
    },
    resourceDataType: "#microsoft.graph.printJob",
    doubts: [
      "It is documented only together with the subscription's property notificationQueryOptions ($filter = isFetchable eq true)",
    ],
  },
  { ...PRINT_TASK, paths: ["print/taskDefinitions/{taskDefinitionId}/tasks"] },
  {
    ...PRINT_TASK,
    paths: ["print/printtaskdefinition/{taskDefinitionId}/tasks"],
    doubts: ["The overview spells it so; the page on printing has print/taskDefinitions/{id}/tasks"],
  },
];
