import { beforeEach, expect, it } from "vitest";
import { ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import type { HeardSubscription } from "../core/events.ts";
import type { Reconciler } from "./reconciler.ts";

const HOUR = 3_600_000;

let bench: ReconcilerBench;
let reconciler: Reconciler;

beforeEach(async () => {
  bench = new ReconcilerBench();
  reconciler = bench.begin();
  await reconciler.reconcileOnce();
});

async function heard(properties: Partial<HeardSubscription> = {}): Promise<HeardSubscription> {
  const { key, graph } = await bench.row();
  return { key, id: graph?.id ?? "", heardAt: bench.clock.now(), expiresAt: graph?.expiresAt, ...properties };
}

it("notes when a subscription was heard of", async () => {
  const at = bench.clock.now() + 5_000;
  await reconciler.observe([await heard({ heardAt: at })]);
  expect(await bench.row()).toMatchObject({ heardAt: at });
});

it("adopts what a process that lost its store's last hours had made, and removes the other", async () => {
  const { key, graph } = await bench.row();
  if (graph === null) throw new Error("Expected a subscription");
  const made = bench.graph.live.get(graph.id);
  if (made === undefined) throw new Error("Expected it at Graph");
  bench.graph.plant({ ...made, id: "unknown" }, { tenantId: TENANT_ID });
  await bench.clock.advance(1);
  await reconciler.observe([await heard({ key, id: "unknown" })]);
  await reconciler.reconcileOnce();
  expect([...bench.graph.live.keys()]).toEqual(["unknown"]);
  expect(await bench.knownIds()).toEqual(["unknown"]);
});

it("asks Graph once for each thing that is said, however often it is said", async () => {
  const expiresAt = bench.clock.now() + 40 * 24 * HOUR;
  for (let times = 0; times < 3; times += 1) {
    await bench.clock.advance(10_000);
    await reconciler.observe([await heard({ expiresAt })]);
    await reconciler.reconcileOnce();
  }
  expect(bench.toldOf("subscription:renewed")).toHaveLength(1);
});

it("passes over what no row is of", async () => {
  await reconciler.observe([await heard({ key: "unknown" })]);
  await reconciler.reconcileOnce();
  expect(bench.graph.live.size).toBe(1);
});
