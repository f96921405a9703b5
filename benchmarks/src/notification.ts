/** What a notification must carry to be believed. */
export interface Subscribed {
  readonly subscriptionId: string;
  readonly clientState: string;
  readonly tenantId: string;
}

export interface NotificationOptions {
  /** The same for no other notification of a run. */
  readonly number: number | string;
  /** Twelve digits that name the user that changed. */
  readonly user: string;
  /** More for `resourceData`, which reaches the handler as it is sent. */
  readonly data?: object;
}

/** A notification of a changed user, as Graph sends it. */
export function userNotification(
  subscribed: Subscribed,
  { number, user, data }: NotificationOptions,
): object {
  const { subscriptionId, clientState, tenantId } = subscribed;
  const id = `6c1e5a90-2f47-4d0b-9a35-${user}`;
  return {
    id: `notification-${number}`,
    subscriptionId,
    subscriptionExpirationDateTime: "2030-01-01T00:00:00.0000000Z",
    clientState,
    changeType: "updated",
    resource: `Users/${id}`,
    tenantId,
    resourceData: {
      "@odata.type": "#Microsoft.Graph.User",
      "@odata.id": `Users/${id}`,
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
  const text = JSON.stringify(userNotification(subscribed, { number: NUMBER, user: USER }));
  return text.replaceAll(`"${NUMBER}"`, NUMBER);
}
