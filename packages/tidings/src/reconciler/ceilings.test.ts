import { beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/support/fake-graph.ts";
import { ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import { resolveDeclaration } from "../core/declaration.ts";

const MINUTE_MS = 60_000;

let bench: ReconcilerBench;

beforeEach(() => {
  bench = new ReconcilerBench();
});

/** Lives that were asked for, in minutes by our clock. */
function askedMinutes(): number[] {
  return bench.graph.asked.flatMap(({ wanted, renewal }) => {
    const { expiresAt } = wanted ?? renewal ?? {};
    return expiresAt === undefined ? [] : (expiresAt - bench.clock.now()) / MINUTE_MS;
  });
}

describe("a ceiling that Graph told of", () => {
  beforeEach(() => {
    bench.graph.maxLifeMs = () => 4_230 * MINUTE_MS;
  });

  it("is kept to at once, and told to nobody as a failure", async () => {
    await bench.begin().reconcileOnce();
    expect(askedMinutes()).toEqual([41_750, 4_229]);
    expect(bench.graph.live.size).toBe(1);
    expect(bench.toldOf("subscription:failed")).toEqual([]);
  });

  it("is remembered for the tenant and the kind of resource, by later processes too", async () => {
    const groups = resolveDeclaration("groups", { changeType: "updated" });
    const user = resolveDeclaration("users/{id}", { changeType: "updated" });
    await bench.begin().reconcileOnce();
    expect(await bench.store.listNotes("ceiling")).toMatchObject([
      { key: `${TENANT_ID} user`, value: String(4_230 * MINUTE_MS) },
    ]);
    const next = bench.begin({ specs: [user, groups] });
    await next.desired.subscribe({ spec: user, params: { id: "1" }, tenantId: TENANT_ID });
    bench.graph.asked.length = 0;
    await next.reconcileOnce();
    expect(askedMinutes().toSorted((a, b) => a - b)).toEqual([4_229, 4_229, 41_750]);
  });

  it("is kept to by renewals", async () => {
    const reconciler = bench.begin();
    await reconciler.reconcileOnce();
    bench.graph.maxLifeMs = () => 60 * MINUTE_MS;
    await bench.clock.advance((await bench.row()).nextActionAt - bench.clock.now());
    bench.graph.asked.length = 0;
    await reconciler.reconcileOnce();
    expect(askedMinutes()).toEqual([4_229, 59]);
    expect(bench.graph.calls).not.toContain("create");
  });

  it("is forgotten with its tenant", async () => {
    const reconciler = bench.begin();
    await reconciler.reconcileOnce();
    await reconciler.tenants.remove("another");
    expect(await bench.store.listNotes("ceiling")).toHaveLength(1);
    await reconciler.tenants.remove(TENANT_ID);
    expect(await bench.store.listNotes("ceiling")).toEqual([]);
  });
});

describe("a life that Graph finds too long though it is short enough", () => {
  it("is shorter next time, since our clock is ahead of Graph's", async () => {
    const presence = resolveDeclaration("communications/presences/{id}");
    const { clock } = bench;
    const ahead = { now: () => clock.now() + 10 * MINUTE_MS, sleep: clock.sleep.bind(clock) };
    bench.graph.maxLifeMs = () => 60 * MINUTE_MS;
    const reconciler = bench.begin({ specs: [presence], clock: ahead });
    await reconciler.desired.subscribe({ spec: presence, params: { id: "1" }, tenantId: TENANT_ID });
    await reconciler.reconcileOnce();
    expect(askedMinutes()).toEqual([67, 62, 57]);
    expect(bench.graph.live.size).toBe(1);
    expect(await bench.store.listNotes("ceiling")).toEqual([]);
  });

  it("is asked for later and later, whatever Graph says, once it is a quarter of an hour shorter", async () => {
    const graphMessage = "Subscription expiration can only be 43200 minutes in the future.";
    for (let n = 0; n < 9; n += 1) bench.graph.failNext("create", refusal({ graphMessage }));
    const reconciler = bench.begin();
    await reconciler.reconcileOnce();
    expect(askedMinutes()).toEqual([41_750, 41_745, 41_740, 41_735]);
    expect(bench.toldOf("subscription:failed")).toHaveLength(1);
    expect((await bench.row()).nextActionAt).toBeGreaterThan(bench.clock.now());
  });
});
