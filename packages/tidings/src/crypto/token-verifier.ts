import { compactVerify, decodeProtectedHeader } from "jose";
import { isJsonObject, sanitizeJson, type JsonObject } from "../core/json.ts";
import type { TokenVerifier } from "../core/ports/token-verifier.ts";
import type { Trust } from "../core/trust.ts";
import { sha256 } from "./hash.ts";
import type { KeyDocumentOptions } from "./key-document.ts";
import { SigningKeys, type KnownKey } from "./signing-keys.ts";

export interface TokenVerifierOptions extends Pick<KeyDocumentOptions, "clock"> {
  readonly trust: Pick<Trust, "keysUrls" | "v2Issuer">;
  /** @default the platform's */
  readonly fetch?: KeyDocumentOptions["fetch"] | undefined;
}

/** Microsoft's have some 1,500 characters. */
const MAX_TOKEN_LENGTH = 16 * 1024;

/** The one algorithm the login service signs with. What a token says of it chooses nothing. */
const ALGORITHM = "RS256";

/** Tokens whose signature was proved are remembered, up to as many: one comes with many deliveries. */
const MAX_PROVED = 1_000;

const COMPACT_JWS = /^[\w-]+\.[\w-]+\.([\w-]+)$/;

/**
 * Checks signatures with the keys that the authorities publish, and with no others: a key, or the address of one, that
 * stands in a token is not looked at.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { trust, clock, fetch = globalThis.fetch } = options;
  const keys = new SigningKeys(trust.keysUrls, { clock, fetch });
  const proved = new Map<string, JsonObject>();
  return {
    async verify(token, receivedAt) {
      const keyId = keyIdOf(token);
      if (keyId === undefined) return undefined;
      const key = await keys.find(keyId, receivedAt);
      if (key === undefined) return undefined;
      const hash = sha256(token);
      const claims = proved.get(hash) ?? (await readClaims(token, key));
      if (claims === undefined || !maySignFor(key, claims, trust.v2Issuer)) return undefined;
      if (proved.size >= MAX_PROVED) proved.clear();
      proved.set(hash, claims);
      return claims;
    },
  };
}

/** @returns undefined when no key could make it a token of Microsoft's */
function keyIdOf(token: string): string | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  const [, signature] = COMPACT_JWS.exec(token) ?? [];
  if (signature === undefined || !isCanonical(signature)) return undefined;
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return alg === ALGORITHM && typeof kid === "string" ? kid : undefined;
  } catch {
    return undefined;
  }
}

/** Decoding forgives other spellings of a signature; then one token would be several. */
function isCanonical(base64url: string): boolean {
  return Buffer.from(base64url, "base64url").toString("base64url") === base64url;
}

async function readClaims(token: string, { key }: KnownKey): Promise<JsonObject | undefined> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [ALGORITHM] });
    const claims: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return isJsonObject(claims) && sanitizeJson(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Some keys sign for one tenant only, though the documents of all tenants have them.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signing-key-issuer
 */
function maySignFor({ issuers }: KnownKey, { tid }: JsonObject, v2Issuer: string): boolean {
  if (issuers.length === 0) return true;
  if (typeof tid !== "string") return false;
  const wanted = v2Issuer.replace("{tid}", () => tid).toLowerCase();
  return issuers.some((issuer) => issuer.replace("{tenantid}", () => tid).toLowerCase() === wanted);
}
