/** What the app's declarations are on. */
export type Resource = "users" | "groups";

/** A subscription the app made: where its notifications go, and what they must carry to be believed. */
export interface Subscribed {
  readonly resource: Resource;
  readonly url: string;
  readonly subscriptionId: string;
  readonly clientState: string;
  readonly tenantId: string;
}

export interface NotificationOptions {
  /** The same for no other notification of a run. */
  readonly number: number | string;
  /** Twelve digits that name the user or group that changed. */
  readonly entity: string;
  /** More for `resourceData`, which reaches the handler as it is sent. */
  readonly data?: object;
}

const SPELLINGS = {
  users: { segment: "Users", type: "#Microsoft.Graph.User" },
  groups: { segment: "Groups", type: "#Microsoft.Graph.Group" },
} satisfies Record<Resource, object>;

/** A notification of a changed user or group, as Graph sends it. */
export function notificationOf(
  { resource, subscriptionId, clientState, tenantId }: Subscribed,
  { number, entity, data }: NotificationOptions,
): object {
  const { segment, type } = SPELLINGS[resource];
  const id = `6c1e5a90-2f47-4d0b-9a35-${entity}`;
  return {
    id: `notification-${number}`,
    subscriptionId,
    subscriptionExpirationDateTime: "2030-01-01T00:00:00.0000000Z",
    clientState,
    changeType: "updated",
    resource: `${segment}/${id}`,
    tenantId,
    resourceData: {
      "@odata.type": type,
      "@odata.id": `${segment}/${id}`,
      id,
      organizationId: tenantId,
      eventTime: "2029-12-01T08:00:00.0000000Z",
      sequenceNumber: number,
      ...data,
    },
  };
}

/** Stand in a template for what differs from one notification to the next. */
const NUMBER = "@number@";
const USER = "@user@";

/** The JSON of a notification with {@link NUMBER} and {@link USER} left to fill in. */
export function notificationTemplate(subscribed: Subscribed): string {
  const text = JSON.stringify(notificationOf(subscribed, { number: NUMBER, entity: USER }));
  return text.replaceAll(`"${NUMBER}"`, NUMBER);
}
