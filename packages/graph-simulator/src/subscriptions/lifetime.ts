import { parseInstant } from "../instant.ts";
import { refuse, type Refusal } from "../http/reply.ts";
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

/** The request whose expiry is judged; named in Teams' refusals. */
type Operation = "Create" | "Update";

export interface LifetimeRequest {
  readonly operation: Operation;
  readonly expirationDateTime: string;
  readonly resource: SubscribableResource;
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
  if (wanted > now + resource.maxMinutes * MINUTE_MS) return tooLong(request, wanted);
  if (
    resource.family === "teams" &&
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

function tooLong({ operation, expirationDateTime, resource, now }: LifetimeRequest, wanted: number): Refusal {
  if (resource.family === "other") {
    return refuse(
      400,
      "InvalidRequest",
      `Subscription expiration can only be ${resource.maxMinutes} minutes in the future.`,
    );
  }
  const reason =
    `Expiration time '${expirationDateTime}' ('-${timeSpan(wanted - now)}' from now) ` +
    `is beyond allowed max '${timeSpan(resource.maxMinutes * MINUTE_MS)}'`;
  return refuse(
    400,
    "ExtensionError",
    `Operation: ${operation}; Exception: [Status Code: BadRequest; Reason: ${reason}]`,
  );
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
