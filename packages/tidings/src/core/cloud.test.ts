import { expect, it } from "vitest";

import { GLOBAL_CLOUD } from "./cloud.ts";

// https://learn.microsoft.com/graph/deployments
// https://learn.microsoft.com/graph/change-notifications-with-resource-data#validate-the-authenticity-of-notifications
it("the global cloud is where Microsoft documents it", () => {
  expect(GLOBAL_CLOUD).toEqual({
    graphRoot: "https://graph.microsoft.com",
    version: "v1.0",
    loginRoot: "https://login.microsoftonline.com",
    v1Issuer: "https://sts.windows.net/{tid}/",
    v2Issuer: "https://login.microsoftonline.com/{tid}/v2.0",
    publisherAppId: "0bf30f3b-4a52-48df-9a82-234910c4a086",
  });
});
