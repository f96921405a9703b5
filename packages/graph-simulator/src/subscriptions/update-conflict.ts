import { refuse, type Refusal } from "../http/reply.ts";
import type { Subscription } from "./subscription.ts";
import type { SubscriptionSettings } from "./subscription-options.ts";

/** How far apart an update and a reauthorization of the same subscription must be. */
const APART_MS: number = 10 * 60 * 1000;

/** What becomes of an update or reauthorization: done, answered as if it were done, or refused. */
export type WriteFate = { readonly kind: "done" } | { readonly kind: "lost" } | Refusal;

/**
 * Judges an update or reauthorization by the other kind of write that came before it.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-lifecycle-events#responding-to-reauthorizationrequired-notifications
 */
export function fateOfWrite(
  write: "update" | "reauthorize",
  subscription: Subscription,
  { policy, now }: { readonly policy: SubscriptionSettings["updateAndReauthorize"]; readonly now: number },
): WriteFate {
  const otherAt = write === "update" ? subscription.reauthorizedAt : subscription.updatedAt;
  if (otherAt === null || now - otherAt >= APART_MS || policy === "harmless") return { kind: "done" };
  if (policy === "lose-later") return { kind: "lost" };
  // guess: nothing says that it is refused, nor how.
  return refuse(
    409,
    "Conflict",
    "An update and a reauthorization of a subscription must be at least 10 minutes apart.",
  );
}
