import { markOfUrl } from "./mark.ts";
import type { RemoteSubscription } from "./ports/graph-api.ts";
import type { Keyring } from "./ports/keyring.ts";
import { SAME_INSTANT_MS, type SubscriptionRow } from "./subscription.ts";

/** A subscription that carries a valid mark of this app. */
export interface MarkedSubscription extends RemoteSubscription {
  readonly subscriptionKey: string;
}

/** Those of a list that carry a valid mark of the app: nothing else is ever ours to touch. */
export function markedAs(
  app: string,
  listed: readonly RemoteSubscription[],
  keyring: Keyring,
): MarkedSubscription[] {
  return listed.flatMap((remote) => {
    const mark = markOfUrl(keyring, remote.notificationUrl);
    return mark?.app === app ? [{ ...remote, subscriptionKey: mark.subscriptionKey }] : [];
  });
}

/** What a list at Graph says about one row. The list may be stale, so nothing is believed before Graph confirms it. */
export type RowFinding =
  | { readonly kind: "as expected" }
  /** Graph does not list it: a renewal tells whether it is there. */
  | { readonly kind: "unlisted" }
  /** There is one the row does not know, or it differs from what the row says: look it up. */
  | { readonly kind: "differs" };

/**
 * Compares a row with those at Graph that carry its key.
 *
 * @param listedAt epoch milliseconds; what the row was granted since is not in the list
 */
export function auditRow(
  row: SubscriptionRow,
  marked: readonly MarkedSubscription[],
  listedAt: number,
): RowFinding {
  const { graph } = row;
  if (row.createStartedAt !== null) return { kind: "as expected" };
  const unknown = marked.some(({ id }) => id !== graph?.id && !row.formerIds.includes(id));
  if (unknown) return { kind: "differs" };
  if (graph === null || graph.grantedAt > listedAt - SAME_INSTANT_MS) return { kind: "as expected" };
  const listed = marked.find(({ id }) => id === graph.id);
  if (listed === undefined) return { kind: "unlisted" };
  const isSame =
    listed.notificationUrl === graph.notificationUrl &&
    listed.changeTypes.join() === graph.changeTypes.join() &&
    // Graph's list need not say it.
    (listed.certificateId ?? graph.certificateId) === graph.certificateId &&
    Math.abs(listed.expiresAt - graph.expiresAt) <= SAME_INSTANT_MS;
  return isSame ? { kind: "as expected" } : { kind: "unlisted" };
}
