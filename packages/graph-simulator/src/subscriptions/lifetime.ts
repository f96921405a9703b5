import { parseInstant } from "../instant.ts";
import { refuse, type Refusal } from "../http/reply.ts";
import { extensionError, type Operation } from "./extension-error.ts";
import type { SubscribableResource } from "./subscribable-resources.ts";

const MINUTE_MS = 60_000;

/**
 * An expiry nearer than this is moved out to it.
 *
 * @see https://learn.microsoft.com/graph/api/resources/subscription#properties
 */
const MIN_LIFETIME_MS = 45 * MINUTE_MS;

/** A Teams subscription longer than this needs a lifecycle URL. */
const LIFETIME_WITHOUT_LIFECYCLE_URL_MS = 60 * MINUTE_MS;

export interface LifetimeRequest {
  /** The request whose expiry is judged; named in Teams' refusals. */
  readonly operation: Operation;
  readonly expirationDateTime: string;
  readonly resource: SubscribableResource;
  /** Longest life in minutes, where it is not the resource's. */
  readonly maxMinutes?: number | undefined;
  /** Whether more than an hour needs a lifecycle URL, where it is not as with the resource's family. */
  readonly needsLifecycleUrl?: boolean | undefined;
  readonly hasLifecycleUrl: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** An expiry that is granted: epoch milliseconds, at least 45 minutes ahead. */
export interface GrantedLifetime {
  readonly kind: "granted";
  readonly expiresAt: number;
}

/** Decides what becomes of a requested expiry: granted, moved out to 45 minutes, or refused. */
export function grantLifetime(request: LifetimeRequest): GrantedLifetime | Refusal {
  const { expirationDateTime, resource, now } = request;
  const wanted = parseInstant(expirationDateTime);
  if (wanted === undefined) {
    return refuse(
      400,
      "InvalidRequest",
      "Could not process subscription creation payload. Are all property names spelled and camelCased properly?",
    );
  }
  // guess: that it is refused is known, Graph's sentence is not.
  if (wanted <= now) return refuse(400, "InvalidRequest", "Subscription expiration must be in the future.");
  if (wanted > now + maxMinutesOf(request) * MINUTE_MS) return tooLong(request, wanted);
  if (
    (request.needsLifecycleUrl ?? resource.family === "teams") &&
    wanted > now + LIFETIME_WITHOUT_LIFECYCLE_URL_MS &&
    !request.hasLifecycleUrl
  ) {
    return refuse(
      400,
      "InvalidRequest",
      "lifecycleNotificationUrl is a required property for subscription creation on this resource when the expirationDateTime value is set to greater than 1 hour",
    );
  }
  return { kind: "granted", expiresAt: Math.max(wanted, now + MIN_LIFETIME_MS) };
}

function maxMinutesOf({ maxMinutes, resource }: LifetimeRequest): number {
  return maxMinutes ?? resource.maxMinutes;
}

function tooLong(request: LifetimeRequest, wanted: number): Refusal {
  const { operation, expirationDateTime, resource, now } = request;
  const maxMinutes = maxMinutesOf(request);
  if (resource.family === "other") {
    return refuse(
      400,
      "InvalidRequest",
      `Subscription expiration can only be ${maxMinutes} minutes in the future.`,
    );
  }
  const reason =
    `Expiration time '${expirationDateTime}' ('-${timeSpan(wanted - now)}' from now) ` +
    `is beyond allowed max '${timeSpan(maxMinutes * MINUTE_MS)}'`;
  return extensionError(operation, 400, reason);
}

/** As .NET writes a duration: `3.00:00:00`. */
function timeSpan(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const clock = [seconds / 3600, seconds / 60, seconds].map((value, index) =>
    String(Math.floor(value) % (index === 0 ? 24 : 60)).padStart(2, "0"),
  );
  const days = Math.floor(seconds / 86_400);
  return `${days === 0 ? "" : `${days}.`}${clock.join(":")}`;
}
