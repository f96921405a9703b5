import { setTimeout as sleep } from "node:timers/promises";
import { issueClientState } from "../../src/core/client-state.ts";
import type { Keyring } from "../../src/core/ports/keyring.ts";

export const TENANT_ID = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
export const SECRET = "a-secret-of-at-least-thirty-two-characters";

export interface ItemOptions {
  readonly keyring: Keyring;
  readonly subscriptionKey: string;
}

/** A basic notification of one user, as Graph sends it. */
export function userItem(
  n: number,
  { keyring, subscriptionKey }: ItemOptions,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
  return {
    id: `notification-${n}`,
    subscriptionId: "76222963-cc7b-42d2-882d-8aaa69cb2ba3",
    subscriptionExpirationDateTime: "2026-12-01T00:00:00.0000000Z",
    changeType: "updated",
    resource: `Users/${id}`,
    tenantId: TENANT_ID,
    clientState: issueClientState(keyring, { subscriptionKey, tenantId: TENANT_ID }),
    resourceData: {
      "@odata.type": "#Microsoft.Graph.User",
      "@odata.id": `Users/${id}`,
      id,
      organizationId: TENANT_ID,
    },
    ...changes,
  };
}

export function delivery(...items: unknown[]): string {
  return JSON.stringify({ value: items });
}

/** A body that stops in the middle for a while, as over a bad line. */
export function slowBody(text: string, ms: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return ReadableStream.from(
    (async function* () {
      yield bytes.subarray(0, 10);
      await sleep(ms);
      yield bytes.subarray(10);
    })(),
  );
}
