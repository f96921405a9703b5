/** One of Microsoft's clouds: the same API at other addresses, with a little less in it. */
export type CloudName = "global" | "usGov" | "usGovDod" | "china";

export interface Cloud {
  readonly name: CloudName;
  /** Root of the Graph API; tokens are asked for it. */
  readonly graphRoot: string;
  /** Root of the login service; the beginning of a version 2.0 token's `iss`. */
  readonly loginRoot: string;
  /** The beginning of a version 1.0 token's `iss`. */
  readonly tokenServiceRoot: string;
}

/**
 * The clouds a subscription can be made in.
 *
 * guess: the roots are documented, the issuer of version 1.0 tokens outside the global cloud is not.
 *
 * @see https://learn.microsoft.com/graph/deployments#microsoft-graph-and-graph-explorer-service-root-endpoints
 */
export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  global: {
    name: "global",
    graphRoot: "https://graph.microsoft.com",
    loginRoot: "https://login.microsoftonline.com",
    tokenServiceRoot: "https://sts.windows.net",
  },
  usGov: {
    name: "usGov",
    graphRoot: "https://graph.microsoft.us",
    loginRoot: "https://login.microsoftonline.us",
    tokenServiceRoot: "https://sts.windows.net",
  },
  usGovDod: {
    name: "usGovDod",
    graphRoot: "https://dod-graph.microsoft.us",
    loginRoot: "https://login.microsoftonline.us",
    tokenServiceRoot: "https://sts.windows.net",
  },
  china: {
    name: "china",
    graphRoot: "https://microsoftgraph.chinacloudapi.cn",
    loginRoot: "https://login.chinacloudapi.cn",
    tokenServiceRoot: "https://sts.chinacloudapi.cn",
  },
};
