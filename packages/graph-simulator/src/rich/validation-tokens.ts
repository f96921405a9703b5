import type { Cloud } from "../cloud.ts";
import type { SigningKeys } from "../login/signing-keys.ts";
import type { Tenancy } from "../tenancy.ts";
import { forgeToken } from "./forged-token.ts";
import type { TokenTampering } from "./tampering.ts";
import { validationClaims, type TokenRecipient, type ValidationClaims } from "./validation-claims.ts";

/** A token is used again for this long: a storm of deliveries is not slowed by a signature for each. */
const REUSE_MS: number = 60 * 60 * 1000;

export interface ValidationTokensOptions {
  readonly cloud: Cloud;
  readonly keys: SigningKeys;
  readonly tenancy: Tenancy;
}

interface Issued {
  readonly token: string;
  readonly issuedAt: number;
}

/** Makes the `validationTokens` of deliveries with resource data. */
export class ValidationTokens {
  readonly #options: ValidationTokensOptions;
  readonly #issued = new Map<string, Issued>();

  constructor(options: ValidationTokensOptions) {
    this.#options = options;
  }

  /**
   * A token for one app and tenant, or `undefined` when there is none to be had.
   *
   * @param now epoch milliseconds
   */
  async issue(
    recipient: TokenRecipient,
    now: number,
    tampering?: TokenTampering,
  ): Promise<string | undefined> {
    const { keys, tenancy } = this.#options;
    // Without a role assigned to the sender, Entra gives it no token for the app.
    if (tampering === "tokens-stripped" || tenancy.refusesUnassigned(recipient.applicationId)) {
      return undefined;
    }
    const claimsFor = (whom: TokenRecipient, at: number): ValidationClaims => this.#claims(whom, at);
    if (tampering) return forgeToken(tampering, { recipient, keys, now, claimsFor });
    const { tenantId, applicationId, audience } = recipient;
    const key = [tenantId, applicationId, audience, keys.keyIdAt(now)].join("/");
    const known = this.#issued.get(key);
    if (known && now - known.issuedAt < REUSE_MS) return known.token;
    const token = await keys.sign(claimsFor(recipient, now), now);
    this.#issued.set(key, { token, issuedAt: now });
    return token;
  }

  #claims(recipient: TokenRecipient, now: number): ValidationClaims {
    const { cloud, tenancy } = this.#options;
    return validationClaims(recipient, {
      cloud,
      version: tenancy.accessTokenVersionOf(recipient.applicationId),
      now,
    });
  }
}
