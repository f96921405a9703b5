import { rowOf } from "../../src/core/catalogue/catalogue.ts";
import { resolveDeclaration, type DeclarationSpec } from "../../src/core/declaration.ts";
import { StoreError } from "../../src/core/errors.ts";
import { markOfUrl, subscriptionUrls } from "../../src/core/mark.ts";
import type { LifecycleEvent } from "../../src/core/notification.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { RemoteSubscription } from "../../src/core/ports/graph-api.ts";
import type { Random } from "../../src/core/ports/random.ts";
import { expandTemplate, type Params } from "../../src/core/resource-template.ts";
import { planSubscription } from "../../src/core/subscription-plan.ts";
import { subscriptionKeyOf, wantedChangeTypes, type SubscriptionRow } from "../../src/core/subscription.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { createKeyring } from "../../src/crypto/keyring.ts";
import type { Reconciler } from "../../src/reconciler/reconciler.ts";
import {
  FakeGraph,
  refusal,
  type AskedOfGraph,
  type GraphFailure,
  type GraphOperation,
} from "./fake-graph.ts";
import { Life, mortal, mortalClock } from "./mortal.ts";
import { APP, keyring, ReconcilerBench, TENANT_ID } from "./reconciler-bench.ts";
import { seededRandom } from "./seeded-random.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const OTHER_TENANT_ID = "11111111-1111-4111-8111-111111111111";

/** The app as it was, and as it is after a change. */
const VERSIONS: readonly (readonly DeclarationSpec[])[] = [
  [
    resolveDeclaration("users", { changeType: "updated" }),
    resolveDeclaration("users/{userId}/messages", { name: "mail", changeType: "created" }),
    resolveDeclaration("communications/presences/{userId}", { name: "presence" }),
  ],
  [
    resolveDeclaration("users", { changeType: ["updated", "deleted"] }),
    resolveDeclaration("users/{userId}/messages", { name: "mail", changeType: ["created", "updated"] }),
    resolveDeclaration("communications/presences/{userId}", { name: "presence" }),
  ],
];

interface Target {
  readonly declaration: string;
  readonly params: Params;
  readonly tenantId: string;
}

/** What is subscribed to at run time. Of presence, Graph takes one for a user, for an hour at most. */
export const TARGETS: readonly Target[] = [
  { declaration: "mail", params: { userId: "1" }, tenantId: TENANT_ID },
  { declaration: "mail", params: { userId: "2" }, tenantId: TENANT_ID },
  { declaration: "mail", params: { userId: "3" }, tenantId: OTHER_TENANT_ID },
  { declaration: "presence", params: { userId: "1" }, tenantId: TENANT_ID },
  { declaration: "presence", params: { userId: "4" }, tenantId: OTHER_TENANT_ID },
];

/** Ways for Graph not to do what it is asked: one for each verdict there is on it. */
export const FAILURES: Readonly<Record<string, GraphFailure>> = {
  "lost before": "before",
  "lost after": "after",
  endpoint: refusal({ graphMessage: "Subscription validation request timed out." }),
  service: refusal({ status: 503 }),
  throttled: refusal({ status: 429 }),
  "throttled for 7 s": refusal({ status: 429, retryAfterMs: 7_000 }),
  "throttled for 0 s": refusal({ status: 429, retryAfterMs: 0 }),
  "too long": refusal({ graphMessage: "Subscription expiration can only be 50 minutes in the future." }),
  conflict: refusal({ status: 409 }),
  gone: refusal({ method: "PATCH", status: 404 }),
  "signed out": refusal({ status: 401 }),
  unpaid: refusal({ status: 402 }),
  "no consent": refusal({ status: 403, graphMessage: "Access is denied." }),
  "too many": refusal({ status: 403, graphMessage: "App has reached its limit of '1'" }),
  "wrong request": refusal({ graphMessage: "Resource not found for the segment 'movies'." }),
  "wrong resource": refusal({ method: "POST", status: 404 }),
};

export interface ProcessPlan {
  readonly version: number;
  readonly endpoint: number;
  /** How many awaits it has to live; null for as many as it likes. */
  readonly awaits: number | null;
}

