import type { JsonObject } from "../http/json.ts";
import type { TokenTampering } from "./tampering.ts";
import type { TokenRecipient } from "./validation-claims.ts";
import type { ValidationTokens } from "./validation-tokens.ts";

/** What a notification asks of the delivery it travels in: a token for its app and tenant. */
export interface TokenNeed extends TokenRecipient {
  readonly tampering?: TokenTampering | undefined;
}

/** A notification to be put into a delivery. */
export interface Enclosure {
  /** One item of the `value` array. */
  readonly body: JsonObject;
  /** Only with resource data. */
  readonly tokenNeed?: TokenNeed | undefined;
}

/**
 * The body of a delivery: its items, and one validation token for each app and tenant that gets resource data.
 *
 * @see https://learn.microsoft.com/graph/api/resources/changenotificationcollection
 */
export async function sealDelivery(
  enclosures: readonly Enclosure[],
  tokens: ValidationTokens,
  now: number,
): Promise<JsonObject> {
  const value = enclosures.map((enclosure) => enclosure.body);
  const needs = new Map<string, TokenNeed>();
  for (const { tokenNeed } of enclosures) {
    if (!tokenNeed) continue;
    const key = `${tokenNeed.tenantId}/${tokenNeed.applicationId}/${tokenNeed.audience}`;
    // Neighbours of one app and tenant share a token: when it is tampered with for one of them, it is for all.
    if (!needs.get(key)?.tampering) needs.set(key, tokenNeed);
  }
  if (needs.size === 0) return { value };
  const issued = await Promise.all(
    [...needs.values()].map((need) => tokens.issue(need, now, need.tampering)),
  );
  const validationTokens = issued.filter((token) => token !== undefined);
  return { value, validationTokens: validationTokens.length === 0 ? null : validationTokens };
}
