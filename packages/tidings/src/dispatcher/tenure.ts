import { backoffMs, type BackoffOptions } from "../core/backoff.ts";
import type { InboxRow } from "../core/inbox.ts";
import type { Store } from "../core/ports/store.ts";
import { aborted } from "./aborted.ts";
import {
  DeclarationRunner,
  type DeclarationRunnerParts,
  type DeclarationRunnerSettings,
} from "./declaration-runner.ts";
import { laneRowsOf } from "./lane.ts";
import { SettleQueue, type SettleQueueParts } from "./settle-queue.ts";

export interface TenureParts extends Omit<SettleQueueParts, "store"> {
  readonly store: Pick<Store, "scan" | "loadLane" | "takeDueLanes" | "nextLaneAt" | "settle" | "onAppended">;
  /** What handles each declaration; names are unique. */
  readonly declarations: readonly DeclarationRunnerSettings[];
  /** No attempt begins that could end after, epoch milliseconds; `Infinity` for none. */
  readonly deadline: number;
  /** Declarations that begin no attempt until they are resumed. */
  readonly paused: ReadonlySet<string>;
}

/** Rows held in memory at most, by all declarations together; each has an equal share. */
const MAX_ROWS_IN_HAND = 4_000;
const MIN_SHARE = 64;
/** Rows a scan looks at: few, since those of other declarations wait while they are read. */
const SCAN_SIZE = 200;
/** Lanes read at once, and parked ones taken back. */
const LANES_AT_ONCE = 16;
/** The store is asked at least this often, whatever was heard. */
const MAX_REST_MS = 60_000;
const STORE_RETRY: BackoffOptions = { firstMs: 100, maxMs: 5_000 };

/** Where the scan of one declaration stands. Every row up to there is finished, in hand, or in a lane known to wait. */
interface Scan {
  after: number;
  mayHaveMore: boolean;
}

interface LoadedLane {
  readonly declaration: string;
  readonly lane: string;
  readonly rows: readonly InboxRow[];
  readonly hasMore: boolean;
}

const NOTHING_SCANNED: Readonly<Scan> = { after: 0, mayHaveMore: true };

/** Why a rest ends. Given, since an exception would be made otherwise, for each row. */
const HEARD = "something was heard";

/**
 * Takes rows from the inbox to their handlers, for as long as one lease of the inbox is held: what is known of the
 * inbox is known from the time of that lease and forgotten with it.
 *
 * One loop feeds all declarations: lanes whose time has come first, then the rest of lanes of which the store has
 * more, then new rows, in steps that each take little. Its calls to the store are made one after another, but for
 * those that read different lanes, so that what it knows of a lane is never older than what it asks for.
 *
 * States: *idle* (before `start`), *running*, *stopping* (no attempt begins, those running may end), *stopped*. There
 * is no way back.
 */
export class Tenure {
  readonly #parts: TenureParts;
  readonly #settleQueue: SettleQueue;
  /** Rows one declaration has in hand, unless a last look overshoots. */
  readonly #share: number;
  readonly #runners: ReadonlyMap<string, DeclarationRunner>;
  readonly #scans = new Map<string, Scan>();
  readonly #stopping = new AbortController();
  readonly #abandoned = new AbortController();
  #wakeUp = new AbortController();
  #loop: Promise<void> | undefined;
  /** No parked lane of {@link #dueLanesOf} is due before; 0 when that is to be asked. */
  #nextLaneAt = 0;
  #dueLanesOf = "";
  #askedAt = 0;
  #unlisten: () => void = () => {};
  #idle = Promise.withResolvers<boolean>();

