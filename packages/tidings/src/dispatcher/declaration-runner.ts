import type { HandlerMode } from "../core/declaration.ts";
import { ContentRefusedError } from "../core/errors.ts";
import type { ChangeOutcome, Report } from "../core/events.ts";
import type { InboxRow, Settlement } from "../core/inbox.ts";
import { resourceKeyOfLane } from "../core/lane.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import { describeError, tellable } from "../core/error-text.ts";
import { judgeFailure, type RetryPolicy } from "../core/retry.ts";
import { runAttempt } from "./attempt.ts";
import { Gate } from "./gate.ts";
import { firstGroup, parkLane, type Lane } from "./lane.ts";
import type { SettleQueue } from "./settle-queue.ts";
import { Turn } from "./turn.ts";

/** The rows one call of a handler stands for; at least one. */
export type Group = readonly [InboxRow, ...InboxRow[]];

/**
 * Calls the handler for some groups.
 * @returns what those failed with that failed, by place; empty when all are done. Rejects when none is. What it passed
 *   over, since it is forged, failed with ContentRefusedError
 */
export type HandleGroups = (groups: readonly Group[], signal: AbortSignal) => Promise<GroupFailures>;

/** Errors, by the place of the group. */
export type GroupFailures = ReadonlyMap<number, unknown>;

export interface DeclarationRunnerSettings {
  readonly name: string;
  readonly mode: HandlerMode;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** Groups one call may take; 1 for a handler of single changes. */
  readonly batchSize: number;
  readonly handle: HandleGroups;
}

export interface DeclarationRunnerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
  readonly settleQueue: SettleQueue;
  /** Rows of one lane in hand, about: a hot lane leaves the rest in the store. */
  readonly laneRows: number;
  /** No attempt begins that could end after, epoch milliseconds. */
  readonly deadline: number;
  /** Aborts when no attempt may begin any more. */
  readonly stopping: AbortSignal;
  /** Aborts when attempts are not waited for any more. */
  readonly abandoned: AbortSignal;
  /** Says that there is room for more rows, or that a lane was parked until then. */
  readonly onProgress: (parkedUntil?: number) => void;
}

/** Runs the lanes of one declaration: one attempt at a time in each, several lanes at once. */
export class DeclarationRunner {
  readonly settings: DeclarationRunnerSettings;
  readonly #parts: DeclarationRunnerParts;
  readonly #lanes = new Map<string, Lane>();
  readonly #ready: Lane[] = [];
  readonly #attempts = new Set<Promise<void>>();
  /** Numbers of the rows in its lanes, and of those finished and not yet written so. */
  readonly #inHand = new Set<number>();
  /** Lanes parked since the scan under way began: it may have seen them as they were before. */
  #parkedSinceScan: Set<string> | undefined;
  readonly #gate: Gate;
  readonly #turn: Turn;
  #isPaused = false;

  constructor(settings: DeclarationRunnerSettings, parts: DeclarationRunnerParts) {
    this.settings = settings;
    this.#parts = parts;
    this.#gate = new Gate(settings.name, parts);
    this.#turn = new Turn(parts.clock, () => this.run());
  }

  /** Rows of one lane in hand, about. */
  get laneRows(): number {
    return this.#parts.laneRows;
  }

  get rowsInHand(): number {
    return this.#inHand.size;
  }

