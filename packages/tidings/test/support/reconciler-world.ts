import { rowOf } from "../../src/core/catalogue/catalogue.ts";
import type { LifecycleEvent } from "../../src/core/notification.ts";
import { markOfUrl } from "../../src/core/mark.ts";
import type { Certificates, EncryptionCertificate } from "../../src/core/ports/certificates.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { RemoteSubscription } from "../../src/core/ports/graph-api.ts";
import type { Random } from "../../src/core/ports/random.ts";
import type { AskedOfGraph } from "./fake-graph.ts";
import { createFaultStore, type Fault } from "./fault-store.ts";
import { GraphWatch } from "./graph-watch.ts";
import { Life, mortal, mortalClock } from "./mortal.ts";
import { keyring, ReconcilerBench } from "./reconciler-bench.ts";
import {
  endpointOf,
  FAILURES,
  specOf,
  TARGETS,
  USERS,
  VERSIONS,
  type Command,
  type ProcessPlan,
} from "./reconciler-scenario.ts";
import { ReconcilingProcess } from "./reconciling-process.ts";
import { seededRandom } from "./seeded-random.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Longer than a dead process's claim of a row. */
const CLAIM_MS = 6 * MINUTE_MS;
/** How often Graph may be asked at one moment, before somebody asks without end. */
const MAX_ASKED_AT_ONCE = 200;
const STORE_FAULTS = ["error-before", "error-after"] as const satisfies readonly Fault[];

const CERTIFICATE: EncryptionCertificate = {
  id: "certificate",
  certificate: "DER",
  notAfter: Date.UTC(2100, 0),
};
const CERTIFICATES: Certificates = { current: async () => CERTIFICATE, list: async () => [CERTIFICATE] };

/** What was last asked of a target, and whether it was done for certain. */
interface Asked {
  readonly isWanted: boolean;
  isCertain: boolean;
}

