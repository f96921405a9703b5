import assert from "node:assert/strict";
import type { Store } from "../../core/ports/store.ts";
import {
  DECLARATION,
  LAST_SEQ,
  dead,
  done,
  inboxOf,
  itemOf,
  storeWith,
  usersOf,
  type StoreCase,
  settle,
} from "./bench.ts";

export const appendingCases: readonly StoreCase[] = [
  {
    name: "gives back an appended item whole",
    async run(bench) {
      const store = await bench.empty();
      const given = itemOf("1", { identity: "identity", source: "event-hub" });
      assert.deepEqual(await store.append([given]), { storedCount: 1, duplicateCount: 0 });
      const [row] = await inboxOf(store);
      assert.ok(row);
      const { seq, ...rest } = row;
      assert.deepEqual(rest, { ...given, originSeq: seq, failures: 0, comeback: undefined });
    },
  },
  {
    name: "takes any text for what it is",
    async run(bench) {
      const store = await bench.empty();
      const text = "quote ' \" percent % underscore _ null \0 emoji \u{1F600} end";
      const given = itemOf("1", {
        lane: `users key ${text}`,
        identity: text,
        body: { raw: { text }, params: {} },
      });
      await store.append([given]);
      const [row] = await store.loadLane({
        declaration: DECLARATION,
        lane: given.lane,
        after: 0,
        upTo: LAST_SEQ,
        limit: 9,
      });
      assert.ok(row);
      assert.deepEqual([row.lane, row.identity, row.body], [given.lane, given.identity, given.body]);
      assert.deepEqual(await store.append([given]), { storedCount: 0, duplicateCount: 1 });
    },
  },
  {
    name: "drops a second item of one identity, in another append and in the same",
    async run(bench) {
      const store = await bench.empty();
      const twin = itemOf("1", { identity: "same" });
      assert.deepEqual(await store.append([twin, twin]), { storedCount: 1, duplicateCount: 1 });
      assert.deepEqual(await store.append([twin]), { storedCount: 0, duplicateCount: 1 });
      assert.deepEqual(await store.counts(), { waiting: 1, dead: 0 });
    },
  },
  {
    name: "stores one of many copies that come at once",
    async run(bench) {
      const store = await bench.empty();
      const twin = itemOf("1", { identity: "same" });
      const results = await Promise.all(Array.from({ length: 20 }, async () => store.append([twin])));
      assert.equal(results.filter(({ storedCount }) => storedCount === 1).length, 1);
      assert.deepEqual(await store.counts(), { waiting: 1, dead: 0 });
    },
  },
  {
    name: "stores what is new of an append and drops the rest",
    async run(bench) {
      const store = await bench.empty();
      const old = itemOf("old", { identity: "old" });
      await store.append([old]);
      const result = await store.append([itemOf("a", { identity: "a" }), old, itemOf("b")]);
      assert.deepEqual(result, { storedCount: 2, duplicateCount: 1 });
      assert.deepEqual(usersOf(await inboxOf(store)), ["old", "a", "b"]);
    },
  },
  {
    name: "drops a duplicate of finished work and of a dead letter",
    async run(bench) {
      const store = await bench.empty();
      const items = ["done", "dead"].map((user) => itemOf(user, { identity: user }));
      await store.append(items);
      const [first, second] = await inboxOf(store);
      assert.ok(first && second);
      await settle(store, [done(first), dead(second)]);
      assert.deepEqual(await store.append(items), { storedCount: 0, duplicateCount: 2 });
    },
  },
  {
    name: "keeps one identity for each declaration",
    async run(bench) {
      const store = await bench.empty();
      const items = ["one", "two", ""].map((declaration) => itemOf("1", { declaration, identity: "same" }));
      assert.deepEqual(await store.append(items), { storedCount: 3, duplicateCount: 0 });
    },
  },
  {
    name: "never drops items without identity",
    async run(bench) {
      const store = await bench.empty();
      assert.deepEqual(await store.append([itemOf("1"), itemOf("1")]), { storedCount: 2, duplicateCount: 0 });
    },
  },
  {
    name: "accepts an empty append",
    async run(bench) {
      const store = await bench.empty();
      assert.deepEqual(await store.append([]), { storedCount: 0, duplicateCount: 0 });
    },
  },
  {
    name: "never gives a number twice, not even that of a finished row",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1", "2");
      await settle(
        store,
        rows.map((row) => done(row)),
      );
      await store.append([itemOf("3")]);
      const [row] = await inboxOf(store);
      const last = rows.at(-1);
      assert.ok(row && last && row.seq > last.seq);
    },
  },
  {
    name: "tells every listener when rows were added, until its end is asked",
    async run(bench) {
      const store = await bench.empty();
      const told: string[] = [];
      const end = store.onAppended(() => told.push("ended"));
      store.onAppended(() => told.push("stays"));
      await toldAfter(store, async () => store.append([itemOf("1")]));
      assert.deepEqual(told, ["ended", "stays"]);
      end();
      end();
      await toldAfter(store, async () => store.append([itemOf("2")]));
      assert.deepEqual(told, ["ended", "stays", "stays"]);
    },
  },
  {
    name: "tells of rows that come back, by a redrive or a replay",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "dead", "done");
      const [first, second] = rows;
      assert.ok(first && second);
      await settle(store, [dead(first), done(second)], { keepHistory: true });
      await toldAfter(store, async () => store.redrive({ limit: 9 }));
      await toldAfter(store, async () => store.replay({ runId: "run", limit: 9 }));
    },
  },
];

/** Resolves when the store says that rows were added; `work` is what adds them. */
async function toldAfter(store: Store, work: () => Promise<unknown>): Promise<void> {
  const told = new Promise<void>((resolve) => {
    const end = store.onAppended(() => {
      end();
      resolve();
    });
  });
  await work();
  await told;
}
