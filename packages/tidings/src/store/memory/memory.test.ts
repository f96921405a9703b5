import { describe, it } from "vitest";
import { storeConformance } from "../../testing/store-conformance.ts";
import { memory } from "./memory.ts";

describe("memory()", () => {
  // What is in memory goes with the process: the declared difference of this store.
  it.each(storeConformance.filter(({ isDurable }) => isDurable !== true))("$name", async (storeCase) => {
    await storeCase.run({ empty: async () => memory().open(), reopen: async (store) => store });
  });
});
