import assert from "node:assert/strict";
import type { InboxItem, InboxRow, Settlement } from "../../core/inbox.ts";
import type { LetterQuery, Store, Stretch } from "../../core/ports/store.ts";
import {
  DECLARATION,
  dead,
  done,
  inboxOf,
  itemOf,
  lettersOf,
  storeWith,
  usersOf,
  type StoreBench,
  type StoreCase,
  settle,
} from "./bench.ts";

/** Four rows of two declarations, told apart by when they were received. */
const LETTERS: readonly InboxItem[] = [
  itemOf("1", { receivedAt: 10 }),
  itemOf("2", { receivedAt: 20 }),
  itemOf("1", { receivedAt: 30, declaration: "mail" }),
  // Ends like the second, and is about something else.
  itemOf("1 users/2", { receivedAt: 40 }),
];

/** What to ask, given the numbers of {@link LETTERS}, and which of them it finds. */
const QUERIES: readonly {
  readonly ask: (seqs: readonly number[]) => Omit<LetterQuery, "limit"> & { limit?: number };
  readonly found: readonly number[];
}[] = [
  { ask: () => ({}), found: [10, 20, 30, 40] },
  { ask: () => ({ limit: 2 }), found: [10, 20] },
  { ask: () => ({ declaration: "mail" }), found: [30] },
  { ask: () => ({ declaration: "unknown" }), found: [] },
  { ask: () => ({ resourceKey: "users/1" }), found: [10, 30] },
  { ask: () => ({ resourceKey: "users/2" }), found: [20] },
  { ask: (seqs) => ({ ids: seqs.slice(2) }), found: [30, 40] },
  { ask: () => ({ ids: [] }), found: [] },
  { ask: () => ({ since: 20 }), found: [20, 30, 40] },
  { ask: (seqs) => ({ after: seqs[1] }), found: [30, 40] },
  { ask: (seqs) => ({ after: seqs[0], declaration: DECLARATION, limit: 1 }), found: [20] },
  {
    ask: (seqs) => ({ ids: seqs.slice(1), declaration: DECLARATION, since: 21 }),
    found: [40],
  },
];

