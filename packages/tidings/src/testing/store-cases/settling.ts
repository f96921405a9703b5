import assert from "node:assert/strict";
import type { InboxRow } from "../../core/inbox.ts";
import type { Store } from "../../core/ports/store.ts";
import {
  DECLARATION,
  LAST_SEQ,
  dead,
  done,
  inboxOf,
  itemOf,
  lettersOf,
  retry,
  storeWith,
  usersOf,
  type StoreCase,
  settle,
} from "./bench.ts";

export const settlingCases: readonly StoreCase[] = [
  {
    name: "settles done, retry and dead together",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "done", "retry", "dead", "waits");
      const [first, second, third, fourth] = rows;
      assert.ok(first && second && third && fourth);
      await settle(store, [
        done(first),
        retry(second, 5_000, 2),
        dead(third, { endedAt: 6_000, failures: 3 }),
      ]);
      assert.deepEqual(await inboxOf(store), [fourth]);
      assert.deepEqual(await store.counts(), { waiting: 2, dead: 1 });
      const { declaration, lane } = second;
      assert.deepEqual(await store.loadLane({ declaration, lane, after: 0, upTo: LAST_SEQ, limit: 9 }), [
        { ...second, failures: 2 },
      ]);
      const [letter] = await lettersOf(store);
      assert.deepEqual(letter, { ...third, failures: 3, diedAt: 6_000, error: "Error: no" });
    },
  },
  {
    name: "leaves no parked lane and no letter of a row that is gone",
    async run(bench) {
      const { store } = await storeWith(bench, "stays");
      const gone = await goneRow(store);
      await settle(store, [done(gone), retry(gone, 1), dead(gone)], { keepHistory: true });
      assert.deepEqual(await store.counts(), { waiting: 1, dead: 0 });
      assert.equal(await store.nextLaneAt([DECLARATION]), undefined);
      assert.deepEqual(await store.replay({ runId: "run", limit: 9 }), { count: 0, next: undefined });
    },
  },
  {
    name: "accepts an empty settlement",
    async run(bench) {
      const { store } = await storeWith(bench, "1");
      await settle(store, []);
      assert.deepEqual(await store.counts(), { waiting: 1, dead: 0 });
    },
  },
  {
    name: "parks a lane until the time of its last retry",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1");
      const [row] = rows;
      assert.ok(row);
      await settle(store, [retry(row, 100, 1)]);
      await settle(store, [retry(row, 200, 2)]);
      assert.equal(await store.nextLaneAt([DECLARATION]), 200);
      assert.deepEqual(await store.takeDueLanes({ declarations: [DECLARATION], now: 199, limit: 9 }), []);
      const { declaration, lane } = row;
      assert.deepEqual(await store.takeDueLanes({ declarations: [DECLARATION], now: 200, limit: 9 }), [
        { declaration, lane },
      ]);
    },
  },
  {
    name: "takes due lanes once, the most overdue first, up to the limit; they are parked no more",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "30", "10", "20", "40");
      await settle(
        store,
        rows.map((row, n) => retry(row, [30, 10, 20, 40][n] ?? 0)),
      );
      assert.deepEqual(await inboxOf(store), []);
      assert.equal(await store.nextLaneAt([DECLARATION]), 10);
      const take = async (limit: number): Promise<string[]> =>
        (await store.takeDueLanes({ declarations: [DECLARATION], now: 30, limit })).map(({ lane }) => lane);
      const lanes = ["10", "20", "30"].map((user) => itemOf(user).lane);
      assert.deepEqual(await take(2), lanes.slice(0, 2));
      assert.deepEqual(await take(2), lanes.slice(2));
      assert.deepEqual(await take(2), []);
      assert.equal(await store.nextLaneAt([DECLARATION]), 40);
      assert.deepEqual(usersOf(await inboxOf(store)), ["30", "10", "20"]);
    },
  },
  {
    name: "takes lanes that were parked later than now, whatever their time: the clock was ahead",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "ahead", "right");
      const [ahead, right] = rows;
      assert.ok(ahead && right);
      await settle(store, [retry(ahead, 90_000, 1, 80_000), retry(right, 90_000, 1, 1_000)]);
      const query = { declarations: [DECLARATION], limit: 9 };
      assert.deepEqual(await store.takeDueLanes({ ...query, now: 80_000 }), []);
      const { declaration, lane } = ahead;
      assert.deepEqual(await store.takeDueLanes({ ...query, now: 79_999 }), [{ declaration, lane }]);
      assert.deepEqual(await store.takeDueLanes({ ...query, now: 79_999 }), []);
    },
  },
  {
    name: "takes and foresees lanes of the named declarations only",
    async run(bench) {
      const store = await bench.empty();
      const declarations = ["mail", "users", "calls"];
      await store.append(declarations.map((declaration) => itemOf("1", { declaration })));
      for (const [n, declaration] of declarations.entries()) {
        const [row] = await inboxOf(store, declaration);
        assert.ok(row);
        await settle(store, [retry(row, n + 1)]);
      }
      assert.equal(await store.nextLaneAt(["users", "calls"]), 2);
      assert.equal(await store.nextLaneAt(["unknown"]), undefined);
      assert.equal(await store.nextLaneAt([]), undefined);
      assert.deepEqual(await store.takeDueLanes({ declarations: [], now: 9, limit: 9 }), []);
      const taken = await store.takeDueLanes({ declarations: ["calls", "mail"], now: 9, limit: 9 });
      assert.deepEqual(
        taken.map(({ declaration }) => declaration),
        ["mail", "calls"],
      );
      assert.equal(await store.nextLaneAt(declarations), 2);
    },
  },
];

/** A row that was finished or given up already. */
async function goneRow(store: Store): Promise<InboxRow> {
  await store.append([itemOf("gone")]);
  const row = (await inboxOf(store)).at(-1);
  assert.ok(row);
  await settle(store, [done(row)]);
  return row;
}
