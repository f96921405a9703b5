import type { Cloud } from "../core/cloud.ts";
import type { Fetch } from "../graph/exchange.ts";
import { createOutbound } from "../host/outbound/outbound.ts";

/**
 * What an app may ask: Graph, with its tokens, and the login service for the keys that sign validation tokens, without.
 *
 * @throws TypeError for a root that is not https
 */
export function outboundOf({ graphRoot, loginRoot }: Cloud): Fetch {
  return createOutbound({
    // Where both have one origin, as in a simulation, the last counts.
    destinations: [
      { origin: new URL(loginRoot).origin },
      { origin: new URL(graphRoot).origin, takesTokens: true },
    ],
  });
}
