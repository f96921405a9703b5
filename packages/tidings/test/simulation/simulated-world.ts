import { createHash } from "node:crypto";
import { startSimulator, type Simulator } from "@tidings/graph-simulator";
import type { Tidings } from "../../src/app/tidings.ts";
import type { Random } from "../../src/core/ports/random.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { PUBLIC_URL } from "./app-process.ts";
import { LivesCheck, type LifeEvent, type LifeViolation } from "./check-lives.ts";
import { targetKey, type Demand } from "./demand.ts";
import { Fleet } from "./fleet.ts";
import { SharedStore } from "./shared-store.ts";
import { SimulatedTime, SkewedClock } from "./simulated-time.ts";

type WithoutTime<Event> = Event extends unknown ? Omit<Event, "at"> : never;

export interface Renewal {
  readonly key: string;
  readonly at: number;
  /** When it would have ended, and how long it was to live. */
  readonly expiredAt: number;
}

/** Graph, our processes and what they share, in one time; and who watches them. */
export class SimulatedWorld<Declared> implements AsyncDisposable {
  readonly graph: Simulator;
  readonly time: SimulatedTime;
  readonly clock: SkewedClock;
  readonly fleet: Fleet<Declared>;
  readonly #check: LivesCheck = new LivesCheck();
  readonly counts = { created: 0, renewed: 0, deleted: 0, expired: 0, removed: 0, ownThrottled: 0 };
  /** Called with each renewal. */
  onRenewed: (renewal: Renewal) => void = () => {};
  /** Called with all that is told. */
  onTold: (event: LifeEvent) => void = () => {};
  readonly #history = createHash("sha256");
  #obstacleCount = 0;
  #isUp = false;

  private constructor(graph: Simulator, random: Random, declare: (tidings: Tidings) => Declared) {
    this.graph = graph;
    this.time = new SimulatedTime(graph.clock);
    this.clock = new SkewedClock(this.time);
    const store = new SharedStore(this.time);
    this.fleet = new Fleet({ graph, store, clock: this.clock, random }, declare, (upCount) => {
      if (this.#isUp === upCount > 0) return;
      this.#isUp = upCount > 0;
      this.#tellReach();
    });
    graph.endpoints.set(PUBLIC_URL, async (request) => this.fleet.receive(request));
    this.#watch();
  }

  /** The same for the same seed. */
  static async create<Declared>(
    seed: number,
    population: Demand["population"],
    declare: (tidings: Tidings) => Declared,
  ): Promise<SimulatedWorld<Declared>> {
    const graph = await startSimulator({
      ...population,
      seed,
      listen: false,
      clock: "virtual",
      // Graph does not keep us from having two of one thing, so we must ourselves.
      duplicates: "sometimes",
      // By this a limit's own refusals are told from those that were ordered.
      retryAfter: "fractional",
      ledgerLimit: 1_000,
      // Renewals must not hang on challenges, which would come before most of them are due.
      lifecycle: { challenges: "never" },
      // As where access is evaluated continuously; a token an hour for each tenant would take longer than all the rest.
      login: { accessTokenLifetimeS: 24 * 3_600, keyRotationMs: 400 * 24 * 3_600_000 },
    });
    return new SimulatedWorld(graph, seededRandom(seed), declare);
  }

  get violations(): readonly LifeViolation[] {
    return this.#check.violations;
  }

  /** How many lapsed for want of Graph or of a process. */
  get explainedLapseCount(): number {
    return this.#check.explainedLapseCount;
  }

  /** What happened, in a few characters: two runs that are alike have the same. */
  get digest(): string {
    return this.#history.copy().digest("hex").slice(0, 16);
  }

  /** Runs for so long. */
  async live(forMs: number): Promise<void> {
    await this.graph.clock.run(forMs);
  }

  /** Nothing comes any more. @returns what was wrong */
  end(): readonly LifeViolation[] {
    return this.#check.end(this.time.now());
  }

  tell(event: WithoutTime<LifeEvent>): void {
    const timed = { ...event, at: this.time.now() };
    this.#history.update(JSON.stringify(timed));
    this.#check.take(timed);
    this.onTold(timed);
  }

  /** Nothing can be asked of the app for so long. */
  async hinder(forMs: number): Promise<void> {
    this.#obstacleCount += 1;
    this.#tellReach();
    await this.time.sleep(forMs);
    this.#obstacleCount -= 1;
    this.#tellReach();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.fleet.end();
    await this.graph.close();
  }

  #tellReach(): void {
    this.tell({ kind: this.#isUp && this.#obstacleCount === 0 ? "reachable" : "unreachable" });
  }

  #watch(): void {
    const { events } = this.graph;
    events.on("subscription:created", ({ subscription: { tenantId, resource, id, expiresAt } }) => {
      this.counts.created += 1;
      this.tell({ kind: "granted", key: targetKey(tenantId, resource), id, expiresAt });
    });
    events.on("subscription:renewed", ({ subscription: { tenantId, resource, id, expiresAt }, previous }) => {
      const key = targetKey(tenantId, resource);
      this.counts.renewed += 1;
      this.tell({ kind: "granted", key, id, expiresAt });
      this.onRenewed({ key, at: this.time.now(), expiredAt: previous.expiresAt });
    });
    // Of some kinds of resource Graph tells that it removed one, of others nobody hears.
    let removed = { id: "", key: "" };
    events.on("subscription:removed", ({ subscription: { tenantId, resource, id } }) => {
      removed = { id, key: targetKey(tenantId, resource) };
    });
    events.on("lifecycle:owed", ({ notification: { subscriptionId } }) => {
      if (subscriptionId === removed.id) this.tell({ kind: "told", key: removed.key });
    });
    for (const how of ["expired", "deleted", "removed"] as const) {
      events.on(`subscription:${how}`, ({ subscription: { tenantId, resource, id } }) => {
        this.counts[how] += 1;
        this.tell({ kind: "ended", key: targetKey(tenantId, resource), id, how });
      });
    }
    events.on("request:refused", ({ method, path, refusal }) => {
      if (refusal.status !== 429 || !/\.\d{3}$/.test(refusal.headers?.["retry-after"] ?? "")) return;
      this.counts.ownThrottled += 1;
      this.tell({ kind: "throttled", what: `${method} ${path}` });
    });
  }
}
