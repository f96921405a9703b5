import assert from "node:assert/strict";
import { done, inboxOf, itemOf, storeWith, type StoreCase, settle } from "./bench.ts";

export const sweepingCases: readonly StoreCase[] = [
  {
    name: "forgets old identities, up to the limit, and accepts their duplicates again",
    async run(bench) {
      const store = await bench.empty();
      const items = [10, 20, 30].map((at) => itemOf("1", { identity: `i${at}`, receivedAt: at }));
      await store.append(items);
      assert.equal(await store.sweep({ seenBefore: 30, historyBefore: 0, limit: 1 }), 1);
      assert.deepEqual(await store.append(items), { storedCount: 1, duplicateCount: 2 });
      assert.equal(await store.sweep({ seenBefore: 30, historyBefore: 0, limit: 9 }), 2);
      assert.equal(await store.sweep({ seenBefore: 30, historyBefore: 0, limit: 9 }), 0);
      assert.deepEqual(await store.append(items), { storedCount: 2, duplicateCount: 1 });
      assert.deepEqual(await store.counts(), { waiting: 6, dead: 0 });
    },
  },
  {
    name: "forgets old finished rows, up to the limit, which is one for all",
    async run(bench) {
      const store = await bench.empty();
      await store.append([10, 20, 30].map((at) => itemOf(`${at}`, { identity: `i${at}`, receivedAt: at })));
      const rows = await inboxOf(store);
      await settle(
        store,
        rows.map((row) => done(row, row.receivedAt)),
        { keepHistory: true },
      );
      assert.equal(await store.sweep({ seenBefore: 20, historyBefore: 30, limit: 2 }), 2);
      assert.equal((await store.replay({ runId: "run", limit: 9 })).count, 2);
      assert.equal(await store.sweep({ seenBefore: 20, historyBefore: 30, limit: 2 }), 1);
      assert.equal(await store.sweep({ seenBefore: 20, historyBefore: 30, limit: 2 }), 0);
      assert.equal((await store.replay({ runId: "run", limit: 9 })).count, 1);
    },
  },
  {
    name: "counts the age of a finished row from when it was first finished, not from a replay",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1");
      const options = { keepHistory: true };
      await settle(
        store,
        rows.map((row) => done(row, 10)),
        options,
      );
      await store.replay({ runId: "run", limit: 9 });
      await settle(
        store,
        (await inboxOf(store)).map((row) => done(row, 50)),
        options,
      );
      assert.equal(await store.sweep({ seenBefore: 0, historyBefore: 20, limit: 9 }), 1);
      assert.equal((await store.replay({ runId: "again", limit: 9 })).count, 0);
    },
  },
];
