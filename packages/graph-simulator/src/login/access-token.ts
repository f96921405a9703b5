import { createSign, createVerify, generateKeyPair, randomUUID, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

import { isJsonObject, parseJson, textOf, type JsonObject } from "../http/json.ts";
import { servicePrincipalId, type AppRegistration, type Caller, type Tenant } from "../tenancy.ts";

/** Life of an access token: an hour, less the second Entra takes off. */
export const ACCESS_TOKEN_LIFETIME_S = 3599;

/**
 * The key of all simulators of a process, made on first use: making one takes longer than all the rest of a start.
 * They tell their tokens apart by the key id.
 */
let sharedKeys: Promise<KeyPair> | undefined;

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface IssueRequest {
  readonly tenant: Tenant;
  readonly app: AppRegistration;
  /** The API the token is for. */
  readonly audience: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What a token is worth at Graph. */
export type TokenVerdict =
  | { readonly kind: "valid"; readonly caller: Caller; readonly audience: string }
  | { readonly kind: "malformed" }
  | { readonly kind: "forged" }
  | { readonly kind: "expired" };

/**
 * Issues access tokens, and knows its own again.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export class AccessTokens {
  readonly #keyId: string = randomUUID();
  readonly #issuerRoot: string;

  /** @param issuerRoot what the issuer begins with, before the tenant id */
  constructor(issuerRoot: string) {
    this.#issuerRoot = issuerRoot;
  }

  /** A version 1.0 app-only token, as Graph's are. */
  async issue({ tenant, app, audience, now }: IssueRequest): Promise<string> {
    const { privateKey } = await keyPair();
    const issuedAt = Math.floor(now / 1000);
    const objectId = servicePrincipalId(app.clientId, tenant.id);
    const issuer = `${this.#issuerRoot}${tenant.id}/`;
    const head = encode({ typ: "JWT", alg: "RS256", kid: this.#keyId });
    const claims = encode({
      aud: audience,
      iss: issuer,
      iat: issuedAt,
      nbf: issuedAt,
      exp: issuedAt + ACCESS_TOKEN_LIFETIME_S,
      app_displayname: app.displayName,
      appid: app.clientId,
      appidacr: "1",
      idp: issuer,
      idtyp: "app",
      oid: objectId,
      roles: app.roles,
      sub: objectId,
      tid: tenant.id,
      ver: "1.0",
    });
    const signature = createSign("RSA-SHA256").update(`${head}.${claims}`).sign(privateKey, "base64url");
    return `${head}.${claims}.${signature}`;
  }

  /** @param now epoch milliseconds */
  async verify(token: string, now: number): Promise<TokenVerdict> {
    const [head = "", claims = "", signature = "", ...rest] = token.split(".");
    if (signature === "" || rest.length > 0) return { kind: "malformed" };
    const { publicKey } = await keyPair();
    const isOurs = createVerify("RSA-SHA256")
      .update(`${head}.${claims}`)
      .verify(publicKey, signature, "base64url");
    if (!isOurs || decode(head)["kid"] !== this.#keyId) return { kind: "forged" };
    const payload = decode(claims);
    const expiresAt = payload["exp"];
    if (typeof expiresAt !== "number" || expiresAt * 1000 <= now) return { kind: "expired" };
    return {
      kind: "valid",
      audience: textOf(payload, "aud") ?? "",
      caller: {
        tenantId: textOf(payload, "tid") ?? "",
        applicationId: textOf(payload, "appid") ?? "",
        objectId: textOf(payload, "oid") ?? "",
      },
    };
  }
}

function keyPair(): Promise<KeyPair> {
  sharedKeys ??= promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return sharedKeys;
}

function decode(part: string): JsonObject {
  const value = parseJson(Buffer.from(part, "base64url").toString("utf8"));
  return isJsonObject(value) ? value : {};
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
