import assert from "node:assert/strict";
import {
  DECLARATION,
  LAST_SEQ,
  inboxOf,
  itemOf,
  retry,
  storeWith,
  usersOf,
  type StoreCase,
  settle,
} from "./bench.ts";

export const scanningCases: readonly StoreCase[] = [
  {
    name: "scans in the order of acceptance, within and between appends",
    async run(bench) {
      const { store } = await storeWith(bench, "b", "a");
      await store.append([itemOf("0"), itemOf("c")]);
      assert.deepEqual(usersOf(await inboxOf(store)), ["b", "a", "0", "c"]);
    },
  },
  {
    name: "scans on from where a scan ended, up to the limit, and finds what came since",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1", "2", "3");
      const first = await store.scan({ declaration: DECLARATION, after: 0, limit: 2 });
      assert.deepEqual(first, { rows: rows.slice(0, 2), scannedTo: rows[1]?.seq, hasMore: true });
      const second = await store.scan({ declaration: DECLARATION, after: first.scannedTo, limit: 2 });
      assert.deepEqual(second, { rows: rows.slice(2), scannedTo: rows[2]?.seq, hasMore: false });
      const nothing = await store.scan({ declaration: DECLARATION, after: second.scannedTo, limit: 2 });
      assert.deepEqual(nothing, { rows: [], scannedTo: second.scannedTo, hasMore: false });
      await store.append([itemOf("4")]);
      const since = await store.scan({ declaration: DECLARATION, after: nothing.scannedTo, limit: 2 });
      assert.deepEqual(usersOf(since.rows), ["4"]);
    },
  },
  {
    name: "scans nothing of another declaration",
    async run(bench) {
      const store = await bench.empty();
      const declarations = ["mail", "users", "", "mail", "users"];
      await store.append(declarations.map((declaration, n) => itemOf(String(n), { declaration })));
      for (const [declaration, users] of Object.entries({ mail: ["0", "3"], users: ["1", "4"], "": ["2"] })) {
        assert.deepEqual(usersOf(await inboxOf(store, declaration)), users);
      }
      assert.deepEqual(await store.scan({ declaration: "unknown", after: 0, limit: 9 }), {
        rows: [],
        scannedTo: 0,
        hasMore: false,
      });
    },
  },
  {
    name: "passes over the rows of a parked lane, counts them as looked at, and finds them through the lane",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "parked", "free");
      const [parked, free] = rows;
      assert.ok(parked && free);
      await settle(store, [retry(parked, 5_000)]);
      await store.append([itemOf("parked"), itemOf("free")]);
      const onlyParked = await store.scan({ declaration: DECLARATION, after: 0, limit: 1 });
      assert.deepEqual(onlyParked, { rows: [], scannedTo: parked.seq, hasMore: true });
      const scan = await store.scan({ declaration: DECLARATION, after: 0, limit: 3 });
      assert.deepEqual(usersOf(scan.rows), ["free"]);
      assert.equal(scan.hasMore, true);
      const rest = await store.scan({ declaration: DECLARATION, after: scan.scannedTo, limit: 3 });
      assert.deepEqual(usersOf(rest.rows), ["free"]);
      const lane = await store.loadLane({
        declaration: DECLARATION,
        lane: parked.lane,
        after: 0,
        upTo: LAST_SEQ,
        limit: 9,
      });
      assert.deepEqual(usersOf(lane), ["parked", "parked"]);
      assert.deepEqual(lane[0], { ...parked, failures: 1 });
    },
  },
  {
    name: "loads a lane in the order of acceptance, after a row, up to the limit",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1", "2", "1", "2", "1");
      const [first, , third, , fifth] = rows;
      assert.ok(first && third && fifth);
      const { declaration, lane } = first;
      assert.deepEqual(await store.loadLane({ declaration, lane, after: 0, upTo: LAST_SEQ, limit: 9 }), [
        first,
        third,
        fifth,
      ]);
      assert.deepEqual(await store.loadLane({ declaration, lane, after: 0, upTo: LAST_SEQ, limit: 2 }), [
        first,
        third,
      ]);
      assert.deepEqual(
        await store.loadLane({ declaration, lane, after: third.seq, upTo: LAST_SEQ, limit: 2 }),
        [fifth],
      );
      assert.deepEqual(await store.loadLane({ declaration, lane, after: 0, upTo: third.seq, limit: 9 }), [
        first,
        third,
      ]);
      assert.deepEqual(await store.loadLane({ declaration, lane, after: 0, upTo: 0, limit: 9 }), []);
      assert.deepEqual(
        await store.loadLane({ declaration, lane: "users unknown", after: 0, upTo: LAST_SEQ, limit: 9 }),
        [],
      );
    },
  },
  {
    name: "loads what was added to a lane since it was last loaded",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1", "2");
      const [first] = rows;
      assert.ok(first);
      const { declaration, lane } = first;
      const load = async (upTo: number): Promise<(string | undefined)[]> =>
        usersOf(await store.loadLane({ declaration, lane, after: 0, upTo, limit: 9 }));
      assert.deepEqual(await load(LAST_SEQ), ["1"]);
      await store.append([itemOf("1"), itemOf("1", { declaration: "mail" }), itemOf("1")]);
      assert.deepEqual(await load(first.seq), ["1"]);
      assert.deepEqual(await load(LAST_SEQ), ["1", "1", "1"]);
    },
  },
];
