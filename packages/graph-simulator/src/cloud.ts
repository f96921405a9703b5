/** The national clouds by the names of Graph's documentation. */
export type CloudName = "global" | "usGovL4" | "usGovL5" | "china";

/** One of Microsoft's clouds: where its services are, and what they lack. */
export interface Cloud {
  /** Root of the Graph API, without a slash at its end: also the audience of its tokens. */
  readonly graphRoot: string;
  /** Root of the login service, without a slash at its end. */
  readonly loginRoot: string;
  /**
   * What the issuer of version 1.0 tokens begins with, before `{tenantId}/`. Of the national clouds the documentation
   * does not say: give a cloud of your own to have another.
   */
  readonly issuerRoot: string;
  /** Application id of the service that sends change notifications; undocumented but for the global cloud. */
  readonly changeTrackingAppId: string;
  /** Resources that cannot be subscribed to, by Graph's name. */
  readonly absentResources: readonly string[];
  /** Properties a subscription does not have. */
  readonly absentSubscriptionProperties: readonly string[];
}

const CHANGE_TRACKING_APP_ID = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/** The schema of the national clouds has neither of them. */
const NATIONAL: Pick<Cloud, "absentResources" | "absentSubscriptionProperties" | "changeTrackingAppId"> = {
  absentResources: ["todoTask"],
  absentSubscriptionProperties: ["notificationQueryOptions", "notificationUrlAppId"],
  changeTrackingAppId: CHANGE_TRACKING_APP_ID,
};

/** @see https://learn.microsoft.com/graph/deployments */
export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  global: {
    graphRoot: "https://graph.microsoft.com",
    loginRoot: "https://login.microsoftonline.com",
    issuerRoot: "https://sts.windows.net/",
    changeTrackingAppId: CHANGE_TRACKING_APP_ID,
    absentResources: [],
    absentSubscriptionProperties: [],
  },
  usGovL4: {
    ...NATIONAL,
    graphRoot: "https://graph.microsoft.us",
    loginRoot: "https://login.microsoftonline.us",
    // guess: as in the global cloud.
    issuerRoot: "https://sts.windows.net/",
  },
  usGovL5: {
    ...NATIONAL,
    graphRoot: "https://dod-graph.microsoft.us",
    loginRoot: "https://login.microsoftonline.us",
    // guess: as in the global cloud.
    issuerRoot: "https://sts.windows.net/",
  },
  china: {
    ...NATIONAL,
    graphRoot: "https://microsoftgraph.chinacloudapi.cn",
    loginRoot: "https://login.chinacloudapi.cn",
    // guess: as the login service's own name.
    issuerRoot: "https://sts.chinacloudapi.cn/",
  },
};
