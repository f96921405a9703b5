/** Where Graph is, and under which version. */
export interface Cloud {
  /** Root of Graph, without version or trailing slash. */
  readonly graphRoot: string;
  readonly version: "v1.0" | "beta";
}

/** @see https://learn.microsoft.com/graph/deployments */
export const GLOBAL_CLOUD: Cloud = { graphRoot: "https://graph.microsoft.com", version: "v1.0" };
