import assert from "node:assert/strict";
import type { StoreCase } from "./bench.ts";

export const noteCases: readonly StoreCase[] = [
  {
    name: "keeps notes by kind and key, the latest value of each, in the order of their keys",
    async run(bench) {
      const store = await bench.empty();
      await store.putNote({ kind: "tenant", key: "b", value: "1" });
      await store.putNote({ kind: "tenant", key: "a", value: "" });
      await store.putNote({ kind: "audit", key: "a", value: "2" });
      await store.putNote({ kind: "tenant", key: "b", value: '{"a":"é"}' });
      assert.deepEqual(await store.listNotes("tenant"), [
        { kind: "tenant", key: "a", value: "" },
        { kind: "tenant", key: "b", value: '{"a":"é"}' },
      ]);
      assert.deepEqual(await store.listNotes("audit"), [{ kind: "audit", key: "a", value: "2" }]);
      assert.deepEqual(await store.listNotes("ceiling"), []);
    },
  },
  {
    name: "deletes a note, and nothing where there is none",
    async run(bench) {
      const store = await bench.empty();
      await store.putNote({ kind: "declared", key: "a", value: "1" });
      await store.putNote({ kind: "ceiling", key: "a", value: "2" });
      await store.deleteNote({ kind: "declared", key: "a" });
      await store.deleteNote({ kind: "declared", key: "a" });
      assert.deepEqual(await store.listNotes("declared"), []);
      assert.equal((await store.listNotes("ceiling")).length, 1);
    },
  },
  {
    name: "has notes again after a restart",
    isDurable: true,
    async run(bench) {
      const before = await bench.empty();
      const note = { kind: "tenant", key: "a", value: "1" } as const;
      await before.putNote(note);
      const after = await bench.reopen(before);
      assert.deepEqual(await after.listNotes("tenant"), [note]);
    },
  },
];