export const letterCases: readonly StoreCase[] = [
  {
    name: "lists dead letters by every condition, in the order of acceptance",
    async run(bench) {
      await forEachQuery(bench, dead, async (store, query, found) => {
        assert.deepEqual(timesOf(await lettersOf(store, query)), found);
      });
    },
  },
  {
    name: "gives dead letters in pages",
    async run(bench) {
      const { store } = await storeWithLetters(bench, dead);
      const first = await store.listDead({ limit: 3 });
      const second = await store.listDead({ limit: 3, ...first.next });
      assert.deepEqual([timesOf(first.letters), timesOf(second.letters)], [[10, 20, 30], [40]]);
      assert.equal(second.next, undefined);
    },
  },
  {
    name: "purges the dead letters of a query and no others",
    async run(bench) {
      await forEachQuery(bench, dead, async (store, query, found) => {
        assert.equal((await store.purgeDead(query)).count, found.length);
        assert.deepEqual(timesOf(await lettersOf(store)), without(found));
        assert.deepEqual(await store.counts(), { waiting: 0, dead: LETTERS.length - found.length });
      });
    },
  },
  {
    name: "redrives the dead letters of a query and no others, where a scan that goes on finds them",
    async run(bench) {
      await forEachQuery(bench, dead, async (store, query, found) => {
        assert.equal((await store.redrive(query)).count, found.length);
        assert.deepEqual(timesOf(await inboxesOf(store)), found);
        assert.deepEqual(timesOf(await lettersOf(store)), without(found));
      });
    },
  },
  {
    name: "replays the finished rows of a query and no others",
    async run(bench) {
      await forEachQuery(bench, done, async (store, query, found) => {
        const { count } = await store.replay({ ...query, runId: "run" });
        assert.equal(count, found.length);
        assert.deepEqual(timesOf(await inboxesOf(store)), found);
      });
    },
  },
  {
    name: "redrives letters to the end of the inbox, in their order, as rows that never failed",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1", "2", "3");
      const [first, second, third] = rows;
      assert.ok(first && second && third);
      await settle(store, [dead(third), dead(first, { failures: 12 })]);
      assert.equal((await store.redrive({ limit: 9 })).count, 2);
      const inbox = await inboxOf(store);
      assert.deepEqual(inbox, [
        second,
        { ...first, seq: inbox[1]?.seq, comeback: "redrive" },
        { ...third, seq: inbox[2]?.seq, comeback: "redrive" },
      ]);
      assert.ok(inbox.every(({ seq }) => seq === second.seq || seq > third.seq));
      assert.deepEqual(await store.counts(), { waiting: 3, dead: 0 });
    },
  },
  {
    name: "keeps one letter of a row that dies again",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1");
      const [first] = rows;
      assert.ok(first);
      await settle(store, [dead(first)]);
      await store.redrive({ limit: 9 });
      const [again] = await inboxOf(store);
      assert.ok(again);
      await settle(store, [dead(again, { endedAt: 9_000, failures: 5 })]);
      const letters = await lettersOf(store);
      assert.equal(letters.length, 1);
      assert.deepEqual(
        [letters[0]?.originSeq, letters[0]?.diedAt, letters[0]?.failures],
        [first.seq, 9_000, 5],
      );
      assert.equal(letters[0]?.comeback, "redrive");
    },
  },
  {
    name: "redrives a letter of a replay as of that replay, however often it died",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1");
      await finish(store, rows);
      await store.replay({ runId: "run", limit: 9 });
      for (const _ of [1, 2]) {
        await settle(
          store,
          (await inboxOf(store)).map((row) => dead(row)),
        );
        await store.redrive({ limit: 9 });
        const [redriven] = await inboxOf(store);
        assert.equal(redriven?.comeback, "run");
      }
    },
  },
  {
    name: "keeps one letter of a row that dies in two replays, of its last death",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1");
      await finish(store, rows);
      await store.replay({ runId: "run-1", limit: 9 });
      await store.replay({ runId: "run-2", limit: 9 });
      await settle(
        store,
        (await inboxOf(store)).map((row, n) => dead(row, { endedAt: n })),
      );
      const letters = await lettersOf(store);
      assert.deepEqual(
        letters.map(({ comeback, diedAt }) => ({ comeback, diedAt })),
        [{ comeback: "run-2", diedAt: 1 }],
      );
    },
  },
  {
    name: "keeps no finished row unless asked to",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1", "2");
      await settle(
        store,
        rows.slice(0, 1).map((row) => done(row)),
      );
      await settle(
        store,
        rows.slice(1).map((row) => done(row)),
        { keepHistory: false },
      );
      assert.deepEqual(await store.replay({ runId: "run", limit: 9 }), { count: 0, next: undefined });
    },
  },
  {
    name: "replays finished rows to the end of the inbox, under the id of the run, as often as asked",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1", "2", "dead", "waits");
      const [first, second, third, fourth] = rows;
      assert.ok(first && second && third && fourth);
      await settle(store, [done(second), done(first), dead(third)], { keepHistory: true });
      for (const runId of ["run-1", "run-2"]) {
        assert.equal((await store.replay({ runId, limit: 9 })).count, 2);
        const [waits, ...replayed] = await inboxOf(store);
        assert.deepEqual(waits, fourth);
        assert.deepEqual(replayed, [
          { ...first, seq: replayed[0]?.seq, comeback: runId },
          { ...second, seq: replayed[1]?.seq, comeback: runId },
        ]);
        assert.ok(replayed.every(({ seq }) => seq > fourth.seq));
        await settle(
          store,
          replayed.map((row) => done(row)),
        );
      }
      assert.deepEqual(await store.counts(), { waiting: 1, dead: 1 });
    },
  },
  {
    name: "looks at no more letters in a step than its limit, whether they are asked for or not",
    async run(bench) {
      const { store, seqs } = await storeWithLetters(bench, dead);
      const query = { declaration: "mail", limit: 2 };
      const next = { after: seqs[1], upTo: seqs[3] };
      assert.deepEqual(await store.listDead(query), { letters: [], next });
      assert.deepEqual(await store.redrive(query), { count: 0, next });
      assert.deepEqual(await store.purgeDead(query), { count: 0, next });
      assert.equal((await store.redrive({ ...query, ...next })).count, 1);
      assert.deepEqual(timesOf(await lettersOf(store)), [10, 20, 40]);
    },
  },
  {
    name: "looks at no more finished rows in a step than its limit, whether they are asked for or not",
    async run(bench) {
      const { store, seqs } = await storeWithLetters(bench, done);
      const query = { declaration: "mail", runId: "run", limit: 2 };
      const next = { after: seqs[1], upTo: seqs[3] };
      assert.deepEqual(await store.replay(query), { count: 0, next });
      assert.equal((await store.replay({ ...query, ...next })).count, 1);
    },
  },
  {
    name: "redrives step by step what was dead at the beginning, and ends although letters die meanwhile",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1", "2", "3");
      await settle(
        store,
        rows.map((row) => dead(row)),
      );
      const redriven: (string | undefined)[] = [];
      let stretch: Stretch | undefined = {};
      for (let step = 0; stretch !== undefined && step < 9; step += 1) {
        ({ next: stretch } = await store.redrive({ ...stretch, limit: 1 }));
        const inbox = await inboxOf(store);
        redriven.push(...usersOf(inbox));
        await store.append([itemOf(`new ${step}`)]);
        await settle(
          store,
          (await inboxOf(store)).map((row) => dead(row)),
        );
      }
      assert.deepEqual(redriven, ["1", "2", "3"]);
    },
  },
  {
    name: "replays step by step what was finished at the beginning, and ends although rows are finished meanwhile",
    async run(bench) {
      const { store, rows } = await storeWith(bench, "1", "2", "3");
      await finish(store, rows);
      const replayed: (string | undefined)[] = [];
      let stretch: Stretch | undefined = {};
      for (let page = 0; stretch !== undefined && page < 9; page += 1) {
        ({ next: stretch } = await store.replay({ runId: "run", limit: 2, ...stretch }));
        const inbox = await inboxOf(store);
        replayed.push(...usersOf(inbox));
        await store.append([itemOf(`new ${page}`)]);
        await finish(store, await inboxOf(store));
      }
      assert.deepEqual(replayed, ["1", "2", "3"]);
      assert.equal((await store.replay({ runId: "again", limit: 9 })).count, 5);
    },
  },
];

