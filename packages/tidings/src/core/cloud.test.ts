import { expect, it } from "vitest";

import { GLOBAL_CLOUD } from "./cloud.ts";

it("the global cloud is where Microsoft documents it", () => {
  expect(GLOBAL_CLOUD).toEqual({ graphRoot: "https://graph.microsoft.com", version: "v1.0" });
});
