import assert from "node:assert/strict";
import { inboxOf, itemOf, lettersOf, retry, settle, usersOf, type StoreCase } from "./bench.ts";

const GONE = { declaration: "gone" };

export const undeclaredCases: readonly StoreCase[] = [
  {
    name: "lists what waits for other declarations than those named, by name",
    async run(bench) {
      const store = await bench.empty();
      assert.deepEqual(await store.listUndeclared([]), []);
      await store.append([
        itemOf("1", { declaration: "mail", receivedAt: 30 }),
        itemOf("2"),
        itemOf("3", { declaration: "calls", receivedAt: 20 }),
        itemOf("4", { declaration: "mail", receivedAt: 10 }),
        itemOf("5", { declaration: "" }),
      ]);
      assert.deepEqual(await store.listUndeclared(["", "users", "unknown"]), [
        { declaration: "calls", waiting: 1, oldestAt: 20 },
        { declaration: "mail", waiting: 2, oldestAt: 10 },
      ]);
      assert.deepEqual(await store.listUndeclared(["", "users", "calls", "mail"]), []);
      assert.equal((await store.listUndeclared([])).length, 4);
    },
  },
  {
    name: "buries what was received before, of one declaration, step by step in the order of acceptance",
    async run(bench) {
      const store = await bench.empty();
      await store.append([
        itemOf("1", { ...GONE, receivedAt: 10 }),
        itemOf("2", { receivedAt: 10 }),
        itemOf("3", { ...GONE, receivedAt: 10 }),
        itemOf("4", { ...GONE, receivedAt: 20 }),
        itemOf("5", { ...GONE, receivedAt: 10 }),
      ]);
      const query = { ...GONE, receivedBefore: 20, endedAt: 99, error: "Error: gone", limit: 2 };
      const [, , third, last] = await inboxOf(store, "gone");
      const first = await store.bury(query);
      assert.equal(first.count, 2);
      const letters = await lettersOf(store);
      assert.deepEqual(usersOf(letters), ["1", "3"]);
      assert.deepEqual(
        letters.map(({ failures, diedAt, error }) => ({ failures, diedAt, error })),
        letters.map(() => ({ failures: 0, diedAt: 99, error: "Error: gone" })),
      );
      await store.append([itemOf("6", { ...GONE, receivedAt: 10 })]);
      const second = await store.bury({ ...query, ...first.next, limit: 1 });
      assert.deepEqual(second, { count: 0, next: { after: third?.seq, upTo: last?.seq } });
      const rest = await store.bury({ ...query, ...second.next });
      assert.deepEqual(rest, { count: 1, next: undefined });
      assert.deepEqual(await store.counts(), { waiting: 3, dead: 3 });
      assert.equal((await store.redrive({ ...GONE, limit: 9 })).count, 3);
      assert.deepEqual(usersOf(await inboxOf(store, "gone")), ["4", "6", "1", "3", "5"]);
    },
  },
  {
    name: "parks a lane no more whose time was before, so that what is left of it is found by a scan",
    async run(bench) {
      const store = await bench.empty();
      await store.append([
        itemOf("1", { ...GONE, receivedAt: 10 }),
        itemOf("1", { ...GONE, receivedAt: 20 }),
        itemOf("2", { ...GONE, receivedAt: 20 }),
        itemOf("2", { receivedAt: 10 }),
      ]);
      const [first, , second] = await inboxOf(store, "gone");
      const [other] = await inboxOf(store);
      assert.ok(first && second && other);
      await settle(store, [retry(first, 19), retry(second, 20), retry(other, 19)]);
      await store.bury({ ...GONE, receivedBefore: 20, endedAt: 99, error: "Error: gone", limit: 9 });
      assert.equal(await store.nextLaneAt(["gone"]), 20);
      assert.equal(await store.nextLaneAt(["users"]), 19);
      assert.deepEqual(usersOf(await inboxOf(store, "gone")), ["1"]);
      const [letter] = await lettersOf(store);
      assert.equal(letter?.failures, 1);
    },
  },
];
