import type { Cloud } from "./cloud.ts";

/** Whose word is taken for a notification with resource data. */
export interface Trust extends Pick<Cloud, "v1Issuer" | "v2Issuer" | "publisherAppId"> {
  /** Where the keys are published that sign validation tokens, of either version. */
  readonly keysUrls: readonly string[];
}

/**
 * The keys are those of all tenants: which one a token is for, its claims say.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
 */
export function trustOf({ loginRoot, v1Issuer, v2Issuer, publisherAppId }: Cloud): Trust {
  return {
    v1Issuer,
    v2Issuer,
    publisherAppId,
    keysUrls: [`${loginRoot}/common/discovery/keys`, `${loginRoot}/common/discovery/v2.0/keys`],
  };
}
