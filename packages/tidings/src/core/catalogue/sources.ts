/** Pages of Microsoft's documentation that several rows of the catalogue cite. */

/** Paths and quotas. */
export const SUPPORTED_RESOURCES =
  "https://learn.microsoft.com/graph/change-notifications-overview#supported-resources";
/** Maximum lives. */
export const SUBSCRIPTION_LIFETIME =
  "https://learn.microsoft.com/graph/change-notifications-overview#subscription-lifetime";
/** Least privileged permissions. */
export const CREATE_PERMISSIONS =
  "https://learn.microsoft.com/graph/api/subscription-post-subscriptions#permissions";
/** Change types of drives, lists, users and groups; the floor of 45 minutes. */
export const SUBSCRIPTION_PROPERTIES =
  "https://learn.microsoft.com/graph/api/resources/subscription#properties";
/** Which resources offer their data, and what becomes of `$select`. */
export const RESOURCE_DATA =
  "https://learn.microsoft.com/graph/change-notifications-with-resource-data#supported-resources";
/** Which resources have delta queries. */
export const DELTA_QUERIES = "https://learn.microsoft.com/graph/delta-query-overview#supported-resources";
