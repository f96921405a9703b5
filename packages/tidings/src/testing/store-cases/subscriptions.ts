import assert from "node:assert/strict";
import type { Store } from "../../core/ports/store.ts";
import { newSubscriptionRow, type SubscriptionRow } from "../../core/subscription.ts";
import type { StoreCase } from "./bench.ts";

export const subscriptionCases: readonly StoreCase[] = [
  {
    name: "stores a subscription once and gives it back whole",
    async run(bench) {
      const store = await bench.empty();
      const given: SubscriptionRow = {
        ...subscriptionRow("k", 7),
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
      const first = await stored(store, subscriptionRow("k", 1));
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
      const first = await stored(store, subscriptionRow("k", 1));
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
      for (const at of [30, 10, 20, 40]) await stored(store, subscriptionRow(`at-${at}`, at));
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
      const written = await stored(before, subscriptionRow("k", 1));
      assert.equal(await before.keep("secret", "first"), "first");
      const after = await bench.reopen(before);
      assert.deepEqual(await after.listSubscriptions(), [written]);
      assert.equal(await after.keep("secret", "second"), "first");
    },
  },
];

function subscriptionRow(key: string, nextActionAt: number): SubscriptionRow {
  return {
    ...newSubscriptionRow(key, { tenantId: "tenant", path: "users", query: "" }, 0),
    nextActionAt,
  };
}

async function stored(store: Store, subscription: SubscriptionRow): Promise<SubscriptionRow> {
  const written = await store.putSubscription(subscription);
  assert.ok(written, "the row was not stored");
  return written;
}
