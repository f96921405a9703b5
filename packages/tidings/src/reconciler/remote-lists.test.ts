import { beforeEach, expect, it } from "vitest";
import { ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import { RemoteLists } from "./remote-lists.ts";

const APP_ITSELF = { tenantId: TENANT_ID };

let bench: ReconcilerBench;
let lists: RemoteLists;

beforeEach(() => {
  bench = new ReconcilerBench();
  lists = new RemoteLists(bench.graph, bench.clock);
});

it("asks once for many that look at the same time, and for 20 seconds", async () => {
  const since = bench.clock.now() - 1;
  await Promise.all(Array.from({ length: 50 }, async () => lists.get(APP_ITSELF, since)));
  await bench.clock.advance(19_999);
  await lists.get(APP_ITSELF, since);
  expect(bench.graph.calls).toEqual(["list"]);
  await bench.clock.advance(1);
  await lists.get(APP_ITSELF, since);
  expect(bench.graph.calls).toEqual(["list", "list"]);
});

it("asks anew for what may have come after the list it has", async () => {
  const listedAt = bench.clock.now();
  await lists.get(APP_ITSELF, 0);
  await bench.clock.advance(1);
  await lists.get(APP_ITSELF, listedAt);
  await lists.get(APP_ITSELF, listedAt);
  expect(bench.graph.calls).toEqual(["list", "list"]);
});

it("asks anew when the clock has jumped back since, since nobody can say what came first", async () => {
  const { clock, graph } = bench;
  let aheadMs = 600_000;
  const jumping = new RemoteLists(graph, {
    now: () => clock.now() + aheadMs,
    sleep: clock.sleep.bind(clock),
  });
  await jumping.get(APP_ITSELF, 0);
  aheadMs = 0;
  await jumping.get(APP_ITSELF, 0);
  expect(graph.calls).toEqual(["list", "list"]);
});

it("keeps the lists of tenants and of users apart", async () => {
  await lists.get(APP_ITSELF, 0);
  await lists.get({ tenantId: TENANT_ID, userId: "u" }, 0);
  await lists.get({ tenantId: "another" }, 0);
  expect(bench.graph.asked).toMatchObject([
    { scope: { tenantId: TENANT_ID, userId: undefined } },
    { scope: { tenantId: TENANT_ID, userId: "u" } },
    { scope: { tenantId: "another", userId: undefined } },
  ]);
});

it("keeps no failure", async () => {
  bench.graph.failNext("list", "before");
  await expect(lists.get(APP_ITSELF, 0)).rejects.toThrow("Graph did not answer");
  await expect(lists.get(APP_ITSELF, 0)).resolves.toEqual([]);
});
