import { embeddedStatus } from "./embedded-status.ts";
import type { GraphRefusal } from "./errors.ts";
import { lifetimeCeilingMs } from "./lifetime-ceiling.ts";

/** What to do when Graph refused a request about a subscription. */
export type RefusalVerdict =
  /** The same again, later and later: our endpoint did not prove itself, or Graph has trouble of its own. */
  | { readonly kind: "retry"; readonly trouble: "endpoint" | "service" }
  /** The same again after `waitMs`; without it Graph did not say when. */
  | { readonly kind: "wait"; readonly waitMs: number | undefined }
  /** The same again at once with a life of at most `ceilingMs`; worth remembering for the tenant and resource. */
  | { readonly kind: "shorten"; readonly ceilingMs: number }
  /** One is there already: find it, and take it over. */
  | { readonly kind: "adopt" }
  /** The subscription is gone, or cannot become what is asked: make another. */
  | { readonly kind: "replace" }
  /** A person must do something at Microsoft; asking again before changes nothing. */
  | { readonly kind: "park"; readonly need: PersonNeed }
  /** The request itself is wrong, and stays wrong. */
  | { readonly kind: "give-up"; readonly wrong: "request" | "resource" };

/**
 * What a person must see to: `consent` a permission or the right to this mailbox, `quota` subscriptions of somebody
 * that must go, `sign-in` the credential, `payment` a metered API.
 */
export type PersonNeed = "consent" | "quota" | "sign-in" | "payment";

/** As much of a refusal as the verdict is made of; a `GraphRefusedError` is one. */
export type JudgedRefusal = Pick<
  GraphRefusal,
  "method" | "status" | "graphCode" | "graphMessage" | "retryAfterMs"
>;

/** Graph could not, or would not, prove the endpoint; nothing in the request is wrong. */
const ENDPOINT_TROUBLE =
  /Subscription validation request (?:timed out|failed)|underlying connection was closed|publishing validation failed/i;

/** What Graph says of a service behind it that fails for now, with whatever status. */
const SERVICE_TROUBLE = /error processing a storage extension|currently on backend/i;

/** Codes and statuses do not tell a quota from a missing consent; the sentence does, since it names the limit. */
const QUOTA = /\blimits?\b|\bquotas?\b|\bexceed(?:s|ed)?\b|\bmaximum number\b/i;

const LIFECYCLE_URL_MISSING = /lifecycleNotificationUrl is (?:a )?required/i;
const MAILBOX_ELSEWHERE = /REST API is not yet supported for this mailbox/i;

const SERVICE_TROUBLE_STATUS: ReadonlySet<number> = new Set([408, 423, 424, 425]);

/**
 * Judges by status and sentence; Graph's codes differ from one day to the next. A status that an `ExtensionError`
 * quotes from the service behind Graph counts more than the one of the answer, which does not always mirror it.
 *
 * @returns never throws; what is not known is judged by its status alone
 * @see https://learn.microsoft.com/graph/errors
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
 */
export function judgeRefusal(refusal: JudgedRefusal): RefusalVerdict {
  const { method, retryAfterMs: waitMs } = refusal;
  const message = refusal.graphMessage ?? "";
  const status = embeddedStatus(message) ?? refusal.status;
  if (status === 429 || refusal.status === 429) return { kind: "wait", waitMs };
  if (status >= 500 || SERVICE_TROUBLE_STATUS.has(status)) return laterVerdict(waitMs);
  if (SERVICE_TROUBLE.test(message)) return laterVerdict(waitMs);
  switch (status) {
    case 400:
      return judgeBadRequest(method, message);
    case 401:
      return { kind: "park", need: "sign-in" };
    case 402:
      return { kind: "park", need: "payment" };
    case 403:
      return { kind: "park", need: QUOTA.test(message) ? "quota" : "consent" };
    case 404:
    case 410:
      return judgeAbsence(method, message);
    case 409:
      return { kind: "adopt" };
    default:
      return { kind: "give-up", wrong: "request" };
  }
}

function laterVerdict(waitMs: number | undefined): RefusalVerdict {
  return waitMs === undefined ? { kind: "retry", trouble: "service" } : { kind: "wait", waitMs };
}

function judgeBadRequest(method: string, message: string): RefusalVerdict {
  const ceilingMs = lifetimeCeilingMs(message);
  if (ceilingMs !== undefined) return { kind: "shorten", ceilingMs };
  if (ENDPOINT_TROUBLE.test(message)) return { kind: "retry", trouble: "endpoint" };
  // It cannot be added to a subscription that was made without.
  if (LIFECYCLE_URL_MISSING.test(message) && method === "PATCH") return { kind: "replace" };
  return { kind: "give-up", wrong: "request" };
}

/** When one is created, what is absent is the thing it would watch. */
function judgeAbsence(method: string, message: string): RefusalVerdict {
  return method === "POST" || MAILBOX_ELSEWHERE.test(message)
    ? { kind: "give-up", wrong: "resource" }
    : { kind: "replace" };
}
