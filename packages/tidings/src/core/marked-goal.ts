import { isMarkedUrl, subscriptionUrls, type Mark } from "./mark.ts";
import type { Keyring } from "./ports/keyring.ts";
import type { SubscriptionGoal } from "./subscription-goal.ts";
import { withoutQuery, withUrlKey, type UrlKeys } from "./url-key.ts";

export interface MarkedGoalContext {
  readonly keyring: Keyring;
  /** Public URL of the notification path. */
  readonly endpoint: string;
  readonly urlKeys: UrlKeys | undefined;
}

/** The URLs a subscription of this mark should have: signed by the present secret, or by another that still verifies. */
export function markedGoal(mark: Mark, { keyring, endpoint, urlKeys }: MarkedGoalContext): SubscriptionGoal {
  return {
    ...subscriptionUrls(keyring, endpoint, mark, urlKeys),
    isFormerUrl: (url) =>
      url === withUrlKey(withoutQuery(url), urlKeys) &&
      isMarkedUrl(keyring, endpoint, { mark, url: withoutQuery(url) }),
  };
}
