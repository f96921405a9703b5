import assert from "node:assert/strict";
import type { InboxItem } from "../../core/inbox.ts";
import type { Store, TenantPurge } from "../../core/ports/store.ts";
import {
  DECLARATION,
  dead,
  done,
  inboxOf,
  itemOf,
  lettersOf,
  retry,
  settle,
  usersOf,
  type StoreBench,
  type StoreCase,
} from "./bench.ts";

const TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const OTHER = "5f0c3a7e-2b84-4d19-9c6e-8a1d47b0e352";

function ofTenant(user: string, raw: InboxItem["body"]["raw"]): InboxItem {
  return itemOf(user, { body: { raw, params: { userId: user } } });
}

/** Whose tenant is told by either name, in any case; and some that only look like it. */
const OWN = [
  ofTenant("1", { tenantId: TENANT }),
  ofTenant("2", { tenantId: TENANT.toUpperCase() }),
  ofTenant("3", { organizationId: TENANT }),
  ofTenant("4", { tenantId: "", organizationId: TENANT }),
  ofTenant("5", { tenantId: 7, organizationId: TENANT }),
];
const OTHERS = [
  ofTenant("6", { tenantId: OTHER }),
  ofTenant("7", { tenantId: OTHER, organizationId: TENANT }),
  ofTenant("8", { resourceData: { tenantId: TENANT } }),
  ofTenant("9", {}),
];

/** Each other one between two of the tenant's. */
const MIXED = OWN.flatMap((item, place) => [item, ...OTHERS.slice(place, place + 1)]);
const OTHER_USERS = usersOf(
  OTHERS.map((item) => ({ ...item, seq: 0, originSeq: 0, failures: 0, comeback: undefined })),
);

async function purge(store: Store, place: TenantPurge["place"], limit = 2): Promise<number> {
  let count = 0;
  let query: TenantPurge | undefined = { tenantId: TENANT, place, limit };
  while (query !== undefined) {
    const step = await store.purgeTenant(query);
    count += step.count;
    query = step.next && { tenantId: TENANT, place, limit, ...step.next };
  }
  return count;
}

async function storeWithAll(bench: StoreBench): Promise<Store> {
  const store = await bench.empty();
  await store.append(MIXED);
  return store;
}

export const purgingCases: readonly StoreCase[] = [
  {
    name: "purges what waits of a tenant, and of no other",
    async run(bench) {
      const store = await storeWithAll(bench);
      assert.equal(await purge(store, "inbox"), OWN.length);
      assert.deepEqual(usersOf(await inboxOf(store)), OTHER_USERS);
      assert.deepEqual(await store.counts(), { waiting: OTHERS.length, dead: 0 });
      assert.equal(await purge(store, "inbox"), 0);
    },
  },
  {
    name: "purges the dead letters of a tenant, and of no other",
    async run(bench) {
      const store = await storeWithAll(bench);
      await settle(
        store,
        (await inboxOf(store)).map((row) => dead(row)),
      );
      assert.equal(await purge(store, "inbox"), 0);
      assert.equal(await purge(store, "dead"), OWN.length);
      assert.deepEqual(usersOf(await lettersOf(store)), OTHER_USERS);
    },
  },
  {
    name: "purges the history of a tenant, and of no other",
    async run(bench) {
      const store = await storeWithAll(bench);
      await settle(
        store,
        (await inboxOf(store)).map((row) => done(row)),
        { keepHistory: true },
      );
      assert.equal(await purge(store, "history"), OWN.length);
      assert.equal((await store.replay({ limit: 99, runId: "run" })).count, OTHERS.length);
      assert.deepEqual(usersOf(await inboxOf(store)), OTHER_USERS);
    },
  },
  {
    name: "parks no lane of a tenant that was purged, and goes on parking others",
    async run(bench) {
      const store = await storeWithAll(bench);
      const rows = await inboxOf(store);
      await settle(
        store,
        rows.map((row) => retry(row, 9_000)),
      );
      await purge(store, "inbox");
      const due = await store.takeDueLanes({ declarations: [DECLARATION], now: 9_000, limit: 99 });
      assert.equal(due.length, OTHERS.length);
      const lanes = new Set(OTHERS.map(({ lane }) => lane));
      assert.ok(due.every(({ lane }) => lanes.has(lane)));
    },
  },
  {
    name: "passes over the outcome of a row that was purged meanwhile",
    async run(bench) {
      const store = await storeWithAll(bench);
      const [first, second, third] = await inboxOf(store);
      assert.ok(first && second && third);
      for (const place of ["inbox", "dead", "history"] as const) await purge(store, place);
      await settle(store, [done(first), retry(third, 9_000)], { keepHistory: true });
      assert.deepEqual(await store.counts(), { waiting: OTHERS.length, dead: 0 });
      assert.equal(await store.nextLaneAt([DECLARATION]), undefined);
      assert.equal((await store.replay({ limit: 99, runId: "run" })).count, 0);
    },
  },
  {
    name: "purges only what was there when the walk began",
    async run(bench) {
      const store = await storeWithAll(bench);
      const step = await store.purgeTenant({ tenantId: TENANT, place: "inbox", limit: 2 });
      await store.append(OWN);
      let { next } = step;
      while (next !== undefined) {
        ({ next } = await store.purgeTenant({ tenantId: TENANT, place: "inbox", limit: 2, ...next }));
      }
      assert.equal((await store.counts()).waiting, OTHERS.length + OWN.length);
    },
  },
];
