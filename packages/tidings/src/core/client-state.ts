import type { Keyring } from "./ports/keyring.ts";
import { signName, verifyName, type SignedNameForm } from "./signed-name.ts";

const FORM: SignedNameForm = { purpose: "client state", partCount: 1 };

/**
 * The secret Graph echoes in every notification: `v1.<keyId>.<subscriptionKey>.<mac>`, 78 characters of the 128
 * that Graph allows. It is ours alone to make, so a notification can be believed before anything is written and
 * before Graph's subscription id is known. The MAC covers the tenant: a client state that leaks from one tenant
 * forges nothing in another.
 *
 * @see https://learn.microsoft.com/graph/api/resources/subscription#properties
 */
export function issueClientState(
  keyring: Keyring,
  { subscriptionKey, tenantId }: { subscriptionKey: string; tenantId: string },
): string {
  return signName(FORM, keyring, { parts: [subscriptionKey], context: [tenantId] });
}

/** @returns the subscription key, or undefined for anything we did not issue for this tenant */
export function verifyClientState(
  keyring: Keyring,
  { clientState, tenantId }: { clientState: string | undefined; tenantId: string },
): string | undefined {
  if (clientState === undefined) return undefined;
  return verifyName(FORM, keyring, { text: clientState, context: [tenantId] })?.[0];
}
