import assert from "node:assert/strict";
import type { StoreCase } from "./bench.ts";

export const keepingCases: readonly StoreCase[] = [
  {
    name: "keeps the first value of a name, and names apart",
    async run(bench) {
      const store = await bench.empty();
      assert.equal(await store.keep("secret", "first"), "first");
      assert.equal(await store.keep("secret", "second"), "first");
      assert.equal(await store.keep("app", "third"), "third");
    },
  },
  {
    name: "closes twice without complaint",
    async run(bench) {
      const store = await bench.empty();
      await store.close();
      await store.close();
    },
  },
];
