import { beforeEach, describe, expect, it } from "vitest";
import { refusal, type AskedOfGraph } from "../../test/support/fake-graph.ts";
import { createFaultStore, type Fault } from "../../test/support/fault-store.ts";
import { ReconcilerBench, TENANT_ID } from "../../test/support/reconciler-bench.ts";
import type { ChangeType } from "../core/change-type.ts";
import { resolveDeclaration } from "../core/declaration.ts";
import type { Reconciler } from "./reconciler.ts";

const DAY_MS = 24 * 3_600_000;

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

/** Graph does not answer such requests before it is let go on. */
function holding(isHeld: (asked: AskedOfGraph) => boolean): { bench: ReconcilerBench; goOn: () => void } {
  const held = Promise.withResolvers<void>();
  return {
    bench: new ReconcilerBench({ during: async (asked) => (isHeld(asked) ? held.promise : undefined) }),
    goOn: held.resolve,
  };
}

const isForUsers = ({ wanted }: AskedOfGraph): boolean => wanted?.resource === "users";

describe("a running reconciler", () => {
  const groups = resolveDeclaration("groups", { changeType: "updated" });

  it("lets one that takes long hold up nothing that comes to be wanted meanwhile", async () => {
    const { bench: slow, goOn } = holding(isForUsers);
    const reconciler = slow.begin();
    reconciler.start();
    await slow.clock.advance(1_000);
    await reconciler.desired.subscribe({ spec: groups, params: {}, tenantId: TENANT_ID });
    await slow.clock.advance(0);
    expect([...slow.graph.live.values()]).toMatchObject([{ resource: "groups" }]);
    goOn();
    await slow.clock.advance(0);
    expect(slow.graph.live.size).toBe(2);
    await reconciler.stop(1_000);
  });

  it("lets one that takes long hold up nothing that is due meanwhile", async () => {
    const { bench: slow, goOn } = holding(isForUsers);
    slow.graph.failNext("create", "before");
    const reconciler = slow.begin({ specs: [groups] });
    await reconciler.reconcileOnce();
    reconciler.start();
    await reconciler.desired.subscribe({
      spec: resolveDeclaration("users", { changeType: "updated" }),
      params: {},
      tenantId: TENANT_ID,
    });
    await slow.clock.advance(5 * 60_000);
    expect([...slow.graph.live.values()]).toMatchObject([{ resource: "groups" }]);
    goOn();
    await slow.clock.advance(0);
    await reconciler.stop(1_000);
  });

  it("lets an audit that takes long hold up nothing", async () => {
    const { bench: slow, goOn } = holding(({ operation }) => operation === "list");
    const reconciler = slow.begin();
    reconciler.start();
    await slow.clock.advance(0);
    await slow.clock.advance(DAY_MS);
    expect(slow.graph.calls).toEqual(["create", "list"]);
    await reconciler.desired.subscribe({ spec: groups, params: {}, tenantId: TENANT_ID });
    await slow.clock.advance(0);
    expect(slow.graph.live.size).toBe(2);
    goOn();
    await slow.clock.advance(0);
    await reconciler.stop(1_000);
  });

  it("has 64 requests on their way at most, those of the soonest deadline first", async () => {
    const { bench: slow, goOn } = holding(() => true);
    const spec = resolveDeclaration("users/{id}/messages", { changeType: "created" });
    const reconciler = slow.begin({ specs: [spec] });
    for (let id = 99; id >= 0; id -= 1) {
      await reconciler.desired.subscribe({ spec, params: { id: String(id) }, tenantId: TENANT_ID });
      await slow.clock.advance(1_000);
    }
    const pass = reconciler.reconcileOnce();
    await slow.clock.advance(0);
    const asked = slow.graph.asked.map(({ wanted }) => wanted?.resource);
    const soonest = Array.from({ length: 64 }, (_, place) => `users/${99 - place}/messages`);
    expect(new Set(asked)).toEqual(new Set(soonest));
    expect(asked).toHaveLength(64);
    goOn();
    await pass;
    expect(slow.graph.live.size).toBe(100);
  });

  it("goes on when the store has failed", async () => {
    const { store } = bench;
    const rates: Partial<Record<Fault, number>> = { "error-before": 1 };
    const faulty = createFaultStore(store, { clock: bench.clock, random: { next: () => 0.5 }, rates });
    const reconciler = bench.begin({ store: faulty.store });
    reconciler.start();
    await bench.clock.advance(60_000);
    expect(bench.toldOf("internal:error")).not.toEqual([]);
    rates["error-before"] = 0;
    await bench.clock.advance(60_000);
    expect(bench.graph.live.size).toBe(1);
    await reconciler.stop(1_000);
  });
});

