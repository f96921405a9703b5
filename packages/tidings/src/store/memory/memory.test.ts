import { describe, it } from "vitest";
import { storeConformance } from "../../testing/store-conformance.ts";
import { memory } from "./memory.ts";

describe("memory()", () => {
  // What is in memory goes with the process: the declared difference of this store.
  for (const { name, run } of storeConformance.filter(({ isDurable }) => isDurable !== true)) {
    it(name, async () => {
      await run({ empty: async () => memory().open(), reopen: async (store) => store });
    });
  }
});
