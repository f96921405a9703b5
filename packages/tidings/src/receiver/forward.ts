import { CHANGE_TYPES } from "../core/change-type.ts";
import { recordOf, type Signing } from "../core/forwarded.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ForwardInbox } from "../core/ports/inbox.ts";
import type { Route, Routes } from "../core/route.ts";
import type { ReceiverParts } from "./receiver.ts";

export interface ForwardParts extends Signing {
  readonly inbox: Pick<ForwardInbox, "append">;
  readonly clock: Clock;
}

/**
 * What a receiver needs that keeps nothing: a client state proves by itself which subscription of ours an item is from,
 * and whatever is authentic goes on.
 */
export function forwardingParts({ inbox, ...parts }: ForwardParts): ReceiverParts {
  return {
    ...parts,
    routes: EVERY_ROUTE,
    store: {
      async append(items, tokenSet) {
        const tokensOf = ({ tokensKey }: { readonly tokensKey: string | undefined }) =>
          tokensKey === undefined ? [] : (tokenSet?.tokens ?? []);
        await inbox.append(items.map((item) => recordOf(item, tokensOf(item), parts)));
        return { storedCount: items.length, duplicateCount: 0 };
      },
    },
  };
}

const EVERY_ROUTE: Routes = {
  isComplete: true,
  get: routeTo,
  find: async (keys) => new Map([...keys].map((key) => [key, routeTo(key)])),
};

function routeTo(subscriptionKey: string): Route {
  const want = { declaration: "forwarded", definition: "", changeTypes: CHANGE_TYPES, params: {} };
  return { subscriptionKey, keepsTokens: true, wants: [want] };
}
