import { issueClientState } from "../../packages/tidings/src/core/client-state.ts";
import { createKeyring } from "../../packages/tidings/src/crypto/keyring.ts";
import type { Subscribed } from "./notification.ts";

const TENANT = "9d2f7c7e-0f5c-4a55-8b0e-5f1f0e7c9a31";
const SUBSCRIPTION_KEY = "b".repeat(22);

/**
 * A subscription as an app with this secret would make it at Graph. Who forwards keeps nothing of it: its client state
 * proves itself.
 */
export function subscribedWith(secret: string, url: string): Subscribed {
  const identity = { subscriptionKey: SUBSCRIPTION_KEY, tenantId: TENANT };
  return {
    resource: "users",
    url,
    subscriptionId: "5f7c1d9e-3a0b-4d1e-8c64-0d9a3a2f6b10",
    clientState: issueClientState(createKeyring([secret]), identity),
    tenantId: TENANT,
  };
}
