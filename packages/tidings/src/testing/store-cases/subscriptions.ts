import assert from "node:assert/strict";
import type { Store } from "../../core/ports/store.ts";
import { newSubscriptionRow, type SubscriptionRow } from "../../core/subscription.ts";
import type { StoreCase } from "./bench.ts";

export const subscriptionCases: readonly StoreCase[] = [
  {
    name: "stores a subscription once and gives it back whole",
    async run(bench) {
      const store = await bench.empty();
      for (const given of [subscriptionRow("k"), FULL_ROW]) {
        assert.deepEqual(await store.putSubscription(given), { ...given, heardAt: null, version: 1 });
        assert.deepEqual(await store.getSubscription(given.key), { ...given, heardAt: null, version: 1 });
        assert.equal(await store.putSubscription(given), undefined);
      }
      assert.equal(await store.getSubscription("unknown"), undefined);
    },
  },
  {
    name: "refuses times that are no whole milliseconds",
    async run(bench) {
      const store = await bench.empty();
      await assert.rejects(store.putSubscription({ ...subscriptionRow("k", 1), nextActionAt: 1.5 }));
      await assert.rejects(store.putSubscription({ ...subscriptionRow("k", 1), missingSince: 1.5 }));
      assert.equal(await store.getSubscription("k"), undefined);
    },
  },
  {
    name: "lets only one of two writers of one version win",
    async run(bench) {
      const store = await bench.empty();
      const first = await stored(store, subscriptionRow("k"));
      const [second, late] = await Promise.all([
        store.putSubscription({ ...first, nextActionAt: 2 }),
        store.putSubscription({ ...first, nextActionAt: 3 }),
      ]);
      assert.equal(second?.version, first.version + 1);
      assert.equal(late, undefined);
      assert.deepEqual(await store.getSubscription("k"), second);
    },
  },
  {
    name: "deletes a subscription only in the version it was read, and can store its key again",
    async run(bench) {
      const store = await bench.empty();
      const first = await stored(store, subscriptionRow("k"));
      const second = await stored(store, first);
      assert.equal(await store.deleteSubscription(first), false);
      assert.equal(await store.deleteSubscription(second), true);
      assert.equal(await store.deleteSubscription(second), false);
      assert.deepEqual(await store.listSubscriptions({ limit: 9 }), []);
      assert.equal(await store.putSubscription(second), undefined);
      assert.equal((await stored(store, subscriptionRow("k"))).version, 1);
    },
  },
  {
    name: "lists subscriptions in the order of their keys, from page to page",
    async run(bench) {
      const store = await bench.empty();
      const keys = ["b", "_", "A", "-", "a", "Z", "0"];
      for (const key of keys) await stored(store, subscriptionRow(key));
      const sorted = keys.toSorted();
      assert.deepEqual(keysOf(await store.listSubscriptions({ limit: 3 })), sorted.slice(0, 3));
      assert.deepEqual(keysOf(await store.listSubscriptions({ after: "A", limit: 3 })), sorted.slice(3, 6));
      assert.deepEqual(keysOf(await store.listSubscriptions({ after: "a", limit: 3 })), ["b"]);
      assert.deepEqual(await store.listSubscriptions({ after: "b", limit: 3 }), []);
    },
  },
  {
    name: "lists the subscriptions of one tenant",
    async run(bench) {
      const store = await bench.empty();
      for (const [key, tenantId] of Object.entries({ d: "one", a: "two", c: "one", b: "one" }))
        await stored(store, { ...subscriptionRow(key), tenantId });
      assert.deepEqual(keysOf(await store.listSubscriptions({ tenantId: "one", limit: 2 })), ["b", "c"]);
      const rest = await store.listSubscriptions({ tenantId: "one", after: "c", limit: 2 });
      assert.deepEqual(keysOf(rest), ["d"]);
      assert.deepEqual(await store.listSubscriptions({ tenantId: "three", limit: 2 }), []);
    },
  },
  {
    name: "keeps when Graph was last heard of through every write, and lets it only rise",
    async run(bench) {
      const store = await bench.empty();
      const first = await stored(store, subscriptionRow("k"));
      await store.noteHeard([
        { key: "k", heardAt: 50 },
        { key: "unknown", heardAt: 50 },
      ]);
      await store.noteHeard([{ key: "k", heardAt: 40 }]);
      assert.deepEqual(await store.getSubscription("k"), { ...first, heardAt: 50 });
      const second = await stored(store, { ...first, heardAt: null, failures: 1 });
      assert.deepEqual(second, { ...first, heardAt: 50, failures: 1, version: 2 });
      await stored(store, { ...second, heardAt: 99 });
      assert.equal((await store.getSubscription("k"))?.heardAt, 50);
      await store.noteHeard([{ key: "k", heardAt: 60 }]);
      assert.equal((await store.getSubscription("k"))?.heardAt, 60);
      assert.equal(await store.getSubscription("unknown"), undefined);
    },
  },
  {
    name: "counts subscriptions, those Graph has none of, and those that wait for a person",
    async run(bench) {
      const store = await bench.empty();
      assert.deepEqual(await store.countSubscriptions(), { total: 0, missing: 0, parked: 0 });
      const missing = await stored(store, subscriptionRow("missing"));
      const full = await stored(store, FULL_ROW);
      await stored(store, { ...subscriptionRow("both"), parked: FULL_ROW.parked });
      assert.deepEqual(await store.countSubscriptions(), { total: 3, missing: 2, parked: 2 });
      await stored(store, { ...missing, graph: FULL_ROW.graph });
      await stored(store, { ...full, parked: null });
      assert.deepEqual(await store.countSubscriptions(), { total: 3, missing: 1, parked: 1 });
      assert.ok(await store.deleteSubscription({ ...full, version: 2 }));
      assert.deepEqual(await store.countSubscriptions(), { total: 2, missing: 1, parked: 1 });
    },
  },
  {
    name: "has subscriptions and the secret again after a restart",
    isDurable: true,
    async run(bench) {
      const before = await bench.empty();
      const written = [await stored(before, FULL_ROW), await stored(before, subscriptionRow("k"))];
      await before.noteHeard([{ key: "k", heardAt: 7 }]);
      assert.equal(await before.keep("secret", "first"), "first");
      const after = await bench.reopen(before);
      assert.deepEqual(await after.listSubscriptions({ limit: 9 }), [
        written[0],
        { ...written[1], heardAt: 7 },
      ]);
      assert.equal(await after.keep("secret", "second"), "first");
    },
  },
];

