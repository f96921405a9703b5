import type { Caller } from "../tenancy.ts";
import type { Subscription } from "./subscription.ts";

/** The delegated permission to see what other apps subscribed to. */
const READ_ALL = "Subscription.Read.All";

/**
 * Whether a caller finds a subscription when it lists or reads.
 *
 * An app acting for itself sees all of its own in the tenant, whoever made them; acting for a user, only that user's;
 * with `Subscription.Read.All`, those of other apps too, and for a Global Administrator those of all users.
 *
 * @see https://learn.microsoft.com/graph/api/subscription-list
 */
export function canSee(subscription: Subscription, caller: Caller): boolean {
  if (subscription.tenantId !== caller.tenantId) return false;
  const isOwnApp = subscription.applicationId === caller.applicationId;
  const { user } = caller;
  if (!user) return isOwnApp;
  const isOwnUser = subscription.creatorId === user.id;
  if (!user.scopes.includes(READ_ALL)) return isOwnApp && isOwnUser;
  return isOwnUser || (user.isGlobalAdministrator && subscription.isDelegated);
}

/** Whether a caller may change or end a subscription: only the app that made it, for the same user or for itself. */
export function canManage(subscription: Subscription, caller: Caller): boolean {
  return (
    subscription.tenantId === caller.tenantId &&
    subscription.applicationId === caller.applicationId &&
    (caller.user === undefined || caller.user.id === subscription.creatorId)
  );
}
