import { textOf, type JsonObject, type JsonValue } from "../http/json.ts";
import {
  servicePrincipalId,
  type AppRegistration,
  type Caller,
  type SignedInUser,
  type Tenant,
} from "../tenancy.ts";
import { decodeJwt } from "./jwt.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** Life of an access token: an hour, less the second Entra takes off. */
export const ACCESS_TOKEN_LIFETIME_S = 3599;

/**
 * The role of a Global Administrator, as the `wids` claim has it.
 *
 * @see https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference#global-administrator
 */
const GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10";

export interface IssueRequest {
  readonly tenant: Tenant;
  readonly app: AppRegistration;
  /** The API the token is for. */
  readonly audience: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Who signed in; without, the app acts for itself. */
  readonly user?: SignedInUser | undefined;
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
  readonly #keys: SigningKeys;
  readonly #issuerRoot: string;
  readonly lifetimeS: number;

  /** @param issuerRoot what the issuer begins with, before the tenant id */
  constructor(issuerRoot: string, keys: SigningKeys, lifetimeS: number) {
    this.#keys = keys;
    this.#issuerRoot = issuerRoot;
    this.lifetimeS = lifetimeS;
  }

  /** A version 1.0 token, as Graph's are. */
  issue({ tenant, app, audience, now, user }: IssueRequest): Promise<string> {
    const issuedAt = Math.floor(now / 1000);
    const issuer = `${this.#issuerRoot}${tenant.id}/`;
    return this.#keys.sign(
      {
        aud: audience,
        iss: issuer,
        iat: issuedAt,
        nbf: issuedAt,
        exp: issuedAt + this.lifetimeS,
        app_displayname: app.displayName,
        appid: app.clientId,
        appidacr: "1",
        idp: issuer,
        ...(user ? delegatedClaims(user) : appOnlyClaims(app, tenant)),
        tid: tenant.id,
        ver: "1.0",
      },
      now,
    );
  }

  /** @param now epoch milliseconds */
  async verify(token: string, now: number): Promise<TokenVerdict> {
    const jwt = decodeJwt(token);
    if (!jwt) return { kind: "malformed" };
    const { claims } = jwt;
    const issuedAt = claims["iat"];
    const expiresAt = claims["exp"];
    if (typeof issuedAt !== "number" || typeof expiresAt !== "number") return { kind: "malformed" };
    // By the keys of its own time: a key that is retired since makes no forgery of what it signed.
    if (!(await this.#keys.verify(jwt, issuedAt * 1000))) return { kind: "forged" };
    if (expiresAt * 1000 <= now) return { kind: "expired" };
    return {
      kind: "valid",
      audience: textOf(claims, "aud") ?? "",
      caller: {
        tenantId: textOf(claims, "tid") ?? "",
        applicationId: textOf(claims, "appid") ?? "",
        objectId: textOf(claims, "oid") ?? "",
        permissions: textsOf(claims["roles"]),
        tokenExpiresAt: expiresAt * 1000,
        ...(claims["idtyp"] === "user" ? { user: readUser(claims) } : {}),
      },
    };
  }
}

function appOnlyClaims(app: AppRegistration, tenant: Tenant): JsonObject {
  const objectId = servicePrincipalId(app.clientId, tenant.id);
  return { idtyp: "app", oid: objectId, roles: [...app.roles], sub: objectId };
}

function delegatedClaims(user: SignedInUser): JsonObject {
  return {
    idtyp: "user",
    oid: user.id,
    scp: user.scopes.join(" "),
    sub: user.id,
    wids: user.isGlobalAdministrator ? [GLOBAL_ADMINISTRATOR] : [],
  };
}

function readUser(claims: JsonObject): SignedInUser {
  return {
    id: textOf(claims, "oid") ?? "",
    scopes: (textOf(claims, "scp") ?? "").split(" "),
    isGlobalAdministrator: textsOf(claims["wids"]).includes(GLOBAL_ADMINISTRATOR),
  };
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