describe("a reconciler that stops", () => {
  it("waits for the requests on their way, and asks for nothing more", async () => {
    const { bench: slow, goOn } = holding(isForUsers);
    const reconciler = slow.begin();
    reconciler.start();
    await slow.clock.advance(0);
    let isStopped = false;
    const stopping = reconciler.stop(10_000).then(() => (isStopped = true));
    await slow.clock.advance(9_999);
    expect(isStopped).toBe(false);
    goOn();
    await stopping;
    expect((await slow.row()).graph?.id).toBe("remote-1");
    await slow.clock.advance(40 * DAY_MS);
    expect(slow.graph.calls).toEqual(["create"]);
  });

  it("waits no longer than it may; the next one finds what came of them", async () => {
    const { bench: slow, goOn } = holding(isForUsers);
    const reconciler = slow.begin();
    reconciler.start();
    await slow.clock.advance(0);
    const stopping = reconciler.stop(10_000);
    await slow.clock.advance(10_000);
    await stopping;
    goOn();
    await slow.settle(slow.begin());
    expect(slow.graph.live.size).toBe(1);
  });

  it("is stopped at once when it never ran, and twice", async () => {
    const reconciler = begin("updated");
    await reconciler.stop(10_000);
    await reconciler.stop(10_000);
    expect(bench.graph.calls).toEqual([]);
  });
});

describe("a row whose process was abandoned", () => {
  it("is taken up by another five minutes after it was claimed", async () => {
    const { bench: slow } = holding(({ operation }) => operation === "create");
    void slow.begin().reconcileOnce();
    await slow.clock.advance(0);
    const { claimedUntil } = await slow.row();
    expect(claimedUntil).toBe(slow.clock.now() + 5 * 60_000);
    const next = slow.begin();
    expect((await next.reconcileOnce()).nextAt).toBe(claimedUntil);
    expect(slow.graph.calls).toEqual(["create"]);
    await slow.clock.advance(5 * 60_000);
    void next.reconcileOnce();
    await slow.clock.advance(0);
    expect(slow.graph.calls).toEqual(["create", "list", "create"]);
  });
});

describe("a process that slept for longer than its claim", () => {
  /** Graph does not do the nth creation before it is let go on. */
  function holdingCreation(nth: number): ReturnType<typeof holding> {
    const creations = new Set<AskedOfGraph>();
    return holding((asked) => {
      if (asked.operation === "create") creations.add(asked);
      return [...creations][nth - 1] === asked;
    });
  }

  it("makes one too many, which is looked for and removed at once", async () => {
    const { bench: slow, goOn } = holdingCreation(1);
    const pass = slow.begin().reconcileOnce();
    await slow.clock.advance(0);
    await slow.clock.advance(5 * 60_000);
    await slow.begin().reconcileOnce();
    expect(slow.graph.live.size).toBe(1);
    goOn();
    await pass;
    expect(slow.graph.live.size).toBe(1);
    expect(await slow.row()).toMatchObject({ createStartedAt: null });
    expect(await slow.knownIds()).toEqual([...slow.graph.live.keys()]);
  });

  it("replaces once too often, which is looked for and removed at once", async () => {
    const { bench: slow, goOn } = holdingCreation(2);
    await slow.begin().reconcileOnce();
    const specs = [resolveDeclaration("users", { changeType: ["updated", "deleted"] })];
    const pass = slow.begin({ specs }).reconcileOnce();
    await slow.clock.advance(0);
    await slow.clock.advance(5 * 60_000);
    await slow.begin({ specs }).reconcileOnce();
    goOn();
    await pass;
    expect([...slow.graph.live.values()]).toMatchObject([{ changeTypes: ["updated", "deleted"] }]);
    expect(await slow.knownIds()).toEqual([...slow.graph.live.keys()]);
  });
});

