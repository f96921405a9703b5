/** Where Graph is, under which version, and who vouches for what it sends. */
export interface Cloud {
  /** Root of Graph, without version or trailing slash. */
  readonly graphRoot: string;
  readonly version: "v1.0" | "beta";
  /** Root of the login service, without trailing slash: its keys sign validation tokens. https, or http on this machine. */
  readonly loginRoot: string;
  /** Issuer of validation tokens of version 1.0, with `{tid}` in the place of the tenant's id. */
  readonly v1Issuer: string;
  /** Issuer of those of version 2.0, in the same way. */
  readonly v2Issuer: string;
  /** Id of the app that sends change notifications, as validation tokens carry it. */
  readonly publisherAppId: string;
}

/**
 * @see https://learn.microsoft.com/graph/deployments
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#validate-the-authenticity-of-notifications
 */
export const GLOBAL_CLOUD: Cloud = {
  graphRoot: "https://graph.microsoft.com",
  version: "v1.0",
  loginRoot: "https://login.microsoftonline.com",
  v1Issuer: "https://sts.windows.net/{tid}/",
  v2Issuer: "https://login.microsoftonline.com/{tid}/v2.0",
  publisherAppId: "0bf30f3b-4a52-48df-9a82-234910c4a086",
};
