import { RouteCache } from "../../src/app/routes.ts";
import { resolveDeclaration, type DeclarationSpec } from "../../src/core/declaration.ts";
import type { Report, TidingsEventName } from "../../src/core/events.ts";
import type { Certificates } from "../../src/core/ports/certificates.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { EndpointProbe } from "../../src/core/ports/endpoint-probe.ts";
import type { GraphApi } from "../../src/core/ports/graph-api.ts";
import type { Keyring } from "../../src/core/ports/keyring.ts";
import type { Random } from "../../src/core/ports/random.ts";
import type { Store } from "../../src/core/ports/store.ts";
import type { SubscriptionRow } from "../../src/core/subscription.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import type { InitialRequest } from "../../src/reconciler/desired-subscriptions.ts";
import { Reconciler, type Signers } from "../../src/reconciler/reconciler.ts";
import { SubscriptionRows } from "../../src/reconciler/subscription-rows.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { FakeGraph, type FakeGraphOptions } from "./fake-graph.ts";

export const TENANT_ID = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
export const APP = "app";
export const ENDPOINT = "https://tidings.example/notifications";
export const SECRET = "a-secret-of-at-least-thirty-two-characters";
export const keyring = createKeyring([SECRET]);

/** Of one process; what is not said is as on the bench. */
export interface ProcessOptions {
  readonly specs?: readonly DeclarationSpec[];
  readonly early?: readonly InitialRequest[];
  readonly endpoint?: string;
  readonly lookFirst?: number | null;
  readonly store?: Store;
  readonly graph?: GraphApi;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly ownTenantId?: () => Promise<string>;
  readonly isOwnGiven?: boolean;
  readonly probe?: EndpointProbe;
  readonly keyring?: Keyring;
  readonly signers?: Signers;
  readonly certificates?: Certificates;
  readonly report?: Report;
}

/** A Graph and a store, for processes that come and go, and a clock that stands still until it is moved. */
export class ReconcilerBench {
  readonly clock = new FakeClock();
  readonly graph: FakeGraph;
  readonly store = new MemoryStore();
  readonly told: { readonly name: TidingsEventName; readonly event: unknown }[] = [];

  constructor(options: Omit<FakeGraphOptions, "clock"> = {}) {
    this.graph = new FakeGraph({ ...options, clock: this.clock });
  }

  /** A process; another call is another one on the same store. */
  begin(options: ProcessOptions = {}): Reconciler {
    const { store = this.store } = options;
    return new Reconciler({
      app: APP,
      endpoint: ENDPOINT,
      specs: [resolveDeclaration("users", { changeType: "updated" })],
      early: [],
      lookFirst: null,
      probe: { check: async () => ({ kind: "proved", sentence: "" }) },
      ownTenantId: async () => TENANT_ID,
      isOwnGiven: true,
      graph: this.graph,
      keyring,
      hash: sha256,
      clock: this.clock,
      random: { next: () => 0.5 },
      report: (name, event) => this.told.push({ name, event }),
      ...options,
      store,
      rows: new SubscriptionRows(store, new RouteCache()),
    });
  }

  /** Lets a process look again and again, for hours. */
  async settle(reconciler: Reconciler): Promise<void> {
    for (let rounds = 0; rounds < 10; rounds += 1) {
      await reconciler.reconcileOnce();
      await this.clock.advance(20 * 60_000);
    }
  }

  /** Lets processes look every ten minutes, for so long. */
  async live(ms: number, ...reconcilers: readonly Reconciler[]): Promise<void> {
    const until = this.clock.now() + ms;
    while (this.clock.now() < until) {
      for (const reconciler of reconcilers) await reconciler.reconcileOnce();
      await this.clock.advance(Math.min(10 * 60_000, until - this.clock.now()));
    }
    for (const reconciler of reconcilers) await reconciler.reconcileOnce();
  }

  async rows(): Promise<SubscriptionRow[]> {
    return this.store.listSubscriptions({ limit: 1_000 });
  }

  /** The one row there is. */
  async row(): Promise<SubscriptionRow> {
    const [row, other] = await this.rows();
    if (row === undefined || other !== undefined) throw new Error("Expected one row");
    return row;
  }

  /** Ids at Graph, by what the rows say. */
  async knownIds(): Promise<(string | undefined)[]> {
    return (await this.rows()).map(({ graph }) => graph?.id);
  }

  /** What was told under these names, in order; without any, all. */
  toldOf(...names: TidingsEventName[]): unknown[] {
    return this.told.filter(({ name }) => names.includes(name)).map(({ event }) => event);
  }
}
