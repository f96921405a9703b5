import assert from "node:assert/strict";
import type { Store } from "../../core/ports/store.ts";
import { deadlineOf, type SubscriptionRow } from "../../core/subscription.ts";
import type { StoreCase } from "./bench.ts";
import { keysOf, stored, subscriptionRow } from "./subscriptions.ts";

export const claimingCases: readonly StoreCase[] = [
  {
    name: "claims due subscriptions, those of the soonest deadline first, up to the limit",
    async run(bench) {
      const store = await bench.empty();
      const deadlines = { late: 900, soon: 300, next: 600, notDue: 100 };
      for (const [key, expiresAt] of Object.entries(deadlines))
        await stored(store, granted(key, { expiresAt, nextActionAt: key === "notDue" ? 31 : 30 }));
      assert.deepEqual(await store.claimSubscriptions({ now: 29, until: 99, limit: 9 }), []);
      const claimed = await store.claimSubscriptions({ now: 30, until: 99, limit: 2 });
      assert.deepEqual(keysOf(claimed), ["soon", "next"]);
      for (const row of claimed) {
        assert.deepEqual(
          { ...row },
          {
            ...granted(row.key, { expiresAt: deadlineOf(row), nextActionAt: 30 }),
            claimedUntil: 99,
            version: 2,
          },
        );
        assert.deepEqual(await store.getSubscription(row.key), row);
      }
    },
  },
  {
    name: "counts the deadline of one that Graph has none of from when it was wanted",
    async run(bench) {
      const store = await bench.empty();
      const minute = 60_000;
      await stored(store, { ...subscriptionRow("created", 0), missingSince: 0 });
      await stored(store, granted("before", { expiresAt: 14 * minute }));
      await stored(store, granted("after", { expiresAt: 16 * minute }));
      const claimed = await store.claimSubscriptions({ now: 30, until: 99, limit: 9 });
      assert.deepEqual(keysOf(claimed), ["before", "created", "after"]);
    },
  },
  {
    name: "gives a claimed subscription to nobody else until its time, and then again",
    async run(bench) {
      const store = await bench.empty();
      await stored(store, subscriptionRow("k", 10));
      assert.equal(await store.nextSubscriptionAt(), 10);
      const lots = await Promise.all(
        [1, 2].map(async () => store.claimSubscriptions({ now: 20, until: 50, limit: 9 })),
      );
      assert.deepEqual(keysOf(lots.flat()), ["k"]);
      assert.equal(await store.nextSubscriptionAt(), 50);
      assert.deepEqual(await store.claimSubscriptions({ now: 49, until: 90, limit: 9 }), []);
      const [again] = await store.claimSubscriptions({ now: 50, until: 90, limit: 9 });
      assert.equal(again?.version, 3);
      assert.equal(again.claimedUntil, 90);
      assert.equal(await store.nextSubscriptionAt(), 90);
    },
  },
  {
    name: "is written back by who claimed it, and by nobody who read it before",
    async run(bench) {
      const store = await bench.empty();
      const read = await stored(store, subscriptionRow("k", 10));
      const [claimed] = await store.claimSubscriptions({ now: 20, until: 50, limit: 9 });
      assert.ok(claimed);
      assert.equal(await store.putSubscription({ ...read, failures: 1 }), undefined);
      assert.equal(await store.deleteSubscription(read), false);
      const written = await stored(store, { ...claimed, claimedUntil: 0, nextActionAt: 70 });
      assert.deepEqual(await store.getSubscription("k"), written);
      assert.equal(await store.nextSubscriptionAt(), 70);
      assert.deepEqual(await store.claimSubscriptions({ now: 69, until: 99, limit: 9 }), []);
      assert.deepEqual(keysOf(await store.claimSubscriptions({ now: 70, until: 99, limit: 9 })), ["k"]);
    },
  },
  {
    name: "neither loses nor frees a claim to a write of somebody else meanwhile",
    async run(bench) {
      const store = await bench.empty();
      await stored(store, subscriptionRow("k", 10));
      const [claimed] = await store.claimSubscriptions({ now: 20, until: 50, limit: 9 });
      assert.ok(claimed);
      const read = await store.getSubscription("k");
      assert.deepEqual(read, claimed);
      const edited = await stored(store, { ...read, nextActionAt: 5, query: "$select=id" });
      assert.equal(await store.putSubscription({ ...claimed, claimedUntil: 0 }), undefined);
      assert.equal(await store.nextSubscriptionAt(), 50);
      assert.deepEqual(await store.claimSubscriptions({ now: 49, until: 99, limit: 9 }), []);
      const again = await store.claimSubscriptions({ now: 50, until: 99, limit: 9 });
      assert.deepEqual(again, [{ ...edited, claimedUntil: 99, version: edited.version + 1 }]);
    },
  },
  {
    name: "can delete a claimed subscription",
    async run(bench) {
      const store = await bench.empty();
      await stored(store, subscriptionRow("k", 10));
      const [claimed] = await store.claimSubscriptions({ now: 20, until: 50, limit: 9 });
      assert.ok(claimed);
      assert.ok(await store.deleteSubscription(claimed));
      assert.equal(await store.nextSubscriptionAt(), undefined);
      const anew = await stored(store, subscriptionRow("other", 10));
      assert.deepEqual(await store.getSubscription("other"), anew);
      assert.deepEqual(keysOf(await store.claimSubscriptions({ now: 20, until: 50, limit: 9 })), ["other"]);
    },
  },
  {
    name: "has no next subscription without subscriptions",
    async run(bench) {
      const store = await bench.empty();
      assert.equal(await store.nextSubscriptionAt(), undefined);
      assert.deepEqual(await store.claimSubscriptions({ now: 1, until: 2, limit: 9 }), []);
    },
  },
  {
    name: "claims thousands in lots, exactly in the order of their deadlines, each once",
    async run(bench) {
      const store = await bench.empty();
      const rows = Array.from({ length: MANY }, (_, index) => mixed(index));
      await Promise.all(rows.map(async (row) => stored(store, row)));
      const expected = rows
        .filter(({ nextActionAt }) => nextActionAt <= NOW)
        .toSorted((a, b) => deadlineOf(a) - deadlineOf(b));
      assert.ok(expected.length > MANY / 3 && expected.length < MANY);
      assert.deepEqual(keysOf(await claimAll(store)), keysOf(expected));
      const counts = await store.countSubscriptions();
      assert.equal(counts.total, MANY);
    },
  },
  {
    name: "gives what was claimed before a restart again, at its time at the latest",
    isDurable: true,
    async run(bench) {
      const before = await bench.empty();
      await stored(before, subscriptionRow("claimed", 10));
      await stored(before, subscriptionRow("written", 10));
      const claimed = await before.claimSubscriptions({ now: 20, until: 50, limit: 9 });
      const written = claimed.find(({ key }) => key === "written");
      assert.ok(written);
      await stored(before, { ...written, createStartedAt: 20 });
      const after = await bench.reopen(before);
      const again = await after.claimSubscriptions({ now: 50, until: 99, limit: 9 });
      assert.deepEqual(
        new Map(again.map(({ key, createStartedAt }) => [key, createStartedAt])),
        new Map([
          ["claimed", null],
          ["written", 20],
        ]),
      );
      assert.deepEqual(
        again.map(({ claimedUntil }) => claimedUntil),
        [99, 99],
      );
    },
  },
];

