import { beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/support/fake-graph.ts";
import { APP, ENDPOINT, keyring, ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import { subscriptionUrls, type Mark } from "../core/mark.ts";
import type { Keyring } from "../core/ports/keyring.ts";
import type { SubscriptionRow } from "../core/subscription.ts";
import { createKeyring } from "../crypto/keyring.ts";
import type { Reconciler } from "./reconciler.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let bench: ReconcilerBench;
let reconciler: Reconciler;
/** With a subscription that was granted a day before the audit. */
let row: SubscriptionRow;

beforeEach(async () => {
  bench = new ReconcilerBench();
  reconciler = bench.begin();
  await reconciler.reconcileOnce();
  row = await bench.row();
  await bench.clock.advance(DAY_MS);
  bench.graph.asked.length = 0;
  bench.told.length = 0;
});

/** Puts one at Graph that nobody here has made. */
function plant(id: string, mark: Mark, signedBy: Keyring = keyring, tenantId = TENANT_ID): void {
  const { notificationUrl } = subscriptionUrls(signedBy, ENDPOINT, mark);
  const expiresAt = bench.clock.now() + DAY_MS;
  bench.graph.plant(
    { id, notificationUrl, resource: "users", changeTypes: ["updated"], expiresAt },
    { tenantId },
  );
}

describe("an audit", () => {
  it("that finds everything as expected does nothing", async () => {
    await reconciler.reconcileOnce();
    expect(bench.graph.calls).toEqual(["list"]);
    expect(await bench.row()).toEqual(row);
    expect(bench.told).toEqual([]);
  });

  it("removes what carries our mark and no row wants", async () => {
    plant("orphan", { app: APP, subscriptionKey: "a-key-that-no-row-has" });
    await reconciler.reconcileOnce();
    expect([...bench.graph.live.keys()]).toEqual([row.graph?.id]);
    expect(bench.toldOf("subscription:removed")).toEqual([
      { key: "a-key-that-no-row-has", tenantId: TENANT_ID, resource: "users", id: "orphan" },
    ]);
  });

  it("touches nothing without our mark, or with that of another app or of another secret", async () => {
    const subscriptionKey = "a-key-that-no-row-has";
    const other = createKeyring(["another-secret-of-thirty-two-characters-or-more"]);
    plant("of another app", { app: `${APP}-staging`, subscriptionKey });
    plant("of another secret", { app: APP, subscriptionKey }, other);
    const remote = { resource: "users", changeTypes: [], expiresAt: bench.clock.now() + DAY_MS };
    const notificationUrl = `${ENDPOINT}/${subscriptionKey}`;
    bench.graph.plant({ ...remote, id: "without", notificationUrl }, { tenantId: TENANT_ID });
    await bench.live(3 * DAY_MS, reconciler);
    expect(bench.graph.live.has(row.graph?.id ?? "")).toBe(true);
    expect(bench.graph.calls).not.toContain("delete");
  });

  it("has what Graph does not list renewed, which tells whether it is gone", async () => {
    bench.graph.lose(row.graph?.id ?? "");
    await reconciler.reconcileOnce();
    await bench.clock.advance(60_000);
    await reconciler.reconcileOnce();
    expect(bench.graph.calls.slice(0, 2)).toEqual(["list", "renew"]);
    expect(await bench.row()).toMatchObject({
      graph: { id: [...bench.graph.live.keys()][0] },
      gap: { since: row.graph?.grantedAt, reason: "gone" },
    });
  });

  it("has what Graph lists with another end renewed", async () => {
    bench.graph.tamper(row.graph?.id ?? "", { expiresAt: bench.clock.now() + HOUR_MS });
    await reconciler.reconcileOnce();
    expect(bench.graph.calls).toEqual(["list", "renew"]);
    expect(bench.graph.live.get(row.graph?.id ?? "")?.expiresAt).toBe((await bench.row()).graph?.expiresAt);
  });

  it("believes a list that misses what lives no more than its renewal", async () => {
    bench.graph.listDelayMs = 2 * DAY_MS;
    await reconciler.reconcileOnce();
    expect(bench.graph.calls).toEqual(["list", "renew"]);
    expect(await bench.row()).toMatchObject({ graph: { id: row.graph?.id }, gap: null });
  });

  it("has looked for what there is where a row knows less than Graph", async () => {
    plant("unknown", { app: APP, subscriptionKey: row.key });
    await reconciler.reconcileOnce();
    expect(bench.graph.live.size).toBe(1);
    expect(await bench.knownIds()).toEqual([...bench.graph.live.keys()]);
  });

  it("leaves a row alone that was written meanwhile", async () => {
    const { store } = bench;
    const written = new Proxy(store, {
      get: (target, name: keyof typeof store) =>
        name === "listSubscriptions"
          ? async (query: Parameters<typeof store.listSubscriptions>[0]) => {
              const rows = await target.listSubscriptions(query);
              for (const each of rows) await target.putSubscription(each);
              return rows;
            }
          : Reflect.get(target, name).bind(target),
    });
    const late = bench.begin({ store: written });
    await late.desired.declare();
    bench.graph.lose(row.graph?.id ?? "");
    await late.reconcileOnce();
    expect((await bench.row()).graph).toEqual(row.graph);
  });

  it("does not look for what users who are signed in have", async () => {
    await bench.store.deleteSubscription(row);
    const key = "of-a-user-who-signed-in";
    const mine = { ...row, key, userId: "a-user", version: 0 };
    await bench.store.putSubscription(mine);
    await bench.begin({ specs: [] }).reconcileOnce();
    expect(bench.graph.calls).not.toContain("renew");
  });
});

describe("audits", () => {
  const tenants = ["a", "b", "c"];

  beforeEach(async () => {
    for (const tenantId of tenants) await reconciler.tenants.note(tenantId);
    await bench.clock.advance(DAY_MS);
    bench.graph.asked.length = 0;
  });

  const listed = (): string[] =>
    bench.graph.asked.flatMap(({ operation, scope }) => (operation === "list" ? scope.tenantId : []));

  it("are of one tenant at a time, two seconds apart, the one audited longest ago first", async () => {
    const { nextAt } = await reconciler.reconcileOnce();
    expect(listed()).toEqual([TENANT_ID]);
    expect(nextAt).toBe(bench.clock.now() + 2_000);
    for (let n = 0; n < 9; n += 1) {
      await bench.clock.advance(1_000);
      await reconciler.reconcileOnce();
    }
    expect(listed()).toEqual([TENANT_ID, ...tenants]);
  });

  it("come once a day", async () => {
    await bench.live(5 * DAY_MS - HOUR_MS, reconciler);
    for (const tenantId of tenants)
      expect(listed().filter((each) => each === tenantId).length).toBeLessThanOrEqual(5);
  });

  it("are not done twice by two processes", async () => {
    const other = bench.begin();
    await Promise.all([reconciler.reconcileOnce(), bench.clock.advance(0).then(() => other.reconcileOnce())]);
    expect(new Set(listed()).size).toBe(listed().length);
  });

  it("that failed come again in an hour, and keep no other from its turn", async () => {
    bench.graph.failNext("list", refusal({ method: "GET", status: 403 }));
    await reconciler.reconcileOnce();
    expect(bench.toldOf("internal:error")).toMatchObject([{ where: `auditing tenant ${TENANT_ID}` }]);
    await bench.clock.advance(2_000);
    await reconciler.reconcileOnce();
    expect(listed()).toEqual([TENANT_ID, "a"]);
    await bench.live(HOUR_MS + 60_000, reconciler);
    expect(listed()).toEqual([TENANT_ID, ...tenants, TENANT_ID]);
  });
});

it("is done at once by an app that was away for over an hour, since Graph may have told nobody what it removed", async () => {
  const bench = new ReconcilerBench();
  await bench.begin().reconcileOnce();
  const [id = ""] = bench.graph.live.keys();
  await bench.clock.advance(61 * 60_000);
  bench.graph.lose(id);
  await bench.live(5 * 60_000, bench.begin());
  expect(bench.graph.live.size).toBe(1);
  expect(await bench.knownIds()).toEqual([...bench.graph.live.keys()]);
});
