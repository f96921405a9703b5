const MINUTE_MS = 60_000;

/** A challenge is first sent when this much time is left. */
const FIRST_MS: number = 4 * 180 * MINUTE_MS;

/** With no more than this left, the time between challenges no longer halves. */
const STEADY_MS: number = 4 * 60 * MINUTE_MS;

const STEADY_INTERVAL_MS: number = 15 * MINUTE_MS;

/**
 * When the next challenge is due (epoch milliseconds), or `undefined` when there is none before the deadline.
 *
 * Microsoft's illustration looks at a quarter of the time that is left. At most 180 minutes: challenge, and again when
 * it has halved. Less than 60: challenge every 15 minutes. So with 12 hours left, with 6, with 3, and from then on
 * every 15 minutes.
 *
 * guess: the illustration does not say what a life that begins with less than 12 hours begins with; here it is waited
 * first, as no app is challenged for a subscription it has just made.
 *
 * @param deadline when the authorization ends, epoch milliseconds
 * @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events#reauthorizationrequired-notifications
 */
export function nextChallengeAt(now: number, deadline: number): number | undefined {
  const left = deadline - now;
  if (left > FIRST_MS) return deadline - FIRST_MS;
  if (left > STEADY_MS) return deadline - left / 2;
  return left >= STEADY_INTERVAL_MS ? now + STEADY_INTERVAL_MS : undefined;
}