describe("a replacement", () => {
  const presence = (...changeType: ChangeType[]) =>
    resolveDeclaration("communications/presences/{id}", { name: "presence", changeType });

  it("is made before the former is deleted, where Graph takes two", async () => {
    await begin("updated").reconcileOnce();
    await begin("updated", "deleted").reconcileOnce();
    expect(bench.graph.calls).toEqual(["create", "create", "delete"]);
    expect(bench.toldOf("subscription:replaced")).toMatchObject([
      { id: "remote-2", formerId: "remote-1", drift: "change types" },
    ]);
    expect(await bench.row()).toMatchObject({ formerIds: ["remote-1"], gap: null, createStartedAt: null });
  });

  it.each([
    { name: "conflicts", refused: { status: 409 } },
    { name: "is over a quota", refused: { status: 403, graphMessage: "has reached its limit of '1'" } },
  ])("is made after that, with a gap, where a second one $name", async ({ refused }) => {
    await begin("updated").reconcileOnce();
    const { graph } = await bench.row();
    bench.graph.failNext("create", refusal(refused));
    await begin("updated", "deleted").reconcileOnce();
    expect(bench.graph.calls).toEqual(["create", "create", "delete", "create"]);
    expect(await bench.row()).toMatchObject({ gap: { since: graph?.grantedAt, reason: "replaced" } });
    expect(bench.graph.live.size).toBe(1);
  });

  // https://learn.microsoft.com/graph/change-notifications-overview#presence
  it("is made after that, with a gap, where Graph is known to take one", async () => {
    bench.graph.isOneOnly = () => true;
    const before = bench.begin({ specs: [presence("updated")] });
    await before.desired.subscribe({ spec: presence("updated"), params: { id: "1" }, tenantId: TENANT_ID });
    await before.reconcileOnce();
    await bench
      .begin({ specs: [presence("updated")], endpoint: "https://moved.example/notifications" })
      .reconcileOnce();
    expect(bench.graph.calls).toEqual(["create", "delete", "create"]);
    expect((await bench.row()).gap?.reason).toBe("replaced");
  });

  it("keeps the former alive while it fails", async () => {
    await begin("updated").reconcileOnce();
    const reconciler = begin("updated", "deleted");
    for (let n = 0; n < 9_999; n += 1)
      bench.graph.failNext("create", refusal({ graphMessage: "Subscription validation request timed out." }));
    await bench.live(60 * DAY_MS, reconciler);
    expect([...bench.graph.live.keys()]).toEqual(["remote-1"]);
    expect((await bench.row()).gap).toBe(null);
  });
});

describe("looking at Graph for what there is", () => {
  it("keeps what is right, and removes former and double ones", async () => {
    await begin("updated").reconcileOnce();
    const row = await bench.row();
    const own = bench.graph.get("remote-1");
    for (const id of ["former", "double"]) bench.graph.plant({ ...own, id }, { tenantId: TENANT_ID });
    bench.graph.plant({ ...own, id: "wrong", changeTypes: ["deleted"] }, { tenantId: TENANT_ID });
    await bench.store.putSubscription({
      ...row,
      formerIds: ["former"],
      createStartedAt: bench.clock.now(),
      nextActionAt: 0,
    });
    await begin("updated").reconcileOnce();
    expect([...bench.graph.live.keys()]).toEqual(["double"]);
    expect(bench.toldOf("subscription:removed")).toHaveLength(3);
    expect(await bench.row()).toMatchObject({
      graph: { id: "double", isRenewalAsked: false },
      formerIds: ["remote-1", "former"],
    });
  });

  it("keeps its own, where another is not as wanted", async () => {
    await begin("updated").reconcileOnce();
    const row = await bench.row();
    const own = bench.graph.get("remote-1");
    bench.graph.plant({ ...own, id: "wrong", changeTypes: ["deleted"] }, { tenantId: TENANT_ID });
    await bench.store.putSubscription({ ...row, createStartedAt: 0, nextActionAt: 0 });
    await begin("updated").reconcileOnce();
    expect([...bench.graph.live.keys()]).toEqual(["remote-1"]);
    expect(bench.toldOf("subscription:removed")).toMatchObject([{ id: "wrong" }]);
    expect((await bench.row()).gap).toBe(null);
  });

  it("looks again a minute later, as the list may be behind, before it makes another", async () => {
    bench.graph.listDelayMs = 50_000;
    bench.graph.failNext("create", "after");
    await bench.live(10 * 60_000, begin("updated"));
    expect(bench.graph.calls.filter((call) => call === "create")).toHaveLength(1);
    expect(await bench.knownIds()).toEqual(["remote-1"]);
  });
});

it("ends a pass when its last work ends while the store is asked what comes next", async () => {
  const slow = new Proxy(bench.store, {
    get(store, name) {
      if (name === "nextSubscriptionAt") {
        return async () => {
          for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate);
          return store.nextSubscriptionAt();
        };
      }
      const member: unknown = Reflect.get(store, name);
      return typeof member === "function" ? member.bind(store) : member;
    },
  });
  const process = bench.begin({ store: slow });
  // The clock stands still, so that a rest would never end.
  await process.reconcileOnce();
  expect(bench.graph.live.size).toBe(1);
});
