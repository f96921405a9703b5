import { beforeEach, expect, it } from "vitest";
import { APP, ENDPOINT, keyring, ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import { subscriptionUrls } from "../core/mark.ts";
import type { Clock } from "../core/ports/clock.ts";
import { RemoteLists } from "./remote-lists.ts";

const APP_ITSELF = { tenantId: TENANT_ID };

let bench: ReconcilerBench;
let lists: RemoteLists;

beforeEach(() => {
  bench = new ReconcilerBench();
  lists = listsBy(bench.clock);
});

function listsBy(clock: Clock): RemoteLists {
  return new RemoteLists({ graph: bench.graph, clock, app: APP, keyring });
}

it("asks once for all that look for what was made before", async () => {
  const since = bench.clock.now() - 1;
  await Promise.all(Array.from({ length: 50 }, async () => lists.get(APP_ITSELF, since)));
  await bench.clock.advance(9 * 60_000);
  await lists.get(APP_ITSELF, since);
  expect(bench.graph.calls).toEqual(["list"]);
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
  const jumping = listsBy({ now: () => clock.now() + aheadMs, sleep: clock.sleep.bind(clock) });
  await jumping.get(APP_ITSELF, 0);
  aheadMs = 0;
  await jumping.get(APP_ITSELF, 0);
  expect(graph.calls).toEqual(["list", "list"]);
});

it("gives what carries the app's mark, by its key, and nothing else", async () => {
  const urlOf = (app: string) =>
    subscriptionUrls(keyring, ENDPOINT, { app, subscriptionKey: "key" }).notificationUrl;
  const remote = { resource: "users", changeTypes: [], expiresAt: bench.clock.now() + 60_000 };
  bench.graph.plant({ ...remote, id: "ours", notificationUrl: urlOf(APP) }, APP_ITSELF);
  bench.graph.plant({ ...remote, id: "others", notificationUrl: urlOf("others") }, APP_ITSELF);
  bench.graph.plant({ ...remote, id: "strange", notificationUrl: ENDPOINT }, APP_ITSELF);
  const list = await lists.get(APP_ITSELF, 0);
  expect([...list.keys()]).toEqual(["key"]);
  expect(list.get("key")).toMatchObject([{ id: "ours" }]);
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
  await expect(lists.get(APP_ITSELF, 0)).resolves.toEqual(new Map());
});
