import { beforeEach, describe, expect, it } from "vitest";
import { MemoryRouteTable } from "../app/routes.ts";
import type { ChangeType } from "../core/change-type.ts";
import { resolveDeclaration } from "../core/declaration.ts";
import { GraphRefusedError, GraphUnreachableError } from "../core/errors.ts";
import type { GraphApi, NewGraphSubscription, RemoteSubscription } from "../core/ports/graph-api.ts";
import { sha256 } from "../crypto/hash.ts";
import { createKeyring } from "../crypto/keyring.ts";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Reconciler } from "./reconciler.ts";
import { SubscriptionRows } from "./subscription-rows.ts";

const TENANT_ID = "84bd8158-6d4d-4958-8b9f-9d6445542f95";

type Failure = "before" | "after";

/** Graph's subscriptions, and a network that can fail before or after Graph has done what it was asked. */
class FakeGraph implements GraphApi {
  readonly live = new Map<string, RemoteSubscription>();
  readonly calls: string[] = [];
  readonly #failures: [operation: string, failure: Failure | Error][] = [];

  failNext(operation: string, failure: Failure | Error): void {
    this.#failures.push([operation, failure]);
  }

  async createSubscription(_: unknown, wanted: NewGraphSubscription): Promise<RemoteSubscription> {
    return this.#call("create", () => {
      const { resource, changeTypes, notificationUrl, expiresAt } = wanted;
      const made = { id: `remote-${this.calls.length}`, resource, changeTypes, notificationUrl, expiresAt };
      this.live.set(made.id, made);
      return made;
    });
  }

  async renewSubscription(
    _: unknown,
    id: string,
    expiresAt: number,
  ): Promise<RemoteSubscription | undefined> {
    return this.#call("renew", () => {
      const found = this.live.get(id);
      if (found === undefined) return undefined;
      this.live.set(id, { ...found, expiresAt });
      return this.live.get(id);
    });
  }

  async deleteSubscription(_: unknown, id: string): Promise<void> {
    this.#call("delete", () => this.live.delete(id));
  }

  async listSubscriptions(): Promise<RemoteSubscription[]> {
    return this.#call("list", () => [...this.live.values()]);
  }

  async getEntity(): Promise<unknown> {
    return undefined;
  }

  #call<Result>(operation: string, work: () => Result): Result {
    this.calls.push(operation);
    const planned = this.#failures[0]?.[0] === operation ? this.#failures.shift()?.[1] : undefined;
    if (planned instanceof Error) throw planned;
    const lost = new GraphUnreachableError("POST", "/subscriptions", { cause: new Error("reset") });
    if (planned === "before") throw lost;
    const result = work();
    if (planned === "after") throw lost;
    return result;
  }
}

let clock: FakeClock;
let graph: FakeGraph;
let store: MemoryStore;

beforeEach(() => {
  clock = new FakeClock();
  graph = new FakeGraph();
  store = new MemoryStore();
});

/** A process with this declaration; another call is another process on the same store. */
function startReconciler(changeTypes: readonly ChangeType[] = ["updated"]): Reconciler {
  return new Reconciler({
    app: "app",
    endpoint: "https://tidings.example/notifications",
    specs: [resolveDeclaration("users", { changeType: changeTypes })],
    early: [],
    lookFirst: null,
    probe: { check: async () => ({ kind: "proved", sentence: "" }) },
    ownTenantId: async () => TENANT_ID,
    isOwnGiven: true,
    store,
    rows: new SubscriptionRows(store, new MemoryRouteTable()),
    graph,
    keyring: createKeyring(["a-secret-of-at-least-thirty-two-characters"]),
    hash: sha256,
    clock,
    random: { next: () => 0.5 },
    report: () => {},
  });
}

async function settle(reconciler: Reconciler): Promise<void> {
  for (let rounds = 0; rounds < 10; rounds += 1) {
    await reconciler.reconcileOnce();
    await clock.advance(20 * 60_000);
  }
}

describe("a reconciler whose process dies or whose network fails", () => {
  it.each(["before", "after"] as const)(
    "has one subscription when a creation broke %s Graph made it",
    async (when) => {
      graph.failNext("create", when);
      await startReconciler().reconcileOnce();
      await clock.advance(20 * 60_000);
      await settle(startReconciler());
      expect(graph.live.size).toBe(1);
      expect((await store.listSubscriptions({ limit: 99 })).map((row) => row.graph?.id)).toEqual([
        ...graph.live.keys(),
      ]);
    },
  );

  it("adopts what an interrupted creation made, also when the code wants other changes by now", async () => {
    graph.failNext("create", "after");
    await startReconciler(["updated"]).reconcileOnce();
    await settle(startReconciler(["updated", "deleted"]));
    expect([...graph.live.values()]).toMatchObject([{ changeTypes: ["updated", "deleted"] }]);
  });

  it("leaves no old one behind when the replacement broke between making and deleting", async () => {
    await settle(startReconciler(["updated"]));
    graph.failNext("delete", "before");
    await settle(startReconciler(["updated", "deleted"]));
    expect([...graph.live.values()]).toMatchObject([{ changeTypes: ["updated", "deleted"] }]);
  });

  it("leaves no old one behind when a renewal was granted but never heard of, until after the old end", async () => {
    const reconciler = startReconciler();
    await settle(reconciler);
    const [row] = await store.listSubscriptions({ limit: 99 });
    await clock.advance((row?.nextActionAt ?? 0) - clock.now());
    graph.failNext("renew", "after");
    await reconciler.reconcileOnce();
    await clock.advance((row?.graph?.expiresAt ?? 0) - clock.now());
    await settle(startReconciler());
    expect(graph.live.size).toBe(1);
  });

  it("makes it anew when it is wanted again while its removal broke", async () => {
    const spec = resolveDeclaration("users", { changeType: "updated" });
    const request = { spec, params: {}, tenantId: TENANT_ID };
    const reconciler = startReconciler();
    await settle(reconciler);
    graph.failNext("delete", "after");
    await reconciler.desired.unsubscribe(request);
    await reconciler.reconcileOnce();
    await reconciler.desired.subscribe(request);
    await settle(reconciler);
    expect(graph.live.size).toBe(1);
    expect((await store.listSubscriptions({ limit: 99 })).map((row) => row.graph?.id)).toEqual([
      ...graph.live.keys(),
    ]);
  });

  it("does not ask Graph again at once when it refused, and waits as long as it says", async () => {
    const refusal = new GraphRefusedError({
      method: "POST",
      path: "/v1.0/subscriptions",
      status: 429,
      graphCode: "TooManyRequests",
      graphMessage: "Please retry again later.",
      requestId: "r",
      retryAfterMs: 600_000,
    });
    graph.failNext("create", refusal);
    const reconciler = startReconciler();
    const { nextAt } = await reconciler.reconcileOnce();
    expect(nextAt).toBe(clock.now() + 600_000);
    expect(graph.calls).toEqual(["create"]);
  });

  it("is not held up by one resource that Graph refuses", async () => {
    graph.failNext(
      "create",
      new GraphUnreachableError("POST", "/subscriptions", { cause: new Error("reset") }),
    );
    const reconciler = startReconciler();
    await reconciler.desired.subscribe({
      spec: resolveDeclaration("groups"),
      params: {},
      tenantId: TENANT_ID,
    });
    await reconciler.reconcileOnce();
    expect(graph.live.size).toBe(1);
  });
});
