import { refuse, type Refusal } from "../http/reply.ts";
import { extensionError } from "./extension-error.ts";
import type { Subscription } from "./subscription.ts";

/**
 * How many subscriptions there may be at a time.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-overview#subscription-quota-limits
 */
export interface Quotas {
  /** Users and groups: of one app, in all tenants. */
  readonly entraPerApp: number;
  /** Users and groups: in one tenant, of all apps. */
  readonly entraPerTenant: number;
  /** Users and groups: of one app in one tenant. */
  readonly entraPerAppAndTenant: number;
  /** Messages, events and contacts: of one mailbox, of all apps. */
  readonly outlookPerMailbox: number;
  /** All Teams resources together: in one tenant. */
  readonly teamsPerTenant: number;
  /** One Teams or Copilot resource: of one app. */
  readonly teamsPerAppAndResource: number;
  /** Chats, their messages, recordings, transcripts, Copilot: of one signed-in user. */
  readonly teamsPerUser: number;
  readonly callRecordsPerTenant: number;
  readonly approvalsPerTenant: number;
  readonly approvalsPerAppAndTenant: number;
  /** Shifts: of one signed-in user, to one path. */
  readonly shiftsPerUserAndResource: number;
}

export const DOCUMENTED_QUOTAS: Quotas = {
  entraPerApp: 50_000,
  entraPerTenant: 1_000,
  entraPerAppAndTenant: 100,
  outlookPerMailbox: 1_000,
  teamsPerTenant: 10_000,
  teamsPerAppAndResource: 1,
  teamsPerUser: 10,
  callRecordsPerTenant: 100,
  approvalsPerTenant: 1_000,
  approvalsPerAppAndTenant: 1,
  shiftsPerUserAndResource: 10,
};

/** What is counted for a subscription. */
interface Count {
  readonly quota: keyof Quotas;
  /** Subscriptions with the same key count together. */
  readonly key: string;
}

const ENTRA: ReadonlySet<string> = new Set(["user", "group"]);
const OUTLOOK: ReadonlySet<string> = new Set(["message", "event", "contact"]);
const PER_USER: ReadonlySet<string> = new Set([
  "aiInteraction",
  "callRecording",
  "callTranscript",
  "chat",
  "chatMessage",
]);

/** The counts a subscription is in; the first that is full is the one it is refused for. */
function countsOf(subscription: Subscription): readonly Count[] {
  const { tenantId, applicationId: app, creatorId, resourceName, topic, isDelegated } = subscription;
  const count = (quota: keyof Quotas, ...scope: readonly string[]): Count => ({
    quota,
    key: [quota, ...scope].join("|"),
  });
  if (ENTRA.has(resourceName)) {
    return [
      count("entraPerAppAndTenant", app, tenantId),
      count("entraPerTenant", tenantId),
      count("entraPerApp", app),
    ];
  }
  if (OUTLOOK.has(resourceName)) {
    return [count("outlookPerMailbox", tenantId, topic.split("/").slice(0, 2).join("/"))];
  }
  if (resourceName === "callRecord") return [count("callRecordsPerTenant", tenantId)];
  if (resourceName === "approval") {
    return [count("approvalsPerAppAndTenant", app, tenantId), count("approvalsPerTenant", tenantId)];
  }
  if (subscription.family !== "teams") return [];
  if (resourceName === "presence") {
    return [count("teamsPerAppAndResource", app, tenantId, "presence", creatorId)];
  }
  return [
    count("teamsPerAppAndResource", app, tenantId, topic),
    ...(isDelegated && PER_USER.has(resourceName)
      ? [count("teamsPerUser", tenantId, creatorId, resourceName)]
      : []),
    ...(isDelegated && resourceName === "shift"
      ? [count("shiftsPerUserAndResource", tenantId, creatorId, topic)]
      : []),
    count("teamsPerTenant", tenantId),
  ];
}

/** The keys under which a subscription is counted. */
export function quotaKeys(subscription: Subscription): readonly string[] {
  return countsOf(subscription).map(({ key }) => key);
}

/**
 * Why there cannot be one more subscription like this, or `undefined` when there can.
 *
 * @param countOf how many subscriptions are counted under a key
 */
export function quotaRefusal(
  subscription: Subscription,
  quotas: Quotas,
  countOf: (key: string) => number,
): Refusal | undefined {
  const full = countsOf(subscription).find(({ quota, key }) => countOf(key) >= quotas[quota]);
  return full && exceeded(subscription, full.quota, quotas[full.quota]);
}

function exceeded(subscription: Subscription, quota: keyof Quotas, limit: number): Refusal {
  const { applicationId, tenantId, topic, resourceName } = subscription;
  if (resourceName === "presence" && quota === "teamsPerAppAndResource") {
    // As the service writes it: https://github.com/microsoftgraph/aspnetcore-webhooks-sample/issues/92
    return extensionError(
      "Create",
      409,
      "A subscripton already exists. It must be deleted before a another can be made.",
    );
  }
  if (quota === "outlookPerMailbox") {
    // The status is documented as 403, and was seen as 429: https://stackoverflow.com/questions/65494288
    return extensionError(
      "Create",
      429,
      `Resource 'SubscriptionCountReached' has reached limit of '${limit}'.  Please retry after '12/31/9999 11:59:59 PM'.`,
    );
  }
  if (subscription.family === "teams" && quota === "teamsPerAppAndResource") {
    // https://techcommunity.microsoft.com/discussions/teamsdeveloper/cannot-create-new-subscription-to-resource/4194946
    return extensionError(
      "Create",
      403,
      `App '${applicationId}' has reached its limit of '${limit}' '${topic.toUpperCase()}' subscription on tenant '${tenantId}'`,
    );
  }
  // guess: that the message names the limit is documented, Graph's sentence is not.
  return refuse(403, "Forbidden", `The subscription limit '${quota}' of ${limit} has been reached.`);
}
