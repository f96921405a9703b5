import { CredentialError } from "../core/errors.ts";
import { isGuid } from "../core/guid.ts";
import { isJsonObject } from "../core/json.ts";
import type { AccessToken, Credential, SignedIn, TokenCredential } from "../core/ports/credential.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Secret } from "../core/secret.ts";

/** A token this close to its end is not used any more. */
const EXPIRY_MARGIN_MS = 5 * 60_000;

/** For whom: without a tenant, the one that the credential knows to be its own. */
export type TokenHolder = Partial<{ [Key in keyof SignedIn]: SignedIn[Key] | undefined }>;

interface KeptToken {
  readonly token: Secret;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Access tokens of a credential, kept until shortly before they expire; one request at a time for each holder. */
export class AccessTokens {
  readonly #credential: Credential;
  readonly #scope: string;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Promise<KeptToken>>();
  readonly #appIds = new Map<string, string>();

  constructor(credential: Credential, scope: string, clock: Clock) {
    this.#credential = credential;
    this.#scope = scope;
    this.#clock = clock;
  }

  /** @throws CredentialError */
  async get(holder: TokenHolder = {}): Promise<string> {
    const key = keyOf(holder);
    const kept = this.#tokens.get(key);
    if (kept !== undefined) {
      const token = await kept.catch(() => undefined);
      if (token !== undefined && token.expiresAt - EXPIRY_MARGIN_MS > this.#clock.now())
        return token.token.reveal();
      // Another caller may have asked for a new one meanwhile; only the first to find the old one does.
      if (this.#tokens.get(key) === kept) this.#tokens.delete(key);
    }
    const asked = this.#tokens.get(key) ?? this.#request(holder);
    this.#tokens.set(key, asked);
    return (await asked).token.reveal();
  }

  /** Forgets a token that Graph did not accept. */
  drop(holder: TokenHolder = {}): void {
    this.#tokens.delete(keyOf(holder));
  }

  /** The tenant that a credential without a given one signs in to, where its token can be read. @throws CredentialError */
  async knownTenantId(): Promise<string | undefined> {
    return guidClaimOf(await this.get(), "tid");
  }

  /** The same, where it must be known. @throws CredentialError */
  async tenantId(): Promise<string> {
    const tenantId = await this.knownTenantId();
    if (tenantId === undefined) {
      throw new CredentialError(this.#scope, {
        cause: new Error("the token names no tenant: give `tenantId`"),
      });
    }
    return tenantId;
  }

  /**
   * The app that a credential signs in as: whom what Graph sends us is for. It stays the same, so it is known also while
   * the login service is away.
   *
   * @throws CredentialError
   * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#payload-claims
   */
  async appId(holder: TokenHolder): Promise<string> {
    const known = this.#appIds.get(keyOf(holder));
    if (known !== undefined) return known;
    const token = await this.get(holder);
    const appId = guidClaimOf(token, "appid") ?? guidClaimOf(token, "azp");
    if (appId === undefined) {
      throw new CredentialError(this.#scope, {
        cause: new Error("the token names no app: give `clientId`"),
      });
    }
    this.#appIds.set(keyOf(holder), appId);
    return appId;
  }

  async #request(holder: TokenHolder): Promise<KeptToken> {
    let token: AccessToken | null | undefined;
    const { tenantId } = holder;
    try {
      token = await this.#credentialOf(holder).getToken(
        this.#scope,
        tenantId === undefined ? {} : { tenantId },
      );
    } catch (cause) {
      throw new CredentialError(this.#scope, { cause });
    }
    if (token === null || token === undefined) throw new CredentialError(this.#scope);
    return { token: new Secret(token.token), expiresAt: token.expiresOnTimestamp };
  }

  #credentialOf({ tenantId, userId }: TokenHolder): TokenCredential {
    if (typeof this.#credential !== "function") return this.#credential;
    if (tenantId === undefined) throw new Error("`credential` is a function: give `tenantId`");
    return this.#credential({ tenantId, ...(userId === undefined ? {} : { userId }) });
  }
}

function keyOf({ tenantId = "", userId = "" }: TokenHolder): string {
  return `${tenantId} ${userId}`;
}

/** Reads a claim of an access token. It is not verified: it was just given to us by the login service. */
function guidClaimOf(token: string, name: "tid" | "appid" | "azp"): string | undefined {
  const [, payload = ""] = token.split(".");
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const claim = isJsonObject(claims) ? claims[name] : undefined;
    return typeof claim === "string" && isGuid(claim) ? claim.toLowerCase() : undefined;
  } catch {
    // An opaque token: it names nothing that we could read.
    return undefined;
  }
}
