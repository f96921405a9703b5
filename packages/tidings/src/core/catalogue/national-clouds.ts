import type { Cloud } from "../cloud.ts";
import type { NationalCloud } from "./row.ts";

/** @see https://learn.microsoft.com/graph/deployments#microsoft-graph-and-graph-explorer-service-root-endpoints */
const GRAPH_ROOTS: Readonly<Record<NationalCloud, string>> = {
  usGovernment: "https://graph.microsoft.us",
  usGovernmentDod: "https://dod-graph.microsoft.us",
  china: "https://microsoftgraph.chinacloudapi.cn",
};

/** Which national cloud this is; undefined for the global one, and for any root that is not Microsoft's. */
export function nationalCloudOf({ graphRoot }: Pick<Cloud, "graphRoot">): NationalCloud | undefined {
  const host = URL.parse(graphRoot)?.origin;
  return NATIONAL_CLOUDS.find((cloud) => GRAPH_ROOTS[cloud] === host);
}

const NATIONAL_CLOUDS: readonly NationalCloud[] = ["usGovernment", "usGovernmentDod", "china"];
