import { beforeEach, describe, expect, it } from "vitest";
import { ReconcilerBench } from "../../test/support/reconciler-bench.ts";
import type { SubscriptionRow } from "../core/subscription.ts";
import type { Reconciler } from "./reconciler.ts";

const MINUTE_MS = 60_000;

let bench: ReconcilerBench;
let reconciler: Reconciler;
/** With a subscription that was granted an hour ago. */
let row: SubscriptionRow;

beforeEach(async () => {
  bench = new ReconcilerBench();
  reconciler = bench.begin();
  await reconciler.reconcileOnce();
  await bench.clock.advance(60 * MINUTE_MS);
  row = await bench.row();
  bench.told.length = 0;
  bench.graph.asked.length = 0;
});

function idOf({ graph }: SubscriptionRow): string {
  if (graph === null) throw new Error("Expected a row with a subscription");
  return graph.id;
}

// https://learn.microsoft.com/graph/change-notifications-lifecycle-events#actions-to-take
describe("reauthorizationRequired", () => {
  it("is answered with a renewal, which reauthorizes too", async () => {
    await reconciler.react("reauthorizationRequired", row.key, idOf(row));
    await reconciler.reconcileOnce();
    expect(bench.graph.calls).toEqual(["renew"]);
    expect((await bench.row()).graph).toMatchObject({ id: idOf(row), isRenewalAsked: false });
  });

  it("asks for nothing when it was renewed less than ten minutes ago", async () => {
    await reconciler.react("reauthorizationRequired", row.key, idOf(row));
    await reconciler.reconcileOnce();
    const renewed = await bench.row();
    await bench.clock.advance(10 * MINUTE_MS - 1);
    await reconciler.react("reauthorizationRequired", row.key, idOf(row));
    expect(await bench.row()).toEqual(renewed);
    await bench.clock.advance(1);
    await reconciler.react("reauthorizationRequired", row.key, idOf(row));
    await reconciler.reconcileOnce();
    expect(bench.graph.calls).toEqual(["renew", "renew"]);
  });

  it("that comes every few minutes does not make what fails be tried at once", async () => {
    await reconciler.react("reauthorizationRequired", row.key, idOf(row));
    bench.graph.failNext("renew", "before");
    await reconciler.reconcileOnce();
    const failed = await bench.row();
    await reconciler.react("reauthorizationRequired", row.key, idOf(row));
    expect(await bench.row()).toEqual(failed);
  });
});

// https://learn.microsoft.com/graph/change-notifications-lifecycle-events#responding-to-subscriptionremoved-notifications
describe("subscriptionRemoved", () => {
  it("is answered with another, and a gap since Graph last told of anything", async () => {
    const heardAt = bench.clock.now() - MINUTE_MS;
    await bench.store.noteHeard([{ key: row.key, heardAt }]);
    bench.graph.lose(idOf(row));
    await reconciler.react("subscriptionRemoved", row.key, idOf(row));
    const { gap, missingSince, formerIds } = await bench.row();
    expect(gap).toEqual({ since: heardAt, reason: "removed" });
    expect(missingSince).toBe(bench.clock.now());
    expect(formerIds).toEqual([idOf(row)]);
    await reconciler.reconcileOnce();
    expect(bench.graph.calls).toEqual(["create"]);
    expect(await bench.knownIds()).toEqual([...bench.graph.live.keys()]);
    expect(bench.toldOf("subscription:gone")).toMatchObject([{ key: row.key, id: idOf(row) }]);
    expect(bench.toldOf("subscription:gap")).toMatchObject([{ key: row.key, reason: "removed" }]);
  });

  it("that comes again, or late, says nothing of the one made since", async () => {
    bench.graph.lose(idOf(row));
    for (let times = 0; times < 2; times += 1)
      await reconciler.react("subscriptionRemoved", row.key, idOf(row));
    expect(bench.toldOf("subscription:gone")).toHaveLength(1);
    await reconciler.reconcileOnce();
    const made = await bench.row();
    await bench.clock.advance(MINUTE_MS);
    await reconciler.react("subscriptionRemoved", row.key, idOf(row));
    expect(await bench.row()).toEqual(made);
  });
});

// https://learn.microsoft.com/graph/change-notifications-lifecycle-events#responding-to-missed-notifications
describe("missed", () => {
  it("leaves a gap, and the subscription as it is", async () => {
    await reconciler.react("missed", row.key, idOf(row));
    await reconciler.reconcileOnce();
    const since = row.graph?.grantedAt;
    expect(await bench.row()).toEqual({ ...row, gap: { since, reason: "missed" }, version: row.version + 1 });
    expect(bench.graph.calls).toEqual([]);
    expect(bench.toldOf("subscription:gap")).toMatchObject([{ key: row.key, since, reason: "missed" }]);
  });

  it("that comes again writes nothing", async () => {
    await reconciler.react("missed", row.key, idOf(row));
    const marked = await bench.row();
    await reconciler.react("missed", row.key, idOf(row));
    expect(await bench.row()).toEqual(marked);
  });
});

describe("a lifecycle notification", () => {
  it.each(["reauthorizationRequired", "subscriptionRemoved", "missed"] as const)(
    "of %s is counted and changes nothing when it is of another subscription",
    async (event) => {
      await reconciler.react(event, row.key, "another");
      await reconciler.react(event, "no such key", idOf(row));
      expect(await bench.row()).toEqual(row);
      expect(bench.toldOf("lifecycle:received")).toEqual([
        { event, subscriptionKey: row.key },
        { event, subscriptionKey: "no such key" },
      ]);
      expect(bench.told).toHaveLength(2);
    },
  );

  it("that nobody knows is counted and changes nothing", async () => {
    await reconciler.react("somethingNew", row.key, idOf(row));
    expect(await bench.row()).toEqual(row);
    expect(bench.toldOf("lifecycle:received")).toHaveLength(1);
  });
});
