import { beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/support/fake-graph.ts";
import { ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import type { ChangeType } from "../core/change-type.ts";
import { resolveDeclaration } from "../core/declaration.ts";
import type { Reconciler } from "./reconciler.ts";

let bench: ReconcilerBench;

beforeEach(() => {
  bench = new ReconcilerBench();
});

/** A process that declares users, and these changes. */
function begin(...changeType: ChangeType[]): Reconciler {
  return bench.begin({ specs: [resolveDeclaration("users", { changeType })] });
}

describe("a reconciler whose process dies or whose network fails", () => {
  it.each(["before", "after"] as const)(
    "has one subscription when a creation broke %s Graph made it",
    async (when) => {
      const { graph, clock } = bench;
      graph.failNext("create", when);
      await begin("updated").reconcileOnce();
      await clock.advance(20 * 60_000);
      await bench.settle(begin("updated"));
      expect(graph.live.size).toBe(1);
      expect(await bench.knownIds()).toEqual([...graph.live.keys()]);
    },
  );

  it("adopts what an interrupted creation made, also when the code wants other changes by now", async () => {
    bench.graph.failNext("create", "after");
    await begin("updated").reconcileOnce();
    await bench.settle(begin("updated", "deleted"));
    expect([...bench.graph.live.values()]).toMatchObject([{ changeTypes: ["updated", "deleted"] }]);
  });

  it("leaves no old one behind when the replacement broke between making and deleting", async () => {
    await bench.settle(begin("updated"));
    bench.graph.failNext("delete", "before");
    await bench.settle(begin("updated", "deleted"));
    expect([...bench.graph.live.values()]).toMatchObject([{ changeTypes: ["updated", "deleted"] }]);
  });

  it("leaves no old one behind when a renewal was granted but never heard of, until after the old end", async () => {
    const reconciler = begin("updated");
    await bench.settle(reconciler);
    const row = await bench.row();
    await bench.clock.advance(row.nextActionAt - bench.clock.now());
    bench.graph.failNext("renew", "after");
    await reconciler.reconcileOnce();
    await bench.clock.advance((row.graph?.expiresAt ?? 0) - bench.clock.now());
    await bench.settle(begin("updated"));
    expect(bench.graph.live.size).toBe(1);
  });

  it("makes it anew when it is wanted again while its removal broke", async () => {
    const spec = resolveDeclaration("users", { changeType: "updated" });
    const request = { spec, params: {}, tenantId: TENANT_ID };
    const reconciler = begin("updated");
    await bench.settle(reconciler);
    bench.graph.failNext("delete", "after");
    await reconciler.desired.unsubscribe(request);
    await reconciler.reconcileOnce();
    await reconciler.desired.subscribe(request);
    await bench.settle(reconciler);
    expect(bench.graph.live.size).toBe(1);
    expect(await bench.knownIds()).toEqual([...bench.graph.live.keys()]);
  });

  it("does not ask Graph again at once when it refused, and waits as long as it says", async () => {
    const { graph, clock } = bench;
    graph.failNext("create", refusal({ status: 429, retryAfterMs: 600_000 }));
    const reconciler = begin("updated");
    const { nextAt } = await reconciler.reconcileOnce();
    expect(nextAt).toBe(clock.now() + 600_000);
    expect(graph.calls).toEqual(["create"]);
  });

  it("is not held up by one resource that Graph refuses", async () => {
    bench.graph.failNext("create", "before");
    const reconciler = begin("updated");
    await reconciler.desired.subscribe({
      spec: resolveDeclaration("groups"),
      params: {},
      tenantId: TENANT_ID,
    });
    await reconciler.reconcileOnce();
    expect(bench.graph.live.size).toBe(1);
  });
});

describe("a subscription that was gone when it was replaced", () => {
  it.each([
    { name: "before its end", afterMs: 3_600_000, reason: "gone" },
    { name: "since its end", afterMs: 30 * 24 * 3_600_000, reason: "lapsed" },
  ])("$name leaves a gap behind, since when Graph told of no changes", async ({ afterMs, reason }) => {
    await begin("updated").reconcileOnce();
    const { graph: before } = await bench.row();
    bench.graph.lose(before?.id ?? "");
    await bench.clock.advance(afterMs);
    await begin("updated", "deleted").reconcileOnce();
    const { key, gap, formerIds, graph } = await bench.row();
    const since = before?.grantedAt;
    expect(gap).toEqual({ since, reason });
    expect(bench.toldOf("subscription:gap")).toMatchObject([{ key, since, reason }]);
    expect(formerIds).toEqual([before?.id]);
    expect([...bench.graph.live.keys()]).toEqual([graph?.id]);
  });

  it("leaves one behind also when the replacement broke, and what it made was found", async () => {
    await begin("updated").reconcileOnce();
    const { graph: before } = await bench.row();
    bench.graph.lose(before?.id ?? "");
    bench.graph.failNext("create", "after");
    await bench.settle(begin("updated", "deleted"));
    expect((await bench.row()).gap).toMatchObject({ since: before?.grantedAt, reason: "gone" });
    expect(bench.graph.live.size).toBe(1);
  });

  it("leaves none when it was there", async () => {
    await begin("updated").reconcileOnce();
    await begin("updated", "deleted").reconcileOnce();
    expect((await bench.row()).gap).toBe(null);
    expect(bench.toldOf("subscription:replaced")).toHaveLength(1);
  });
});
