/**
 * What Graph tells of a subscription itself.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events
 */
export type LifecycleEvent = "reauthorizationRequired" | "subscriptionRemoved" | "missed";

const OUTLOOK = ["message", "event", "contact"] as const;

/** The kinds of resource each event is told for; all where there is no list. */
const TOLD_FOR: Readonly<Record<LifecycleEvent, readonly string[] | undefined>> = {
  reauthorizationRequired: undefined,
  subscriptionRemoved: [...OUTLOOK, "chatMessage"],
  missed: OUTLOOK,
};

/** Whether Graph tells an event of subscriptions to a kind of resource. */
export function isToldFor(event: LifecycleEvent, resourceName: string): boolean {
  return TOLD_FOR[event]?.includes(resourceName) ?? true;
}
