import type { Cloud } from "../core/cloud.ts";
import type { Fetch } from "../graph/exchange.ts";
import { createOutbound } from "../host/outbound/outbound.ts";

/**
 * Where the public keys of tokens are.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
const LOGIN_ORIGINS = [
  "https://login.microsoftonline.com",
  "https://login.microsoftonline.us",
  "https://login.partner.microsoftonline.cn",
] as const;

/** What an app may ask: Graph, with its tokens, and the login service, without. @throws TypeError for a root that is not https */
export function outboundOf({ graphRoot }: Cloud): Fetch {
  return createOutbound({
    destinations: [
      ...LOGIN_ORIGINS.map((origin) => ({ origin })),
      { origin: new URL(graphRoot).origin, takesTokens: true },
    ],
  });
}
