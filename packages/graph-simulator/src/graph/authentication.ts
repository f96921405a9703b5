import type { IncomingHttpHeaders } from "node:http";

import { refuse, type Refusal } from "../http/reply.ts";
import type { AccessTokens } from "../login/access-token.ts";
import type { Caller } from "../tenancy.ts";

/** Names Graph goes by: its address and its application id. The simulator also goes by its own address. */
const GRAPH_AUDIENCES: ReadonlySet<string> = new Set([
  "https://graph.microsoft.com",
  "00000003-0000-0000-c000-000000000000",
]);

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
  { headers, origin, now }: AuthenticationRequest,
): Promise<Authenticated | Refusal> {
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
      return GRAPH_AUDIENCES.has(verdict.audience) || verdict.audience === origin
        ? { kind: "authenticated", caller: verdict.caller }
        : unauthorized("Access token validation failure. Invalid audience.");
  }
}

function unauthorized(message: string): Refusal {
  return refuse(401, "InvalidAuthenticationToken", message, {
    "www-authenticate":
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
  });
}
