import { isGuid } from "./guid.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Trust } from "./trust.ts";

/** How far the clocks of the login service and of this machine may be apart. */
const TOLERANCE_MS = 5 * 60_000;

export interface ValidationTokenTerms {
  /** Ids of our app registrations: whom a token may be for. */
  readonly clientIds: readonly string[];
  /** The tenant of the item that the token is to prove. */
  readonly tenantId: string;
  /** When the token came, epoch milliseconds: it may be over by now if the item had to wait. */
  readonly receivedAt: number;
  readonly trust: Trust;
}

/**
 * Whether the claims of a token, whose signature is proved, prove that Graph sent an item of this tenant to us.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#validate-the-authenticity-of-notifications
 */
export function judgeValidationToken(claims: JsonObject, terms: ValidationTokenTerms): boolean {
  const { clientIds, tenantId, receivedAt, trust } = terms;
  return (
    isTimely(claims, receivedAt) &&
    audienceOf(claims).some((audience) => clientIds.some((id) => isSameGuid(audience, id))) &&
    isSameGuid(claims["tid"], tenantId) &&
    isOfPublisher(claims, tenantId, trust)
  );
}

function isTimely({ nbf, exp }: JsonObject, receivedAt: number): boolean {
  return (
    typeof nbf === "number" &&
    typeof exp === "number" &&
    nbf * 1000 - TOLERANCE_MS <= receivedAt &&
    receivedAt < exp * 1000 + TOLERANCE_MS
  );
}

/**
 * The version of a token says which claim has the app that asked for it, and the form of its issuer.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#payload-claims
 */
function isOfPublisher(claims: JsonObject, tenantId: string, trust: Trust): boolean {
  const { ver, appid, azp } = claims;
  if (ver === "1.0") {
    return isSameGuid(appid, trust.publisherAppId) && isIssuer(claims, trust.v1Issuer, tenantId);
  }
  return ver === "2.0" && isSameGuid(azp, trust.publisherAppId) && isIssuer(claims, trust.v2Issuer, tenantId);
}

function isIssuer({ iss }: JsonObject, template: string, tenantId: string): boolean {
  return typeof iss === "string" && iss.toLowerCase() === template.replace("{tid}", tenantId).toLowerCase();
}

function audienceOf({ aud }: JsonObject): readonly Json[] {
  return aud === undefined ? [] : [aud].flat();
}

function isSameGuid(claim: Json | undefined, guid: string): boolean {
  return typeof claim === "string" && isGuid(claim) && claim.toLowerCase() === guid.toLowerCase();
}