const MANY = 3_000;
const NOW = 1_800_000_000_000;

/** Claims until nothing is due, and writes back every other lot. */
async function claimAll(store: Store): Promise<SubscriptionRow[]> {
  const all: SubscriptionRow[] = [];
  for (let lot = 0; ; lot += 1) {
    const claimed = await store.claimSubscriptions({ now: NOW, until: NOW + 1, limit: 250 });
    all.push(...claimed);
    if (claimed.length === 0) return all;
    const renewed = claimed.map((row) => ({ ...row, claimedUntil: 0, nextActionAt: NOW + 1 + lot }));
    if (lot % 2 === 0) await Promise.all(renewed.map(async (row) => stored(store, row)));
  }
}

/** Of many lifetimes and at any time of their lives; no two have one deadline. */
function mixed(index: number): SubscriptionRow {
  const spread = (index * 7_919) % MANY;
  const key = `key-${spread}`;
  const nextActionAt = NOW + ((index * 31) % 101) - 60;
  if (index % 10 === 0) return { ...subscriptionRow(key, nextActionAt), missingSince: NOW - spread * 500 };
  return granted(key, { expiresAt: NOW + (spread - 500) * 997, nextActionAt });
}

function granted(
  key: string,
  { expiresAt, nextActionAt = 0 }: { expiresAt: number; nextActionAt?: number },
): SubscriptionRow {
  return {
    ...subscriptionRow(key, nextActionAt),
    missingSince: null,
    graph: {
      id: `graph-${key}`,
      changeTypes: ["updated"],
      notificationUrl: `https://example.com/notifications/${key}`,
      grantedAt: 0,
      expiresAt,
      isRenewalAsked: false,
    },
  };
}
