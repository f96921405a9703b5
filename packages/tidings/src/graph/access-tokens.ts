import { CredentialError } from "../core/errors.ts";
import { isGuid } from "../core/guid.ts";
import type { AccessToken, Credential } from "../core/ports/credential.ts";
import type { Clock } from "../core/ports/clock.ts";

/** A token this close to its end is not used any more. */
const EXPIRY_MARGIN_MS = 5 * 60_000;
/** Key of the token of a credential that knows its own tenant. */
const OWN_TENANT = "";

/** Access tokens of a credential, kept until shortly before they expire; one request at a time for each tenant. */
export class AccessTokens {
  readonly #credential: Credential;
  readonly #scope: string;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Promise<AccessToken>>();

  constructor(credential: Credential, scope: string, clock: Clock) {
    this.#credential = credential;
    this.#scope = scope;
    this.#clock = clock;
  }

  /** @throws CredentialError */
  async get(tenantId: string = OWN_TENANT): Promise<string> {
    const kept = this.#tokens.get(tenantId);
    if (kept !== undefined) {
      const token = await kept.catch(() => undefined);
      if (token !== undefined && token.expiresOnTimestamp - EXPIRY_MARGIN_MS > this.#clock.now())
        return token.token;
      // Another caller may have asked for a new one meanwhile; only the first to find the old one does.
      if (this.#tokens.get(tenantId) === kept) this.#tokens.delete(tenantId);
    }
    const asked = this.#tokens.get(tenantId) ?? this.#request(tenantId);
    this.#tokens.set(tenantId, asked);
    return (await asked).token;
  }

  /** Forgets a token that Graph did not accept. */
  drop(tenantId: string = OWN_TENANT): void {
    this.#tokens.delete(tenantId);
  }

  /** The tenant that a credential without a given one signs in to, where its token can be read. @throws CredentialError */
  async knownTenantId(): Promise<string | undefined> {
    return tenantOf(await this.get());
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

  async #request(tenantId: string): Promise<AccessToken> {
    let token: AccessToken | null | undefined;
    if (typeof this.#credential === "function" && tenantId === OWN_TENANT) {
      throw new CredentialError(this.#scope, {
        cause: new Error("`credential` is a function: give `tenantId`"),
      });
    }
    try {
      const credential =
        typeof this.#credential === "function" ? this.#credential({ tenantId }) : this.#credential;
      token = await credential.getToken(this.#scope, tenantId === OWN_TENANT ? {} : { tenantId });
    } catch (cause) {
      throw new CredentialError(this.#scope, { cause });
    }
    if (token === null || token === undefined) throw new CredentialError(this.#scope);
    return token;
  }
}

/** Reads `tid` of an access token. It is not verified: it was just given to us by the login service. */
function tenantOf(token: string): string | undefined {
  const [, payload = ""] = token.split(".");
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const tid = typeof claims === "object" && claims !== null && "tid" in claims ? claims.tid : undefined;
    return typeof tid === "string" && isGuid(tid) ? tid.toLowerCase() : undefined;
  } catch {
    // An opaque token: it names no tenant that we could read.
    return undefined;
  }
}