  constructor(parts: TenureParts) {
    this.#parts = parts;
    this.#settleQueue = new SettleQueue(parts);
    this.#share = Math.max(MIN_SHARE, Math.floor(MAX_ROWS_IN_HAND / parts.declarations.length));
    const runnerParts: Omit<DeclarationRunnerParts, "laneRows"> = {
      clock: parts.clock,
      random: parts.random,
      report: parts.report,
      deadline: parts.deadline,
      settleQueue: this.#settleQueue,
      stopping: this.#stopping.signal,
      abandoned: this.#abandoned.signal,
      onProgress: (parkedUntil = Infinity) => {
        this.#nextLaneAt = Math.min(this.#nextLaneAt, parkedUntil);
        this.#wakeUp.abort(HEARD);
      },
    };
    this.#runners = new Map(
      parts.declarations.map((settings) => {
        const laneRows = laneRowsOf({ share: this.#share, concurrency: settings.concurrency });
        return [settings.name, new DeclarationRunner(settings, { ...runnerParts, laneRows })];
      }),
    );
    for (const name of this.#runners.keys()) this.#scans.set(name, { ...NOTHING_SCANNED });
    for (const name of parts.paused) this.#runners.get(name)?.pause();
  }

  /** Rows held in memory, those that are finished and not yet written so among them. */
  get rowsInHand(): number {
    return [...this.#runners.values()].reduce((sum, runner) => sum + runner.rowsInHand, 0);
  }

  start(): void {
    if (this.#loop !== undefined) return;
    this.#unlisten = this.#parts.store.onAppended(() => this.#onAppended());
    this.#loop = this.#run();
  }

  /** Begins no attempt of a declaration until `resume`. What runs may end. */
  pause(declaration: string): void {
    this.#runners.get(declaration)?.pause();
  }

  resume(declaration: string): void {
    this.#runners.get(declaration)?.resume();
  }

  /**
   * Resolves when nothing is due, or nothing that could end by the deadline, and everything that ended is written.
   * @returns false when the tenure ended before
   */
  async idle(): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false;
    this.#askAgain();
    this.#wakeUp.abort(HEARD);
    return this.#idle.promise;
  }

  /** When something will be due, as far as is known: now, when the deadline left something undone. */
  async nextAt(): Promise<number | undefined> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const runners = [...this.#runners].filter(([, runner]) => !runner.isPaused);
    if (runners.some(([name, runner]) => !runner.hasTime && (runner.isReady || this.#mayHaveMore(name))))
      return now;
    const parkedUntil = await store.nextLaneAt(runners.map(([name]) => name));
    const probes = runners.flatMap(([, runner]) => runner.nextProbeAt ?? []);
    const nextAt = Math.min(parkedUntil ?? Infinity, ...probes);
    return nextAt === Infinity ? undefined : Math.max(now, nextAt);
  }

  /** Tells handlers to abort, and waits no longer for them, nor for the store. */
  abandon(): void {
    this.#abandoned.abort();
    this.#settleQueue.abandon();
  }

  /** Begins no attempt from now on, waits for those that run, and for their outcomes to be written. */
  async end(): Promise<void> {
    this.#stopping.abort();
    this.#unlisten();
    this.#idle.resolve(false);
    await Promise.race([this.#ended(), aborted(this.#abandoned.signal)]);
  }

  async #ended(): Promise<void> {
    await this.#loop;
    await Promise.all([...this.#runners.values()].map(async (runner) => runner.ended()));
    await this.#settleQueue.flushed();
  }

  #onAppended(): void {
    for (const scan of this.#scans.values()) scan.mayHaveMore = true;
    this.#wakeUp.abort(HEARD);
  }

  /** Forgets what it knows of the store, but for the rows in hand. */
  #beginAnew(): void {
    for (const scan of this.#scans.values()) Object.assign(scan, NOTHING_SCANNED);
    for (const runner of this.#runners.values()) runner.scansBeginAnew();
    this.#nextLaneAt = 0;
  }

  async #run(): Promise<void> {
    const { clock, random, report } = this.#parts;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      // Renewed before the look, so that what is heard during it is not lost.
      this.#wakeUp = new AbortController();
      const signal = AbortSignal.any([this.#wakeUp.signal, this.#stopping.signal]);
      try {
        const restMs = await this.#feed();
        failures = 0;
        if (restMs > 0 && this.#isIdle) this.#tellIdle();
        // Also with nothing to wait for, others get their turn.
        await clock.sleep(Math.max(1, restMs), signal);
      } catch (error) {
        failures += 1;
        // Whether it failed before or after it was done, nobody knows: lanes may have been taken and not come here.
        this.#beginAnew();
        report("internal:error", { where: "dispatcher", error });
        await clock.sleep(backoffMs(failures, STORE_RETRY, random), this.#stopping.signal);
      }
    }
  }

  #tellIdle(): void {
    this.#idle.resolve(true);
    this.#idle = Promise.withResolvers();
  }

  get #isIdle(): boolean {
    return this.#settleQueue.isIdle && [...this.#runners.values()].every((runner) => runner.isIdle);
  }

  /** Feeds every runner once. @returns how long nothing will be due, unless something is heard */
  async #feed(): Promise<number> {
    // Either way: a clock may be put back.
    if (Math.abs(this.#parts.clock.now() - this.#askedAt) >= MAX_REST_MS) this.#askAgain();
    await this.#feedDueLanes();
    for (const [name, runner] of this.#neediestFirst) {
      await this.#feedHungryLanes(name, runner);
      await this.#feedNewRows(name, runner);
      runner.run();
    }
    return this.#restMs();
  }

  /** One that has much to do can wait while others get their rows. */
  get #neediestFirst(): readonly (readonly [string, DeclarationRunner])[] {
    return [...this.#runners].toSorted(([, a], [, b]) => a.rowsInHand - b.rowsInHand);
  }

  /** Also with nothing heard: whoever should have said something may have died over it. */
  #askAgain(): void {
    this.#askedAt = this.#parts.clock.now();
    this.#nextLaneAt = 0;
    for (const scan of this.#scans.values()) scan.mayHaveMore = true;
  }

  async #feedDueLanes(): Promise<void> {
    const { store, clock } = this.#parts;
    const declarations = this.#takers;
    if (declarations.join(" ") !== this.#dueLanesOf) this.#nextLaneAt = 0;
    this.#dueLanesOf = declarations.join(" ");
    if (this.#nextLaneAt > clock.now()) return;
    this.#nextLaneAt = Infinity;
    const due = await store.takeDueLanes({ declarations, now: clock.now(), limit: LANES_AT_ONCE });
    const loading = due.map(async ({ declaration, lane }) => this.#loadLane(declaration, lane, 0));
    for (const { declaration, lane, rows, hasMore } of await Promise.all(loading)) {
      this.#runners.get(declaration)?.wake(lane, rows, hasMore);
    }
    const next = (await store.nextLaneAt(declarations)) ?? Infinity;
    this.#nextLaneAt = Math.min(this.#nextLaneAt, next);
  }

  /** Declarations that take due lanes. One that probes tries first what has not been tried at all. */
  get #takers(): readonly string[] {
    return [...this.#runners]
      .filter(([name, runner]) => this.#hasRoom(runner) && !(runner.isProbing && this.#mayHaveMore(name)))
      .map(([name]) => name);
  }

  async #feedHungryLanes(name: string, runner: DeclarationRunner): Promise<void> {
    const hungry = runner.hungryLanes;
    for (let from = 0; from < hungry.length; from += LANES_AT_ONCE) {
      // Each of many hot lanes could take its fill: together they have the declaration's share.
      if (runner.rowsInHand >= this.#share) break;
      const some = hungry.slice(from, from + LANES_AT_ONCE);
      const loading = some.map(async ({ lane, after }) => this.#loadLane(name, lane, after));
      for (const { lane, rows, hasMore } of await Promise.all(loading)) runner.feed(lane, rows, hasMore);
    }
  }

  /** What lies beyond the scan is left to it: a row is found once. */
  async #loadLane(declaration: string, lane: string, after: number): Promise<LoadedLane> {
    const upTo = this.#scans.get(declaration)?.after ?? 0;
    const limit = this.#runners.get(declaration)?.laneRows ?? 1;
    const rows = await this.#parts.store.loadLane({ declaration, lane, after, upTo, limit });
    return { declaration, lane, rows, hasMore: rows.length === limit };
  }

  async #feedNewRows(name: string, runner: DeclarationRunner): Promise<void> {
    const scan = this.#scans.get(name);
    if (scan === undefined || !scan.mayHaveMore || !this.#hasRoom(runner)) return;
    scan.mayHaveMore = false;
    runner.scanBegins();
    const { rows, scannedTo, hasMore } = await this.#parts.store.scan({
      declaration: name,
      after: scan.after,
      limit: SCAN_SIZE,
    });
    scan.after = scannedTo;
    scan.mayHaveMore ||= hasMore;
    runner.scanEnds(rows);
  }

  #hasRoom(runner: DeclarationRunner): boolean {
    return runner.wantsRows && runner.rowsInHand < this.#share;
  }

  #mayHaveMore(declaration: string): boolean {
    return this.#scans.get(declaration)?.mayHaveMore === true;
  }

  #restMs(): number {
    const now = this.#parts.clock.now();
    const runners = [...this.#runners];
    if (runners.some(([name, runner]) => this.#mayHaveMore(name) && this.#hasRoom(runner))) return 0;
    // Since they were asked for, someone has come to take due lanes.
    if (this.#takers.join(" ") !== this.#dueLanesOf) return 0;
    const probes = runners.flatMap(([, runner]) => runner.nextProbeAt ?? []);
    const nextAt = Math.min(this.#askedAt + MAX_REST_MS, this.#nextLaneAt, ...probes);
    return Math.max(0, Math.min(nextAt - now, MAX_REST_MS));
  }
}
