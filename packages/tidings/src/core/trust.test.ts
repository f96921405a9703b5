import { expect, it } from "vitest";

import { GLOBAL_CLOUD } from "./cloud.ts";
import { trustOf } from "./trust.ts";

// https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
it("keys are those of all tenants, for tokens of both versions", () => {
  expect(trustOf(GLOBAL_CLOUD)).toEqual({
    v1Issuer: "https://sts.windows.net/{tid}/",
    v2Issuer: "https://login.microsoftonline.com/{tid}/v2.0",
    publisherAppId: "0bf30f3b-4a52-48df-9a82-234910c4a086",
    keysUrls: [
      "https://login.microsoftonline.com/common/discovery/keys",
      "https://login.microsoftonline.com/common/discovery/v2.0/keys",
    ],
  });
});
