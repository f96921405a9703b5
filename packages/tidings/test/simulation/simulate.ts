import type { Declaration } from "../../src/app/declaration.ts";
import { seededRandom } from "../support/seeded-random.ts";
import type { LifeViolation } from "./check-lives.ts";
import { createDemand, declareAll, type Target } from "./demand.ts";
import { drawMishaps, type Mishap } from "./mishaps.ts";
import { SimulatedWorld } from "./simulated-world.ts";
import { traceProcess, traceWorld, type Trace } from "./trace.ts";

export interface SimulationOptions {
  readonly subscriptions: number;
  readonly days: number;
  /** The same seed lets the same things happen. */
  readonly seed: number;
  /** @default 50 */
  readonly tenants?: number | undefined;
  /** Processes that are up while none is killed. @default 1 */
  readonly processes?: number | undefined;
}

export interface Progress {
  readonly day: number;
  readonly liveCount: number;
  readonly violationCount: number;
}

export interface Simulated {
  readonly violations: readonly LifeViolation[];
  readonly counts: Readonly<Record<string, number>>;
  /** The same for runs that went alike. */
  readonly digest: string;
}

const DAY_MS = 24 * 3_600_000;
/** Nothing goes wrong at the end, so that all can come to rest. */
const CALM_MS = 3 * 3_600_000;

export interface SimulationListener {
  readonly onDay?: (progress: Progress) => void;
  readonly trace?: Trace | undefined;
}

/** Lets an app keep its subscriptions for days of simulated time in which much goes wrong, and watches it. */
export async function simulate(
  { subscriptions, days, seed, tenants = 50, processes = 1 }: SimulationOptions,
  { onDay, trace }: SimulationListener = {},
): Promise<Simulated> {
  const { targets, population } = createDemand(subscriptions, tenants);
  await using world = await SimulatedWorld.create(seed, population, (tidings) => {
    if (trace !== undefined) traceProcess(tidings, trace, () => world.time.now());
    return declareAll(tidings);
  });
  if (trace !== undefined) traceWorld(world, trace);
  const run = new Run(world, targets, seed);
  for (let count = 0; count < processes; count += 1) world.fleet.start();
  void run.wantAll();
  void run.suffer(days * DAY_MS - CALM_MS);
  for (let day = 1; day <= days; day += 1) {
    await world.live(DAY_MS);
    const liveCount = world.graph.subscriptions.list().length;
    onDay?.({ day, liveCount, violationCount: world.violations.length });
  }
  const violations = world.end();
  const { explainedLapseCount } = world;
  return {
    violations,
    counts: { ...world.counts, ...run.counts, explainedLapseCount },
    digest: world.digest,
  };
}

/** What those do who use the app, and what happens to it. */
class Run {
  readonly counts = { killed: 0, faults: 0, skews: 0, abstentions: 0, lifecycle: 0 };
  readonly #world: SimulatedWorld<ReadonlyMap<string, Declaration>>;
  readonly #targets: readonly Target[];
  readonly #seed: number;
  /** Those that nobody is about to change their mind about. */
  readonly #wanted = new Set<Target>();

  constructor(
    world: SimulatedWorld<ReadonlyMap<string, Declaration>>,
    targets: readonly Target[],
    seed: number,
  ) {
    this.#world = world;
    this.#targets = targets;
    this.#seed = seed;
  }

  async wantAll(): Promise<void> {
    for (const target of this.#targets) await this.#want(target);
  }

  async suffer(forMs: number): Promise<void> {
    const { time } = this.#world;
    const startedAt = time.now();
    for (const { at, ...mishap } of drawMishaps(seededRandom(this.#seed), forMs)) {
      await time.sleep(startedAt + at - time.now());
      void this.#happen(mishap);
    }
  }

  async #happen(mishap: Mishap): Promise<void> {
    const { graph, clock, time, fleet } = this.#world;
    switch (mishap.kind) {
      case "kill": {
        const victim = fleet.up.find(({ life }) => !life.isDoomed);
        if (victim === undefined) return;
        victim.life.doom(mishap.doom);
        await victim.life.over;
        this.counts.killed += 1;
        await time.sleep(mishap.downMs);
        fleet.start();
        return;
      }
      case "fault":
        this.counts.faults += 1;
        graph.faults.start({ ...mishap.fault, for: mishap.forMs });
        if (mishap.excuses) await this.#world.hinder(mishap.forMs);
        return;
      case "skew":
        this.counts.skews += 1;
        clock.offsetMs = mishap.offsetMs;
        await time.sleep(mishap.forMs);
        clock.offsetMs = 0;
        return;
      case "unsubscribe": {
        const target = this.#targets[Math.floor(mishap.pick * this.#targets.length)];
        if (target === undefined || !this.#wanted.delete(target)) return;
        this.counts.abstentions += 1;
        await this.#ask("unsubscribe", target);
        await time.sleep(mishap.forMs);
        return this.#want(target);
      }
      case "lifecycle":
        return this.#sendLifecycle(mishap);
    }
  }

  async #want(target: Target): Promise<void> {
    await this.#ask("subscribe", target);
    this.#wanted.add(target);
  }

  /** Whoever asks it asks again when the process dies before it answers. */
  async #ask(verb: "subscribe" | "unsubscribe", target: Target): Promise<void> {
    const { key, declaration, params, tenantId } = target;
    this.#world.tell({ kind: "asked", key });
    await this.#world.fleet.ask(async ({ declared }) =>
      declared.get(declaration)?.[verb](params, { tenantId }),
    );
    this.#world.tell({ kind: verb === "subscribe" ? "wanted" : "unwanted", key });
  }

  #sendLifecycle({ event, pick }: Mishap & { kind: "lifecycle" }): void {
    const { subscriptions, lifecycle } = this.#world.graph;
    const live = subscriptions.list();
    const chosen = live[Math.floor(pick * live.length)];
    if (chosen === undefined) return;
    this.counts.lifecycle += 1;
    if (event === "remove") lifecycle.removeSubscription(chosen.id);
    else if (event === "miss") lifecycle.missNotifications(chosen.id);
    else lifecycle.requireReauthorization(chosen.id);
  }
}