/** One that Graph has none of. */
export function subscriptionRow(key: string, nextActionAt = 1): SubscriptionRow {
  return {
    ...newSubscriptionRow(key, { tenantId: "tenant", path: "users", query: "" }, 0),
    nextActionAt,
  };
}

export async function stored(store: Store, subscription: SubscriptionRow): Promise<SubscriptionRow> {
  const written = await store.putSubscription(subscription);
  assert.ok(written, "the row was not stored");
  return written;
}

export function keysOf(rows: readonly SubscriptionRow[]): string[] {
  return rows.map(({ key }) => key);
}

/** One with something in every field. */
const FULL_ROW: SubscriptionRow = {
  key: "Kq3-_x0000000000000000",
  tenantId: "4f1c4ea4-3ae5-4f2b-9d0a-0d6a5b1f7a11",
  userId: "f2b2a0a2-7a52-4f3c-8f5e-2c9a4a9be001",
  path: "users/8d1d3a3e-9a0c-4a59-9c55-0c9b9a3f1c55/messages",
  query: "$select=subject",
  prefer: 'IdType="ImmutableId"',
  wants: [
    {
      declaration: "mail",
      definition: "a1",
      changeTypes: ["created", "updated"],
      lifetimeMs: 3_600_000,
      params: { userId: "8d1d3a3e-9a0c-4a59-9c55-0c9b9a3f1c55" },
      supersededBy: "users-2",
    },
    { declaration: "mail", definition: "b2", changeTypes: ["deleted"], params: { other: "é\n\u0001" } },
  ],
  graph: {
    id: "0b2d0c3e-53b4-4e34-9d5c-2c1c2f1e0a77",
    changeTypes: ["updated"],
    notificationUrl: "https://example.com/notifications/v1.a.app.Kq3-_x0000000000000000.mac",
    grantedAt: 1_800_000_000_000,
    expiresAt: 1_800_000_360_000,
    isRenewalAsked: true,
  },
  createStartedAt: 3,
  formerIds: ["9b2d0c3e-53b4-4e34-9d5c-2c1c2f1e0a77", "old"],
  missingSince: 4,
  gap: { since: 5, reason: "missed" },
  parked: { need: "consent", since: 6, message: "Graph said “no”" },
  heardAt: null,
  nextActionAt: 1_800_000_200_000,
  claimedUntil: 0,
  failures: 8,
  version: 0,
};
