import assert from "node:assert/strict";
import { LeaseLostError } from "../../core/errors.ts";
import { dead, done, inboxOf, retry, storeWith, type StoreCase } from "./bench.ts";

export const leasingCases: readonly StoreCase[] = [
  {
    name: "gives a lease again, with a later epoch, after it was released",
    async run(bench) {
      const store = await bench.empty();
      const first = await store.lease();
      assert.ok(first);
      assert.equal(first.lost.aborted, false);
      await store.release(first);
      const second = await store.lease();
      assert.ok(second);
      assert.ok(second.epoch > first.epoch);
      assert.equal(second.lost.aborted, false);
    },
  },
  {
    name: "writes no outcome of an earlier lease, and says so",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "done", "retry", "dead");
      const [first, second, third] = rows;
      assert.ok(first && second && third);
      const lost = await store.lease();
      assert.ok(lost);
      await store.release(lost);
      const held = await store.lease();
      assert.ok(held);
      await assert.rejects(store.settle([done(first), retry(second, 1), dead(third)], lost), LeaseLostError);
      assert.deepEqual(await inboxOf(store), rows);
      assert.deepEqual(await store.counts(), { waiting: 3, dead: 0 });
      await store.settle([done(first)], held);
      assert.deepEqual(await store.counts(), { waiting: 2, dead: 0 });
    },
  },
];
