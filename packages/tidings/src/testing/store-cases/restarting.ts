import assert from "node:assert/strict";
import {
  DECLARATION,
  LAST_SEQ,
  dead,
  done,
  inboxOf,
  itemOf,
  retry,
  storeWith,
  usersOf,
  type StoreCase,
  settle,
} from "./bench.ts";

export const restartingCases: readonly StoreCase[] = [
  {
    name: "has the inbox again after a restart, with its failures, parked lanes and numbers",
    isDurable: true,
    async run(bench) {
      const { store: before, rows } = await storeWith(bench, "parked", "due", "waits", "done");
      const [parked, due, waits, finished] = rows;
      assert.ok(parked && due && waits && finished);
      await settle(before, [retry(parked, 5_000, 4), retry(due, 10), done(finished)]);
      const after = await bench.reopen(before);
      assert.deepEqual(await inboxOf(after), [waits]);
      assert.equal(await after.nextLaneAt([DECLARATION]), 10);
      const { declaration, lane } = parked;
      assert.deepEqual(await after.takeDueLanes({ declarations: [declaration], now: 10, limit: 9 }), [
        { declaration, lane: due.lane },
      ]);
      assert.deepEqual(await inboxOf(after), [{ ...due, failures: 1 }, waits]);
      assert.deepEqual(await after.loadLane({ declaration, lane, after: 0, upTo: LAST_SEQ, limit: 9 }), [
        { ...parked, failures: 4 },
      ]);
      await after.append([itemOf("new")]);
      assert.ok(((await inboxOf(after)).at(-1)?.seq ?? 0) > finished.seq);
    },
  },
  {
    name: "has what was seen, the dead and the history again after a restart",
    isDurable: true,
    async run(bench) {
      const before = await bench.empty();
      const items = ["dead", "done"].map((user) => itemOf(user, { identity: user }));
      await before.append(items);
      const [first, second] = await inboxOf(before);
      assert.ok(first && second);
      await settle(before, [dead(first), done(second)], { keepHistory: true });
      const letters = await before.listDead({ limit: 9 });
      const after = await bench.reopen(before);
      assert.deepEqual(await after.append(items), { storedCount: 0, duplicateCount: 2 });
      assert.deepEqual(await after.listDead({ limit: 9 }), letters);
      assert.equal((await after.replay({ runId: "run", limit: 9 })).count, 1);
      assert.deepEqual(usersOf(await inboxOf(after)), ["done"]);
    },
  },
];