/** A world in which much goes wrong, and which watches what must never happen meanwhile. */
export class ReconcilerWorld {
  readonly #bench: ReconcilerBench;
  readonly #watch: GraphWatch;
  readonly #random: Random;
  /** Ours, which is not Graph's. */
  readonly #clock: Clock;
  #aheadMs = 0;
  readonly #faultRates: Partial<Record<Fault, number>> = {};
  /** Those that may live, the latest last. */
  readonly #processes: ReconcilingProcess[] = [];
  readonly #lives: Life[] = [];
  readonly #asked = new Map<number, Asked>();
  #isGraphQuick = false;
  #askedAt = 0;
  #askedAtOnce = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#bench = new ReconcilerBench({
      onChange: () => void this.#watch?.look(),
      during: async (asked) => this.#takeTime(asked),
    });
    const { clock, graph } = this.#bench;
    graph.maxLifeMs = (resource) => (rowOf(resource)?.maxLifetimeMinutes ?? Infinity) * MINUTE_MS;
    graph.isOneOnly = (resource) => resource.startsWith("communications/presences/");
    this.#watch = new GraphWatch(this.#bench);
    this.#clock = {
      now: () => clock.now() + this.#aheadMs,
      sleep: async (ms, signal) => clock.sleep(ms, signal),
    };
  }

  /** What happened that must not. */
  get wrongs(): string[] {
    return [...this.#watch.wrongs];
  }

  async play(command: Command): Promise<void> {
    const { clock, graph } = this.#bench;
    switch (command.what) {
      case "begin":
        this.#endAllBut(command.isBeside ? 1 : 0);
        // Which of two endpoints is right while both have a process that lives, no row says.
        this.#begin({ ...command, endpoint: this.#processes[0]?.plan.endpoint ?? command.endpoint });
        break;
      case "end":
        this.#endAllBut(0);
        break;
      case "subscribe":
      case "unsubscribe":
        this.#ask(command.target, command.what === "subscribe");
        break;
      case "lose":
        this.#ours(command.nth, (found) => {
          graph.lose(found.id);
          if (command.isTold) this.#tell("subscriptionRemoved", found);
        });
        break;
      case "tamper":
        this.#ours(command.nth, ({ id }) => graph.tamper(id, { expiresAt: clock.now() + command.lifeMs }));
        break;
      case "tell":
        this.#ours(command.nth, (found) => this.#tell(command.event, found));
        break;
      case "fail":
        graph.failNext(command.operation, FAILURES[command.how] ?? "before");
        break;
      case "store":
        this.#failStore(command.failing);
        break;
      case "stale":
        graph.listDelayMs = command.ms;
        break;
      case "jump":
        // Claims are in our own time: a jump lets others have the row while a request is on its way, or just has been.
        await clock.advance(CLAIM_MS);
        while (this.#lives.some(({ isBusy }) => isBusy)) await clock.advance(1_000);
        this.#aheadMs = command.ms;
        break;
      case "pass":
        await clock.advance(command.ms);
        break;
    }
    await clock.advance(0);
  }

  /**
   * One process is left, nothing fails any more, and time goes by: what was forgotten is found by the audit.
   *
   * @param last a new process; null to leave the latest of those there are
   */
  async quieten(last: Omit<ProcessPlan, "awaits"> | null): Promise<void> {
    const { clock, graph } = this.#bench;
    graph.recover();
    this.#failStore(0);
    this.#endAllBut(last === null ? 1 : 0);
    const { plan } = this.#processes[0] ?? this.#begin({ version: 0, endpoint: 0, ...last, awaits: null });
    await clock.advance(MINUTE_MS);
    for (const [target, { isWanted, isCertain }] of this.#asked) if (!isCertain) this.#ask(target, isWanted);
    await clock.advance(36 * HOUR_MS);
    this.#isGraphQuick = true;
    await clock.advance(HOUR_MS);
    const asked = TARGETS.filter((_, target) => this.#asked.get(target)?.isWanted);
    await this.#watch.lookAtQuiet(plan, [USERS, ...asked], this.#clock.now());
  }

  #begin(plan: ProcessPlan): ReconcilingProcess {
    const life = new Life(plan.awaits ?? Infinity);
    const clock = mortalClock(this.#clock, life);
    const random = this.#random;
    const faulty = createFaultStore(this.#bench.store, { clock, random, rates: this.#faultRates });
    const reconciler = this.#bench.begin({
      specs: VERSIONS[plan.version] ?? [],
      endpoint: endpointOf(plan),
      certificates: CERTIFICATES,
      store: mortal(faulty.store, life),
      graph: mortal(this.#bench.graph, life),
      clock,
      random,
    });
    const process = new ReconcilingProcess({ plan, life, reconciler, clock });
    this.#lives.push(life);
    this.#processes.push(process);
    return process;
  }

  /** Ends all but the latest that may live on. */
  #endAllBut(count: number): void {
    const lasting = this.#processes.filter(({ plan }) => plan.awaits === null);
    const spared = lasting.slice(lasting.length - count);
    for (const process of this.#processes.splice(0)) if (!spared.includes(process)) process.life.end();
    this.#processes.push(...spared);
  }

  #failStore(failing: number): void {
    for (const fault of STORE_FAULTS) this.#faultRates[fault] = failing / STORE_FAULTS.length;
  }

  #ask(index: number, isWanted: boolean): void {
    const before = this.#asked.get(index);
    const asked: Asked = { isWanted, isCertain: false };
    this.#asked.set(index, asked);
    const target = TARGETS[index];
    const process = this.#processes.at(-1);
    if (process === undefined || target === undefined) return;
    if (!isWanted) this.#watch.forgive(target);
    const { params, tenantId } = target;
    const request = { spec: specOf(process.plan, target), params, tenantId };
    void process.attempt(async ({ desired }) => {
      await (isWanted ? desired.subscribe(request) : desired.unsubscribe(request));
      // Of two that overlap, nobody can say which was the last.
      asked.isCertain = before === undefined || before.isCertain;
    });
  }

  #tell(event: LifecycleEvent, { id, notificationUrl }: RemoteSubscription): void {
    const key = markOfUrl(keyring, notificationUrl)?.subscriptionKey;
    if (key === undefined) return;
    void this.#processes.at(-1)?.attempt(async (reconciler) => reconciler.react(event, key, id));
  }

  /** Does something to one of those alive that carry our mark. */
  #ours(nth: number, work: (found: RemoteSubscription) => void): void {
    const { ours } = this.#watch;
    const found = ours[nth % ours.length];
    if (found !== undefined) work(found);
  }

  async #takeTime({ operation, scope }: AskedOfGraph): Promise<void> {
    const { clock } = this.#bench;
    this.#askedAtOnce = this.#askedAt === clock.now() ? this.#askedAtOnce + 1 : 0;
    this.#askedAt = clock.now();
    if (this.#askedAtOnce > MAX_ASKED_AT_ONCE) {
      this.#watch.wrongs.add(`${operation} in ${scope.tenantId} is asked without end`);
      this.#endAllBut(0);
    }
    if (this.#isGraphQuick) return;
    const chance = this.#random.next();
    await clock.sleep(Math.floor(chance < 0.1 ? 30_000 * this.#random.next() : 500 * chance));
  }
}
