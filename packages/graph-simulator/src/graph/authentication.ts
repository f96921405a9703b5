import type { IncomingHttpHeaders } from "node:http";

import { refuse, type Refusal } from "../http/reply.ts";
import type { AccessTokens } from "../login/access-token.ts";
import type { Caller } from "../tenancy.ts";

/** Graph's application id, which tokens may be for instead of its address. */
const GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";

/** What Graph is called in the cloud that is played. The simulator also goes by its own address. */
export interface GraphIdentity {
  readonly graphRoot: string;
  readonly loginRoot: string;
}

/** A caller whose token is in order. */
export interface Authenticated {
  readonly kind: "authenticated";
  readonly caller: Caller;
}

export interface AuthenticationRequest {
  readonly headers: IncomingHttpHeaders;
  /** The simulator's address, as the client wrote it. */
  readonly origin: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Reads the bearer token of a Graph request. */
export async function authenticate(
  accessTokens: AccessTokens,
  { graphRoot, loginRoot }: GraphIdentity,
  { headers, origin, now }: AuthenticationRequest,
): Promise<Authenticated | Refusal> {
  const unauthorized = (message: string): Refusal =>
    refuse(401, "InvalidAuthenticationToken", message, {
      "www-authenticate": `Bearer realm="", authorization_uri="${loginRoot}/common/oauth2/authorize"`,
    });
  const audiences = [graphRoot, GRAPH_APP_ID, origin];
  const [, token = ""] = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? "") ?? [];
  if (token === "") return unauthorized("Access token is empty.");
  const verdict = await accessTokens.verify(token, now);
  switch (verdict.kind) {
    case "malformed":
      return unauthorized("IDX14100: JWT is not well formed, there are no dots (.).");
    case "forged":
      // guess: what Graph says of a wrong signature.
      return unauthorized("Access token validation failure. Invalid signature.");
    case "expired":
      return unauthorized("Lifetime validation failed, the token is expired.");
    case "valid":
      return audiences.includes(verdict.audience)
        ? { kind: "authenticated", caller: verdict.caller }
        : unauthorized("Access token validation failure. Invalid audience.");
  }
}
