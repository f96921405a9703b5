import assert from "node:assert/strict";
import type { TokenSet } from "../../core/inbox.ts";
import type { Store } from "../../core/ports/store.ts";
import { dead, done, inboxOf, itemOf, settle, type StoreCase } from "./bench.ts";

const SET: TokenSet = { key: "key", tokens: ["first.token.signed", "second.token.signed"] };

export const tokenCases: readonly StoreCase[] = [
  {
    name: "keeps the tokens of a delivery under their key, once for all that have the same",
    async run(bench) {
      const store = await bench.empty();
      await store.append([itemOf("1", { tokensKey: SET.key })], SET);
      await store.append([itemOf("2", { tokensKey: SET.key })], SET);
      assert.deepEqual(await store.getTokens(SET.key), SET.tokens);
      assert.deepEqual(await store.getTokens("other"), []);
      assert.deepEqual(
        (await inboxOf(store)).map(({ tokensKey }) => tokensKey),
        [SET.key, SET.key],
      );
    },
  },
  {
    name: "keeps tokens for as long as a row that waits, is dead or can be replayed names them",
    async run(bench) {
      const store = await bench.empty();
      for (const key of ["waits", "dead", "finished", "over"]) {
        await store.append([itemOf(key, { tokensKey: key })], { key, tokens: [key] });
      }
      const [, dies, finishes, ends] = await inboxOf(store);
      assert.ok(dies && finishes && ends);
      await settle(store, [dead(dies), done(finishes)], { keepHistory: true });
      await settle(store, [done(ends)]);
      assert.equal(await sweep(store), 1);
      assert.deepEqual(await kept(store), ["waits", "dead", "finished"]);

      await store.redrive({ limit: 9 });
      assert.equal(await sweep(store), 0);
      assert.equal((await inboxOf(store)).at(-1)?.tokensKey, "dead");
      await store.replay({ runId: "run", limit: 9 });
      assert.equal((await inboxOf(store)).at(-1)?.tokensKey, "finished");
    },
  },
  {
    name: "forgets tokens that no row names, up to the limit, and takes them again",
    async run(bench) {
      const store = await bench.empty();
      for (const key of ["waits", "dead", "over"]) {
        await store.append([itemOf(key, { tokensKey: key })], { key, tokens: [key] });
      }
      const rows = await inboxOf(store);
      await settle(
        store,
        rows.map((row) => done(row)),
      );
      assert.equal(await sweep(store, 2), 2);
      assert.equal((await kept(store)).length, 1);
      assert.equal(await sweep(store, 2), 1);
      await store.append([itemOf("over", { tokensKey: "over" })], { key: "over", tokens: ["over"] });
      assert.deepEqual(await store.getTokens("over"), ["over"]);
    },
  },
  {
    name: "has tokens again after a restart",
    isDurable: true,
    async run(bench) {
      const before = await bench.empty();
      await before.append([itemOf("1", { tokensKey: SET.key })], SET);
      const after = await bench.reopen(before);
      assert.deepEqual(await after.getTokens(SET.key), SET.tokens);
      assert.equal((await inboxOf(after))[0]?.tokensKey, SET.key);
    },
  },
];

async function sweep(store: Store, limit = 9): Promise<number> {
  return store.sweep({ seenBefore: 0, historyBefore: 0, limit });
}

async function kept(store: Store): Promise<string[]> {
  const sets = await Promise.all(
    ["waits", "dead", "finished", "over"].map(async (key) => store.getTokens(key)),
  );
  return sets.flat();
}
