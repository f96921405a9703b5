import assert from "node:assert/strict";
import type { InboxItem } from "../core/inbox.ts";
import type { Store } from "../core/ports/store.ts";
import { newSubscriptionRow, type SubscriptionRow } from "../core/subscription.ts";

/** What a case needs of the store under test. */
export interface StoreBench {
  /** Opens a store with nothing in it. */
  empty(): Promise<Store>;
  /** Closes a store and opens it again, as a restart does. */
  reopen(store: Store): Promise<Store>;
}

/** One thing every store must do. Run it under any test runner; it rejects when the store does not. */
export interface StoreCase {
  readonly name: string;
  /** Needs a store that outlives the process. */
  readonly isDurable?: true;
  run(bench: StoreBench): Promise<void>;
}

const NONE: ReadonlySet<number> = new Set();

function item(changes: Partial<InboxItem> = {}): InboxItem {
  return {
    kind: "notification",
    declaration: "users",
    subscriptionKey: "subscription-key",
    lane: "users subscription-key users/1",
    identity: undefined,
    body: { raw: { id: "n1", nested: { list: [1, "zwei", null, true] } }, params: { userId: "1" } },
    receivedAt: 1_000,
    source: "webhook",
    ...changes,
  };
}

function row(key: string, nextActionAt: number): SubscriptionRow {
  return {
    ...newSubscriptionRow(key, { tenantId: "tenant", path: "users", query: "" }, 0),
    nextActionAt,
  };
}

async function lanesOf(store: Store): Promise<string[]> {
  return (await store.load({ except: NONE, limit: 100 })).map(({ lane }) => lane);
}

async function stored(store: Store, subscription: SubscriptionRow): Promise<SubscriptionRow> {
  const written = await store.putSubscription(subscription);
  assert.ok(written, "the row was not stored");
  return written;
}