  /** False when nothing may run, or what is in hand is enough to probe with. */
  get wantsRows(): boolean {
    return !this.#isPaused && this.hasTime && (this.#gate.isOpen || this.#ready.length === 0);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether an attempt that began now would end by the deadline, however it ends. */
  get hasTime(): boolean {
    return this.#parts.clock.now() + this.settings.timeoutMs <= this.#parts.deadline;
  }

  /** Whether lanes are in hand that could run. */
  get isReady(): boolean {
    return this.#ready.length > 0;
  }

  /** Whether nothing runs, and nothing that is in hand may run now. */
  get isIdle(): boolean {
    if (this.#attempts.size > 0) return false;
    return !this.isReady || !this.#mayBegin;
  }

  get isProbing(): boolean {
    return !this.#gate.isOpen;
  }

  /** When there is something to begin with, if that is a matter of time. */
  get nextProbeAt(): number | undefined {
    const isWaiting = !this.#isPaused && this.#ready.length > 0 && this.#attempts.size === 0;
    return isWaiting ? this.#gate.probeAt : undefined;
  }

  /** Lanes of which the store has more than is in hand, and that have room. */
  get hungryLanes(): readonly { readonly lane: string; readonly after: number }[] {
    return [...this.#lanes.values()]
      .filter((lane) => lane.hasMore && lane.rows.length <= this.laneRows / 2)
      .map(({ name, lastSeq }) => ({ lane: name, after: lastSeq }));
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.run();
    this.#parts.onProgress();
  }

  /** What is being parked may have been taken again, and that not heard of: then only scans find it. */
  scansBeginAnew(): void {
    for (const lane of this.#lanes.values()) if (lane.state === "parking") lane.state = "waking";
  }

  scanBegins(): void {
    this.#parkedSinceScan = new Set();
  }

  /** Takes what a scan found. What its lane cannot take stays in the store and is found through the lane. */
  scanEnds(rows: readonly InboxRow[]): void {
    for (const row of rows) this.#offer(row);
    this.#parkedSinceScan = undefined;
  }

  /** Takes rows of a lane whose time has come, from its beginning. */
  wake(name: string, rows: readonly InboxRow[], hasMore: boolean): void {
    const lane = this.#lanes.get(name);
    if (lane === undefined) {
      this.#hold(name, rows, hasMore);
    } else {
      if (lane.state === "parking") lane.state = "waking";
      this.#extend(lane, rows, hasMore);
    }
  }

  /** Takes rows of a hungry lane. If it was parked while they were looked for, they are found through it again. */
  feed(name: string, rows: readonly InboxRow[], hasMore: boolean): void {
    const lane = this.#lanes.get(name);
    if (lane !== undefined && lane.state !== "parking") this.#extend(lane, rows, hasMore);
  }

  /** Begins what may begin. */
  run(): void {
    if (this.#parts.stopping.aborted || !this.#mayBegin) return;
    if (!this.#gate.isOpen) {
      if (this.#attempts.size === 0) this.#begin(1);
      return;
    }
    while (this.#canBegin && this.#turn.goesOn()) {
      this.#begin(this.settings.batchSize);
    }
  }

  get #canBegin(): boolean {
    return this.#attempts.size < this.settings.concurrency && this.#ready.length > 0;
  }

  get #mayBegin(): boolean {
    const { probeAt = -Infinity } = this.#gate;
    return !this.#isPaused && this.hasTime && probeAt <= this.#parts.clock.now();
  }

  /** Resolves when no attempt runs. */
  async ended(): Promise<void> {
    await Promise.all(this.#attempts);
  }

  #offer(row: InboxRow): void {
    const lane = this.#lanes.get(row.lane);
    if (lane === undefined) {
      if (this.#parkedSinceScan?.has(row.lane) !== true) this.#hold(row.lane, [row], false);
    } else if (lane.state !== "parking") {
      if (lane.hasMore || lane.rows.length >= this.laneRows) lane.hasMore = true;
      else this.#add(lane, [row]);
    }
  }

  #hold(name: string, rows: readonly InboxRow[], hasMore: boolean): void {
    const lane: Lane = { name, state: "ready", rows: [], lastSeq: 0, hasMore: false };
    this.#lanes.set(name, lane);
    this.#extend(lane, rows, hasMore);
  }

  #extend(lane: Lane, rows: readonly InboxRow[], hasMore: boolean): void {
    const wasEmpty = lane.rows.length === 0;
    lane.hasMore = hasMore;
    this.#add(lane, rows);
    if (wasEmpty && lane.state === "ready") this.#line(lane);
  }

  /** Passes over what is in hand: looking at the store is begun anew when it fails. */
  #add(lane: Lane, rows: readonly InboxRow[]): void {
    const fresh = rows.filter(({ seq }) => !this.#inHand.has(seq));
    lane.rows.push(...fresh);
    lane.lastSeq = Math.max(lane.lastSeq, rows.at(-1)?.seq ?? 0);
    for (const { seq } of fresh) this.#inHand.add(seq);
  }

  /** Lets it wait for a slot. One whose rows are in the store waits for them, and one without rows is forgotten. */
  #line(lane: Lane): void {
    lane.state = "ready";
    if (lane.rows.length > 0) this.#ready.push(lane);
    else if (!lane.hasMore) this.#lanes.delete(lane.name);
  }

  #begin(maxGroups: number): void {
    const work = this.#takeWork(maxGroups);
    if (work.length === 0) return;
    const attempt = this.#attempt(work, !this.#gate.isOpen).finally(() => {
      this.#attempts.delete(attempt);
      this.run();
      this.#parts.onProgress();
    });
    this.#attempts.add(attempt);
  }

  /** First groups of ready lanes, as many as one call may take. A lane gives several only to a batch. */
  #takeWork(maxGroups: number): Work[] {
    const work: Work[] = [];
    while (work.length < maxGroups) {
      const lane = this.#ready.shift();
      if (lane === undefined) break;
      lane.state = "running";
      let rows = lane.rows;
      while (work.length < maxGroups && rows.length > 0) {
        const [first, ...rest] = firstGroup(rows, this.settings.mode);
        if (first === undefined) break;
        work.push({ lane, group: [first, ...rest] });
        rows = rows.slice(1 + rest.length);
      }
    }
    return work;
  }

  /**
   * Ends when the handler has: its slot is free for the next while the outcome is being written. What is not written
   * yet counts as in hand, which bounds it.
   */
  async #attempt(work: readonly Work[], isProbe: boolean): Promise<void> {
    const { clock, abandoned } = this.#parts;
    const { handle, timeoutMs } = this.settings;
    const groups = work.map(({ group }) => group);
    const result = await runAttempt(async (signal) => handle(groups, signal), {
      clock,
      timeoutMs,
      abandoned,
    });
    if (result.kind === "abandoned") return;
    const failed = result.kind === "failed" ? allWith(result.error, work.length) : result.result;
    for (const [, own] of Map.groupBy(work.entries(), ([, { lane }]) => lane)) this.#endInOrder(own, failed);
    if (failed.size < work.length) this.#gate.succeeded();
    // One call says one thing, however many changes it took.
    else this.#tellGate(work, failed, isProbe);
    for (const { lane } of work) if (lane.state === "running") this.#line(lane);
  }

  /** Of one lane: what comes after one that failed counts as not attempted, unless that was one to be passed over. */
  #endInOrder(own: readonly (readonly [number, Work])[], failed: GroupFailures): void {
    for (const [place, { lane, group }] of own) {
      if (failed.has(place)) {
        const error = tellable(failed.get(place));
        void this.#fail(lane, group, error);
        if (!(error instanceof ContentRefusedError)) return;
      } else {
        void this.#finish(lane, group);
      }
    }
  }

  #tellGate(work: readonly Work[], failed: GroupFailures, isProbe: boolean): void {
    const errors = [...failed].map(([place, error]) => ({ lane: work[place]?.lane, error: tellable(error) }));
    const [first] = errors.filter(({ error }) => !(error instanceof ContentRefusedError));
    if (first?.lane !== undefined) this.#gate.failed({ lane: first.lane.name, error: first.error, isProbe });
  }

  /** The rows leave the lane at once, so that the next may run; they count as in hand until they are written. */
  async #finish(lane: Lane, group: Group): Promise<void> {
    const { clock, report } = this.#parts;
    report("change:handled", outcomeOf(group));
    const endedAt = clock.now();
    await this.#end(
      lane,
      group.map(({ seq }) => ({ kind: "done", seq, endedAt })),
    );
  }

  async #fail(lane: Lane, group: Group, error: unknown): Promise<void> {
    const { clock, random, report } = this.#parts;
    const now = clock.now();
    const attempt = {
      error,
      failures: failuresOf(group),
      receivedAt: group[0].receivedAt,
      now,
      isSpent: this.#gate.isOpen,
    };
    const verdict = judgeFailure(attempt, this.settings.retry, random);
    const { failures } = verdict;
    if (verdict.kind === "retry") {
      report("change:failed", { ...outcomeOf(group), error, retryAt: verdict.until });
      await this.#park(lane, group, { failures, endedAt: now, until: verdict.until });
      return;
    }
    // Only what spoke for all of them is known to be forged: the others are tried at once.
    const given = error instanceof ContentRefusedError ? newestOf(group) : group;
    report("change:dead", { ...outcomeOf(given), error });
    const text = describeError(error);
    await this.#end(
      lane,
      given.map(({ seq }) => ({ kind: "dead", seq, failures, endedAt: now, error: text })),
    );
  }

  async #end(lane: Lane, settlements: readonly Settlement[]): Promise<void> {
    const first = lane.rows.findIndex(({ seq }) => seq === settlements[0]?.seq);
    lane.rows.splice(first, settlements.length);
    await this.#parts.settleQueue.push(settlements);
    for (const { seq } of settlements) this.#inHand.delete(seq);
    this.#parts.onProgress();
  }

  /** Its rows are dropped from memory: however many lanes wait, what waits is in the store. */
  async #park(
    lane: Lane,
    group: Group,
    outcome: { readonly failures: number; readonly endedAt: number; readonly until: number },
  ): Promise<void> {
    const { settleQueue, onProgress } = this.#parts;
    const { name } = lane;
    const declaration = this.settings.name;
    for (const { seq } of lane.rows) this.#inHand.delete(seq);
    parkLane(lane);
    await settleQueue.push(
      group.map(({ seq }) => ({ kind: "retry", seq, declaration, lane: name, ...outcome })),
    );
    if (lane.state === "waking") {
      this.#line(lane);
    } else {
      this.#lanes.delete(name);
      this.#parkedSinceScan?.add(name);
    }
    onProgress(outcome.until);
  }
}

interface Work {
  readonly lane: Lane;
  readonly group: Group;
}

function allWith(error: unknown, count: number): GroupFailures {
  return new Map(Array.from({ length: count }, (_, place) => [place, error]));
}

function newestOf(group: Group): Group {
  return [group.at(-1) ?? group[0]];
}

function outcomeOf(group: Group): ChangeOutcome {
  const [row] = newestOf(group);
  const { id, changeType } = row.body.raw;
  return {
    seq: row.seq,
    declaration: row.declaration,
    notificationId: idOf(id),
    changeType: typeof changeType === "string" ? changeType : undefined,
    resourceKey: resourceKeyOfLane(row.lane),
    attempt: failuresOf(group) + 1,
    mergedCount: group.length,
    mergedNotificationIds: group.slice(0, -1).flatMap((other) => idOf(other.body.raw["id"]) ?? []),
  };
}

function failuresOf(group: Group): number {
  return Math.max(...group.map(({ failures }) => failures));
}

function idOf(id: unknown): string | undefined {
  return typeof id === "string" ? id : undefined;
}
