import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";

import { issueClientState, verifyClientState } from "./client-state.ts";
import { subscriptionUrls } from "./mark.ts";
import type { Keyring } from "./ports/keyring.ts";

const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const OTHER_TENANT = "11111111-1111-4111-8111-111111111111";
const KEY = "AbCdEfGhIjKlMnOpQrStUv";

function keyringOf(keyId: string): Keyring {
  const mac = (message: string): string => hash("sha256", `${keyId}\0${message}`, "base64url");
  return {
    signingKeyId: keyId,
    sign: mac,
    verify: (id, message, given) => id === keyId && mac(message) === given,
  };
}

const keyring = keyringOf("keyid-01");
const clientState = issueClientState(keyring, { subscriptionKey: KEY, tenantId: TENANT });

describe("a client state", () => {
  // https://learn.microsoft.com/graph/api/resources/subscription#properties
  it("has 78 of the 128 characters Graph allows", () => {
    expect(clientState).toMatch(/^v1\.keyid-01\.AbCdEfGhIjKlMnOpQrStUv\.[\w-]{43}$/);
    expect(clientState).toHaveLength(78);
  });

  it("tells the subscription key to whoever issued it", () => {
    expect(verifyClientState(keyring, { clientState, tenantId: TENANT })).toBe(KEY);
  });

  it("tells neither key nor secret of the tenant it is for", () => {
    expect(clientState).not.toContain(TENANT);
  });

  it.each([
    { name: "none", given: undefined },
    { name: "an empty one", given: "" },
    { name: "a guess", given: "secretClientValue" },
    {
      name: "another key's",
      given: issueClientState(keyringOf("keyid-02"), { subscriptionKey: KEY, tenantId: TENANT }),
    },
    {
      name: "another tenant's",
      given: issueClientState(keyring, { subscriptionKey: KEY, tenantId: OTHER_TENANT }),
    },
    { name: "another subscription's MAC", given: clientState.replace(KEY, KEY.toLowerCase()) },
    { name: "one cut short", given: clientState.slice(0, -1) },
    {
      name: "a mark, which Graph shows to all of the app",
      given: subscriptionUrls(keyring, "https://a.example", { app: "a", subscriptionKey: KEY })
        .notificationUrl.split("/")
        .at(-1),
    },
  ])("is not believed: $name", ({ given }) => {
    expect(verifyClientState(keyring, { clientState: given, tenantId: TENANT })).toBeUndefined();
  });

  it("is not believed of a notification from another tenant", () => {
    expect(verifyClientState(keyring, { clientState, tenantId: OTHER_TENANT })).toBeUndefined();
  });
});