/** The suite that every store passes. */
export const storeConformance: readonly StoreCase[] = [
  {
    name: "gives back an appended item whole",
    async run(bench) {
      const store = await bench.empty();
      const given = item({ identity: "identity" });
      assert.deepEqual(await store.append([given]), { storedCount: 1, duplicateCount: 0 });
      const [loaded] = await store.load({ except: NONE, limit: 10 });
      assert.ok(loaded);
      const { seq, ...rest } = loaded;
      assert.equal(typeof seq, "number");
      assert.deepEqual(rest, { ...given, failures: 0, notBefore: 0 });
    },
  },
  {
    name: "keeps an absent identity absent",
    async run(bench) {
      const store = await bench.empty();
      await store.append([item()]);
      const [loaded] = await store.load({ except: NONE, limit: 1 });
      assert.equal(loaded?.identity, undefined);
    },
  },
  {
    name: "loads in the order of acceptance, within and between appends",
    async run(bench) {
      const store = await bench.empty();
      await store.append([item({ lane: "a" }), item({ lane: "b" })]);
      await store.append([item({ lane: "c" })]);
      assert.deepEqual(await lanesOf(store), ["a", "b", "c"]);
    },
  },
  {
    name: "passes over rows in hand and stops at the limit",
    async run(bench) {
      const store = await bench.empty();
      await store.append(["a", "b", "c", "d"].map((lane) => item({ lane })));
      const [first] = await store.load({ except: NONE, limit: 1 });
      assert.ok(first);
      const next = await store.load({ except: new Set([first.seq]), limit: 2 });
      assert.deepEqual(
        next.map(({ lane }) => lane),
        ["b", "c"],
      );
    },
  },
  {
    name: "drops a second item of one identity, in another append and in the same",
    async run(bench) {
      const store = await bench.empty();
      const twin = item({ identity: "same" });
      assert.deepEqual(await store.append([twin, twin]), { storedCount: 1, duplicateCount: 1 });
      assert.deepEqual(await store.append([twin]), { storedCount: 0, duplicateCount: 1 });
      assert.deepEqual(await store.counts(), { waiting: 1, dead: 0 });
    },
  },
  {
    name: "drops a duplicate of finished work",
    async run(bench) {
      const store = await bench.empty();
      await store.append([item({ identity: "same" })]);
      const [loaded] = await store.load({ except: NONE, limit: 1 });
      assert.ok(loaded);
      await store.settle([{ kind: "done", seq: loaded.seq }]);
      assert.deepEqual(await store.append([item({ identity: "same" })]), {
        storedCount: 0,
        duplicateCount: 1,
      });
    },
  },
  {
    name: "keeps one identity for each declaration",
    async run(bench) {
      const store = await bench.empty();
      const items = ["one", "two"].map((declaration) => item({ declaration, identity: "same" }));
      assert.deepEqual(await store.append(items), { storedCount: 2, duplicateCount: 0 });
    },
  },
  {
    name: "never drops items without identity",
    async run(bench) {
      const store = await bench.empty();
      assert.deepEqual(await store.append([item(), item()]), { storedCount: 2, duplicateCount: 0 });
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
    name: "settles done, retry and dead together",
    async run(bench) {
      const store = await bench.empty();
      await store.append(["done", "retry", "dead"].map((lane) => item({ lane })));
      const [done, retry, dead] = await store.load({ except: NONE, limit: 3 });
      assert.ok(done && retry && dead);
      await store.settle([
        { kind: "done", seq: done.seq },
        { kind: "retry", seq: retry.seq, failures: 2, notBefore: 5_000 },
        { kind: "dead", seq: dead.seq, diedAt: 6_000, error: "Error: no" },
      ]);
      assert.deepEqual(await store.load({ except: NONE, limit: 3 }), [
        { ...retry, failures: 2, notBefore: 5_000 },
      ]);
      assert.deepEqual(await store.counts(), { waiting: 1, dead: 1 });
    },
  },
  {
    name: "passes over the settlement of a row that is gone",
    async run(bench) {
      const store = await bench.empty();
      await store.append([item()]);
      await store.settle([
        { kind: "done", seq: 999 },
        { kind: "dead", seq: 998, diedAt: 1, error: "" },
        { kind: "retry", seq: 997, failures: 1, notBefore: 1 },
      ]);
      assert.deepEqual(await store.counts(), { waiting: 1, dead: 0 });
    },
  },
  {
    name: "never gives a number twice, not even that of a finished row",
    async run(bench) {
      const store = await bench.empty();
      await store.append([item()]);
      const [first] = await store.load({ except: NONE, limit: 1 });
      assert.ok(first);
      await store.settle([{ kind: "done", seq: first.seq }]);
      await store.append([item()]);
      const [second] = await store.load({ except: NONE, limit: 1 });
      assert.ok(second && second.seq > first.seq);
    },
  },
  {
    name: "has the inbox, what was seen and the dead again after a restart",
    isDurable: true,
    async run(bench) {
      const before = await bench.empty();
      await before.append([item({ lane: "dead" }), item({ lane: "waits", identity: "same" })]);
      const [dead] = await before.load({ except: NONE, limit: 1 });
      assert.ok(dead);
      await before.settle([{ kind: "dead", seq: dead.seq, diedAt: 1, error: "" }]);
      const after = await bench.reopen(before);
      assert.deepEqual(await lanesOf(after), ["waits"]);
      assert.deepEqual(await after.counts(), { waiting: 1, dead: 1 });
      assert.deepEqual(await after.append([item({ identity: "same" })]), {
        storedCount: 0,
        duplicateCount: 1,
      });
    },
  },
  {
    name: "stores a subscription once and gives it back whole",
    async run(bench) {
      const store = await bench.empty();
      const given: SubscriptionRow = {
        ...row("k", 7),
        wants: [{ declaration: "users", changeTypes: ["updated"], params: { a: "b" } }],
        graph: {
          id: "graph-id",
          changeTypes: ["updated"],
          notificationUrl: "https://example.com/n",
          grantedAt: 1,
          expiresAt: 2,
          isRenewalAsked: false,
        },
        createStartedAt: 3,
      };
      assert.deepEqual(await store.putSubscription(given), { ...given, version: 1 });
      assert.deepEqual(await store.getSubscription("k"), { ...given, version: 1 });
      assert.equal(await store.putSubscription(given), undefined);
      assert.equal(await store.getSubscription("unknown"), undefined);
    },
  },
  {
    name: "lets only one of two writers of one version win",
    async run(bench) {
      const store = await bench.empty();
      const first = await stored(store, row("k", 1));
      const second = await stored(store, { ...first, nextActionAt: 2 });
      assert.equal(second.version, first.version + 1);
      assert.equal(await store.putSubscription({ ...first, nextActionAt: 3 }), undefined);
      assert.equal((await store.getSubscription("k"))?.nextActionAt, 2);
    },
  },
  {
    name: "deletes a subscription only in the version it was read",
    async run(bench) {
      const store = await bench.empty();
      const first = await stored(store, row("k", 1));
      const second = await stored(store, first);
      assert.equal(await store.deleteSubscription(first), false);
      assert.equal(await store.deleteSubscription(second), true);
      assert.equal(await store.deleteSubscription(second), false);
      assert.deepEqual(await store.listSubscriptions(), []);
    },
  },
  {
    name: "gives due subscriptions, the most overdue first, up to the limit",
    async run(bench) {
      const store = await bench.empty();
      for (const at of [30, 10, 20, 40]) await stored(store, row(`at-${at}`, at));
      const due = await store.dueSubscriptions({ now: 30, limit: 2 });
      assert.deepEqual(
        due.map(({ key }) => key),
        ["at-10", "at-20"],
      );
      assert.equal((await store.dueSubscriptions({ now: 30, limit: 9 })).length, 3);
      assert.equal(await store.nextSubscriptionAt(), 10);
    },
  },
  {
    name: "has no next subscription without subscriptions",
    async run(bench) {
      assert.equal(await (await bench.empty()).nextSubscriptionAt(), undefined);
    },
  },
  {
    name: "has subscriptions and the secret again after a restart",
    isDurable: true,
    async run(bench) {
      const before = await bench.empty();
      const written = await stored(before, row("k", 1));
      assert.equal(await before.keep("secret", "first"), "first");
      const after = await bench.reopen(before);
      assert.deepEqual(await after.listSubscriptions(), [written]);
      assert.equal(await after.keep("secret", "second"), "first");
    },
  },
  {
    name: "keeps the first value of a name, and names apart",
    async run(bench) {
      const store = await bench.empty();
      assert.equal(await store.keep("secret", "first"), "first");
      assert.equal(await store.keep("secret", "second"), "first");
      assert.equal(await store.keep("app", "third"), "third");
    },
  },
  {
    name: "closes twice without complaint",
    async run(bench) {
      const store = await bench.empty();
      await store.close();
      await store.close();
    },
  },
];
