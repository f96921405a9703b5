import type { Cloud } from "../cloud.ts";
import { servicePrincipalId, type AccessTokenVersion } from "../tenancy.ts";

export const VALIDATION_TOKEN_LIFETIME_S: number = 24 * 60 * 60;

/** Whom a token must convince. */
export interface TokenRecipient {
  readonly tenantId: string;
  /** The app that subscribed. */
  readonly applicationId: string;
  /** The app in whose name the endpoint checks tokens: its own, unless the subscription says another. */
  readonly audience: string;
}

export type ValidationClaims = Readonly<Record<string, string | number>>;

/**
 * The claims of Microsoft's samples, in their order; those that only Microsoft can read are opaque here too.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#validate-the-authenticity-of-notifications
 */
export function validationClaims(
  { tenantId, audience }: TokenRecipient,
  {
    cloud,
    version,
    now,
  }: { readonly cloud: Cloud; readonly version: AccessTokenVersion; readonly now: number },
): ValidationClaims {
  const issuedAt = Math.floor(now / 1000);
  const times = { iat: issuedAt, nbf: issuedAt, exp: issuedAt + VALIDATION_TOKEN_LIFETIME_S };
  const opaque = Buffer.from(`${tenantId}${audience}`).toString("base64url");
  if (version === 2) {
    const objectId = servicePrincipalId(cloud.changeTrackingAppId, tenantId);
    return {
      aud: audience,
      iss: `${cloud.loginRoot}/${tenantId}/v2.0`,
      ...times,
      aio: opaque,
      azp: cloud.changeTrackingAppId,
      azpacr: "2",
      oid: objectId,
      rh: opaque,
      sub: objectId,
      tid: tenantId,
      uti: opaque.slice(0, 22),
      ver: "2.0",
    };
  }
  const issuer = `${cloud.issuerRoot}${tenantId}/`;
  return {
    aud: audience,
    iss: issuer,
    ...times,
    aio: opaque,
    appid: cloud.changeTrackingAppId,
    appidacr: "2",
    idp: issuer,
    tid: tenantId,
    uti: opaque.slice(0, 22),
    ver: "1.0",
  };
}