export type Command =
  /** A new process, in place of those there are or beside the latest of them. */
  | ({ readonly what: "begin"; readonly isBeside: boolean } & ProcessPlan)
  | { readonly what: "end" }
  | { readonly what: "subscribe" | "unsubscribe"; readonly target: number }
  /** Graph loses one, and tells of it or not. */
  | { readonly what: "lose"; readonly nth: number; readonly isTold: boolean }
  /** Somebody gives one another end. */
  | { readonly what: "tamper"; readonly nth: number; readonly lifeMs: number }
  | { readonly what: "tell"; readonly nth: number; readonly event: LifecycleEvent }
  | { readonly what: "fail"; readonly operation: GraphOperation; readonly how: string }
  | { readonly what: "stale"; readonly ms: number }
  /** How far our clocks are ahead of Graph's from now on. */
  | { readonly what: "jump"; readonly ms: number }
  | { readonly what: "pass"; readonly ms: number };

interface ProcessParts {
  readonly life: Life;
  readonly reconciler: Reconciler;
  readonly specs: readonly DeclarationSpec[];
  readonly clock: Clock;
}

/** A process that reconciles whenever it is time to, for as long as it lives. */
class Process {
  readonly life: Life;
  readonly reconciler: Reconciler;
  readonly specs: readonly DeclarationSpec[];
  readonly #clock: Clock;
  #poked = new AbortController();

  constructor({ life, reconciler, specs, clock }: ProcessParts) {
    this.life = life;
    this.reconciler = reconciler;
    this.specs = specs;
    this.#clock = clock;
    void this.#run();
  }

  poke(): void {
    this.#poked.abort();
  }

  async #run(): Promise<void> {
    while (!this.life.isOver) {
      this.#poked = new AbortController();
      const nextAt = await this.#look();
      await this.#clock.sleep(Math.max(1, nextAt - this.#clock.now()), this.#poked.signal);
    }
  }

  async #look(): Promise<number> {
    try {
      return (await this.reconciler.reconcileOnce()).nextAt ?? Infinity;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return this.#clock.now() + 1_000;
    }
  }
}

/** How often Graph may be asked at one moment, before somebody asks without end. */
const MAX_ASKED_AT_ONCE = 200;

