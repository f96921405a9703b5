/** The parts of a lane. The first two contain no space, so the text is unambiguous. */
export interface LaneParts {
  readonly declaration: string;
  readonly subscriptionKey: string;
  readonly resourceKey: string | undefined;
}

/**
 * The key within which order holds: one declaration, one desired subscription, one resource. A notification that
 * does not say what changed shares the lane of its whole subscription.
 */
export function laneOf({ declaration, subscriptionKey, resourceKey }: LaneParts): string {
  return resourceKey === undefined
    ? `${declaration} ${subscriptionKey}`
    : `${declaration} ${subscriptionKey} ${resourceKey}`;
}

/** The resource key in a lane; undefined in the lane of a whole subscription. */
export function resourceKeyOfLane(lane: string): string | undefined {
  const [, resourceKey] = /^\S* \S+ (.+)$/s.exec(lane) ?? [];
  return resourceKey;
}