/** A store in which {@link LETTERS} were all settled in one way, the history kept, and their numbers. */
async function storeWithLetters(
  bench: StoreBench,
  settlementOf: (row: InboxRow) => Settlement,
): Promise<{ store: Store; seqs: readonly number[] }> {
  const store = await bench.empty();
  await store.append(LETTERS);
  const rows = await inboxesOf(store);
  await settle(
    store,
    rows.map((row) => settlementOf(row)),
    { keepHistory: true },
  );
  return { store, seqs: rows.map(({ seq }) => seq) };
}

/** Ends rows well, and keeps them. */
async function finish(store: Store, rows: readonly InboxRow[]): Promise<void> {
  await settle(
    store,
    rows.map((row) => done(row)),
    { keepHistory: true },
  );
}

/** Tries every query, each on a store of its own. */
async function forEachQuery(
  bench: StoreBench,
  settlementOf: (row: InboxRow) => Settlement,
  check: (store: Store, query: LetterQuery, found: readonly number[]) => Promise<void>,
): Promise<void> {
  const checks = QUERIES.map(async ({ ask, found }) => {
    const { store, seqs } = await storeWithLetters(bench, settlementOf);
    await check(store, { limit: 9, ...ask(seqs) }, found);
  });
  await Promise.all(checks);
}

/** The inboxes of both declarations, in the order of acceptance. */
async function inboxesOf(store: Store): Promise<InboxRow[]> {
  const rows = [...(await inboxOf(store)), ...(await inboxOf(store, "mail"))];
  return rows.toSorted((a, b) => a.seq - b.seq);
}

function timesOf(rows: readonly InboxRow[]): number[] {
  return rows.map(({ receivedAt }) => receivedAt);
}

function without(found: readonly number[]): number[] {
  return LETTERS.map(({ receivedAt }) => receivedAt).filter((time) => !found.includes(time));
}