/** A world in which much goes wrong, and which watches what must never happen meanwhile. */
export class ReconcilerWorld {
  /** What happened that must not. */
  readonly wrongs: string[] = [];
  readonly graph: FakeGraph;
  readonly #bench: ReconcilerBench;
  readonly #random: Random;
  readonly #clock: Clock;
  #isHurried = false;
  #aheadMs = 0;
  readonly #processes: Process[] = [];
  /** The last that was asked of each target, and whether it was done for certain. */
  readonly #asked = new Map<number, { readonly isWanted: boolean; isCertain: boolean }>();
  readonly #foreign = new Map<string, RemoteSubscription>();
  readonly #firstSeen = new Map<string, number>();
  /** Since when Graph was without a subscription that a row had, by key. */
  readonly #lost = new Map<string, number>();
  #askedAt = 0;
  #askedAtOnce = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#bench = new ReconcilerBench({
      onChange: () => void this.#watch(),
      during: async (asked) => this.#takeTime(asked),
    });
    const { clock, graph } = this.#bench;
    this.graph = graph;
    graph.maxLifeMs = (resource) => (rowOf(resource)?.maxLifetimeMinutes ?? Infinity) * MINUTE_MS;
    graph.isOneOnly = (resource) => resource.startsWith("communications/presences/");
    this.#clock = {
      now: () => clock.now() + this.#aheadMs,
      sleep: async (ms, signal) => clock.sleep(ms, signal),
    };
    this.#plantForeign();
  }

  async play(command: Command): Promise<void> {
    switch (command.what) {
      case "begin":
        this.#endAllBut(command.isBeside ? 1 : 0);
        this.#begin(command);
        break;
      case "end":
        this.#endAllBut(0);
        break;
      case "subscribe":
      case "unsubscribe":
        this.#ask(command.target, command.what === "subscribe");
        break;
      case "lose": {
        const found = this.#ours(command.nth);
        if (found === undefined) break;
        this.graph.lose(found.id);
        if (command.isTold) this.#tell("subscriptionRemoved", found);
        break;
      }
      case "tamper": {
        const found = this.#ours(command.nth);
        if (found !== undefined)
          this.graph.tamper(found.id, { expiresAt: this.#bench.clock.now() + command.lifeMs });
        break;
      }
      case "tell": {
        const found = this.#ours(command.nth);
        if (found !== undefined) this.#tell(command.event, found);
        break;
      }
      case "fail":
        this.graph.failNext(command.operation, FAILURES[command.how] ?? "before");
        break;
      case "stale":
        this.graph.listDelayMs = command.ms;
        break;
      case "jump":
        this.#aheadMs = command.ms;
        break;
      case "pass":
        await this.#bench.clock.advance(command.ms);
        break;
    }
    await this.#bench.clock.advance(0);
  }

  /** One process is left, nothing fails any more, and time goes by: what was forgotten is found by the audit. */
  async quieten(plan: Omit<ProcessPlan, "awaits">): Promise<void> {
    this.graph.recover();
    this.#endAllBut(0);
    this.#begin({ ...plan, awaits: null });
    await this.#bench.clock.advance(MINUTE_MS);
    for (const [target, { isWanted, isCertain }] of this.#asked) if (!isCertain) this.#ask(target, isWanted);
    await this.#bench.clock.advance(36 * HOUR_MS);
    this.#isHurried = true;
    await this.#bench.clock.advance(HOUR_MS);
    await this.#checkQuiet(plan);
  }

  #begin({ version, endpoint, awaits }: ProcessPlan): void {
    const specs = VERSIONS[version] ?? [];
    const life = new Life(awaits ?? Infinity);
    const clock = mortalClock(this.#clock, life);
    const reconciler = this.#bench.begin({
      specs,
      clock,
      endpoint: endpointOf(endpoint),
      store: mortal(this.#bench.store, life),
      graph: mortal(this.graph, life),
      random: this.#random,
    });
    this.#processes.push(new Process({ life, reconciler, specs, clock }));
  }

  #endAllBut(count: number): void {
    while (this.#processes.length > count) this.#processes.shift()?.life.end();
  }

  #ask(target: number, isWanted: boolean): void {
    const before = this.#asked.get(target);
    const asked = { isWanted, isCertain: false };
    this.#asked.set(target, asked);
    const { declaration, ...rest } = at(TARGETS, target);
    const process = this.#processes.at(-1);
    const spec = process?.specs.find(({ name }) => name === declaration);
    if (process === undefined || spec === undefined) return;
    if (!isWanted) this.#lost.delete(keyOf(spec, rest));
    void process.reconciler.desired[isWanted ? "subscribe" : "unsubscribe"]({ ...rest, spec }).then(() => {
      // Of two that overlap, nobody can say which was the last.
      asked.isCertain = before === undefined || before.isCertain;
      process.poke();
    });
  }

  #tell(event: LifecycleEvent, { id, notificationUrl }: RemoteSubscription): void {
    const process = this.#processes.at(-1);
    const key = markOfUrl(keyring, notificationUrl)?.subscriptionKey;
    if (process === undefined || key === undefined) return;
    void process.reconciler.react(event, key, id).then(() => process.poke());
  }

  /** One of those alive that carry our mark. */
  #ours(nth: number): RemoteSubscription | undefined {
    const ours = [...this.graph.live.values()].filter(({ id }) => !this.#foreign.has(id));
    return ours[nth % ours.length];
  }

  /** What another app, another endpoint and another secret have made: nothing of it is ours. */
  #plantForeign(): void {
    const [target] = TARGETS;
    const spec = VERSIONS[0]?.[1];
    if (target === undefined || spec === undefined) return;
    const mark = { app: APP, subscriptionKey: keyOf(spec, target) };
    const otherKeyring = createKeyring(["another-secret-of-thirty-two-characters-or-more"]);
    const urls = [
      subscriptionUrls(keyring, endpointOf(0), { ...mark, app: "app-staging" }).notificationUrl,
      subscriptionUrls(otherKeyring, endpointOf(0), mark).notificationUrl,
      "https://somebody.example/notifications",
    ];
    for (const [index, notificationUrl] of urls.entries()) {
      const id = `foreign-${index}`;
      const remote: RemoteSubscription = {
        id,
        notificationUrl,
        resource: "users/1/messages",
        changeTypes: ["created"],
        expiresAt: this.#bench.clock.now() + 1_000 * HOUR_MS,
      };
      this.#foreign.set(id, remote);
      this.graph.plant(remote, { tenantId: TENANT_ID });
    }
  }

  async #takeTime({ operation, scope }: AskedOfGraph): Promise<void> {
    const { clock } = this.#bench;
    this.#askedAtOnce = this.#askedAt === clock.now() ? this.#askedAtOnce + 1 : 0;
    this.#askedAt = clock.now();
    if (this.#askedAtOnce > MAX_ASKED_AT_ONCE) {
      this.#wrong(`${operation} in ${scope.tenantId} is asked without end`);
      for (const { life } of this.#processes) life.end();
    }
    if (this.#isHurried) return;
    const chance = this.#random.next();
    await clock.sleep(chance < 0.1 ? 30_000 * this.#random.next() : 500 * chance);
  }

  /** Called at each change at Graph. */
  async #watch(): Promise<void> {
    const now = this.#bench.clock.now();
    const live = [...this.graph.live.values()];
    for (const { id } of live) if (!this.#firstSeen.has(id)) this.#firstSeen.set(id, now);
    for (const [id, remote] of this.#foreign)
      if (live.find((other) => other.id === id) !== remote) this.#wrong(`${id} is not ours to touch`);
    const rows = await this.#bench.rows();
    const byKey = Map.groupBy(live, ({ id, notificationUrl }) =>
      this.#foreign.has(id) ? undefined : markOfUrl(keyring, notificationUrl)?.subscriptionKey,
    );
    for (const row of rows) {
      const own = byKey.get(row.key) ?? [];
      this.#watchCount(row, own.length);
      this.#watchCover(row, own);
    }
    for (const key of this.#lost.keys())
      if (!rows.some((row) => row.key === key && row.wants.length > 0)) this.#lost.delete(key);
  }

  #watchCount(row: SubscriptionRow, count: number): void {
    if (count > 2) this.#wrong(`${count} are alive for ${row.path}`);
    if (count === 2 && row.createStartedAt === null)
      this.#wrong(`2 are alive for ${row.path}, and nobody will look`);
  }

  #watchCover(row: SubscriptionRow, own: readonly RemoteSubscription[]): void {
    const endedAt = row.graph === null ? undefined : this.graph.endOf(row.graph.id);
    if (endedAt === undefined || this.#lost.has(row.key) || row.wants.length === 0) return;
    const isCovered = own.some(({ id }) => (this.#firstSeen.get(id) ?? Infinity) <= endedAt);
    if (!isCovered) this.#lost.set(row.key, endedAt);
  }

  async #checkQuiet({ version, endpoint }: Omit<ProcessPlan, "awaits">): Promise<void> {
    const rows = await this.#bench.rows();
    const specs = at(VERSIONS, version);
    const targets = [...this.#asked]
      .filter(([, { isWanted }]) => isWanted)
      .map(([target]) => at(TARGETS, target));
    const wanted = [{ declaration: "users", params: {}, tenantId: TENANT_ID }, ...targets].map((target) => {
      const spec = specs.find(({ name }) => name === target.declaration);
      if (spec === undefined) throw new Error("Expected both versions to have the declaration");
      return { spec, key: keyOf(spec, target) };
    });
    const { length: liveCount } = [...this.graph.live.keys()].filter((id) => !this.#foreign.has(id));
    if (rows.length !== wanted.length) this.#wrong(`there are ${rows.length} rows for ${wanted.length}`);
    if (liveCount !== wanted.length) this.#wrong(`${liveCount} are alive for ${wanted.length}`);
    for (const { key, spec } of wanted) {
      const row = rows.find((other) => other.key === key);
      const { notificationUrl } = subscriptionUrls(keyring, endpointOf(endpoint), {
        app: APP,
        subscriptionKey: key,
      });
      const remote = this.graph.live.get(row?.graph?.id ?? "");
      if (row === undefined || remote === undefined) {
        this.#wrong(`${spec.name} is not alive: ${JSON.stringify(row)}`);
        continue;
      }
      if (remote.notificationUrl !== notificationUrl) this.#wrong(`${row.path} is at another endpoint`);
      if (remote.changeTypes.join() !== spec.changeTypes.join())
        this.#wrong(`${row.path} tells of ${remote.changeTypes.join()}`);
      if (wantedChangeTypes(row).join() !== spec.changeTypes.join())
        this.#wrong(`${row.path} wants ${wantedChangeTypes(row).join()}`);
      const urls = { notificationUrl, lifecycleNotificationUrl: "" };
      const action = planSubscription(row, urls, this.#clock.now());
      if (action.kind !== "wait") this.#wrong(`${row.path} would ${action.kind} at quiet`);
      const lostAt = this.#lost.get(key);
      if (lostAt !== undefined && !(row.gap !== null && row.gap.since <= lostAt + JUMP_MS))
        this.#wrong(`${row.path} was lost, which nothing says: ${JSON.stringify(row.gap)} of ${lostAt}`);
    }
  }

  #wrong(what: string): void {
    if (!this.wrongs.includes(what)) this.wrongs.push(what);
  }
}

/** How far clocks jump, both ways together. */
const JUMP_MS = 20 * MINUTE_MS;

function endpointOf(endpoint: number): string {
  return `https://tidings-${endpoint}.example/notifications`;
}

function keyOf(
  { template, query }: DeclarationSpec,
  { tenantId, params }: Omit<Target, "declaration">,
): string {
  return subscriptionKeyOf(APP, { tenantId, path: expandTemplate(template, params), query }, sha256);
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`Expected an index below ${items.length}, got ${index}`);
  return item;
}
