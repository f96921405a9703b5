import { decodeJwt, encodeJwt } from "../login/jwt.ts";
import { signAsStranger, type SigningKeys } from "../login/signing-keys.ts";
import { guidFor } from "../random.ts";
import type { TokenTampering } from "./tampering.ts";
import {
  VALIDATION_TOKEN_LIFETIME_S,
  type TokenRecipient,
  type ValidationClaims,
} from "./validation-claims.ts";

/** A tenant and an app nobody has. */
const OTHER_TENANT: string = guidFor("another tenant");
const OTHER_APP: string = guidFor("another app");

export interface Forgery {
  readonly recipient: TokenRecipient;
  readonly keys: SigningKeys;
  /** Epoch milliseconds. */
  readonly now: number;
  /** What a right token claims. */
  readonly claimsFor: (recipient: TokenRecipient, now: number) => ValidationClaims;
}

/** A token that is right but for one thing. */
export async function forgeToken(
  how: Exclude<TokenTampering, "tokens-stripped">,
  { recipient, keys, now, claimsFor }: Forgery,
): Promise<string> {
  const claims = claimsFor(recipient, now);
  const lifetimeMs = VALIDATION_TOKEN_LIFETIME_S * 1000;
  switch (how) {
    case "token-signature":
      return spoilSignature(await keys.sign(claims, now));
    case "token-foreign-key":
      return signAsStranger({ typ: "JWT", alg: "RS256", kid: keys.keyIdAt(now) }, claims);
    case "token-unknown-key":
      return signAsStranger({ typ: "JWT", alg: "RS256", kid: "a-key-of-a-stranger" }, claims);
    case "token-unsigned":
      return `${encodeJwt({ typ: "JWT", alg: "none" }, claims)}.`;
    case "token-audience":
      return keys.sign({ ...claims, aud: OTHER_APP }, now);
    case "token-tenant":
      return keys.sign(claimsFor({ ...recipient, tenantId: OTHER_TENANT }, now), now);
    case "token-issuer":
      return keys.sign({ ...claims, iss: `https://login.example/${recipient.tenantId}/` }, now);
    case "token-publisher":
      return keys.sign({ ...claims, [claims["ver"] === "2.0" ? "azp" : "appid"]: OTHER_APP }, now);
    case "token-expired":
      return keys.sign(claimsFor(recipient, now - 2 * lifetimeMs), now);
    case "token-not-yet-valid":
      return keys.sign(claimsFor(recipient, now + lifetimeMs), now);
  }
}

function spoilSignature(token: string): string {
  const jwt = decodeJwt(token);
  if (!jwt) throw new TypeError("Expected a signed token");
  const signature = Buffer.from(jwt.signature, "base64url");
  signature.writeUInt8(signature.readUInt8(0) ^ 1, 0);
  return `${jwt.signed}.${signature.toString("base64url")}`;
}
