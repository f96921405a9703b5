/**
 * How Graph treats an endpoint: `normal`; `slow`, where new notifications are sent ten minutes later; `drop`, where
 * most of them are not sent at all.
 */
export type EndpointState = "normal" | "slow" | "drop";

/** The state of an endpoint's host, and what it is decided from. */
export interface EndpointStatus {
  readonly host: string;
  readonly state: EndpointState;
  /** Epoch milliseconds: since when. */
  readonly since: number;
}

/** The responses of one window. */
export interface ResponseCounts {
  readonly all: number;
  /** Took longer than 3 seconds. */
  readonly slow: number;
  /** Took longer than 10 seconds. */
  readonly verySlow: number;
}

/**
 * The documented numbers.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#throttling
 */
export const ENDPOINT_WINDOW_MS = 600_000;
export const SLOW_RESPONSE_MS = 3_000;
export const VERY_SLOW_RESPONSE_MS = 10_000;
export const SLOW_STATE_DELAY_MS = 600_000;
const SLOW_SHARE = 0.1;
const DROP_SHARE = 0.15;

/** The state for the window after one with these responses; one without responses says nothing against the endpoint. */
export function nextEndpointState({ all, slow, verySlow }: ResponseCounts): EndpointState {
  if (verySlow > DROP_SHARE * all) return "drop";
  return slow > SLOW_SHARE * all ? "slow" : "normal";
}
