import type { CancelAlarm, Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import { pickSkewed, pickWeighted } from "./skew.ts";
import { TenantAtWork, type AnswerInside } from "./tenant-at-work.ts";
import type { Turn, Workplace } from "./traffic-kind.ts";
import { TRAFFIC_KINDS, type TrafficKindName } from "./traffic-kinds.ts";
import type { ParsedTraffic, TrafficOptions } from "./traffic-options.ts";

/** How far traffic has got. */
export interface TrafficProgress {
  readonly id: string;
  readonly isOver: boolean;
  /** Milliseconds of the simulator's clock. */
  readonly elapsedMs: number;
  readonly forMs: number;
  /** Changes made. */
  readonly made: number;
  /** Changes that were tried in vain, for example of a user that is gone. */
  readonly failed: number;
  readonly byKind: Readonly<Partial<Record<TrafficKindName, number>>>;
}

/** Traffic that has been started. */
export interface TrafficRun {
  readonly progress: TrafficProgress;
  /** Resolves when the time is over or the traffic was stopped, and the last change is made. */
  readonly over: Promise<TrafficProgress>;
  stop(): void;
}

/** Traffic as a test steers it. */
export interface SimulatorTraffic {
  /** @throws ShapeError when the options make no sense */
  start(options: TrafficOptions): TrafficRun;
  list(): readonly TrafficProgress[];
}

export interface TrafficSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly tenantIds: readonly string[];
  readonly answer: AnswerInside;
}

/** Somebody whose things change. */
interface Person {
  readonly tenant: TenantAtWork;
  readonly userId: string;
  readonly colleagueId: string;
  /** Where this traffic changes things of theirs, by kind. */
  readonly places: Map<TrafficKindName, Place>;
}

type Place = Pick<Workplace, "home" | "made">;

/** Makes lifelike change in all tenants: skewed over the users, mixed of kinds. */
export class Traffic {
  readonly #settings: TrafficSettings;
  readonly #runs = new Map<string, Run>();
  #startedCount = 0;

  constructor(settings: TrafficSettings) {
    this.#settings = settings;
  }

  start(traffic: ParsedTraffic): TrafficRun {
    const id = `traffic-${++this.#startedCount}`;
    const run = new Run(id, traffic, this.#settings);
    this.#runs.set(id, run);
    return run;
  }

  get(id: string): TrafficRun | undefined {
    return this.#runs.get(id);
  }

  list(): readonly TrafficRun[] {
    return [...this.#runs.values()];
  }

  clear(): void {
    for (const run of this.#runs.values()) run.stop();
    this.#runs.clear();
    this.#startedCount = 0;
  }
}

/**
 * One traffic: *starting* while it finds out who there is, then *going on* until its time is over or it is stopped.
 *
 * Changes are made one after the other and each has random numbers of its own, so that the same seed makes the same
 * changes whatever else goes on.
 */
class Run implements TrafficRun {
  readonly over: Promise<TrafficProgress>;
  readonly #id: string;
  readonly #parsed: ParsedTraffic;
  readonly #settings: TrafficSettings;
  readonly #random: Random;
  readonly #startedAt: number;
  readonly #end = Promise.withResolvers<void>();
  readonly #byKind: Partial<Record<TrafficKindName, number>> = {};
  #cancelNext: CancelAlarm = () => undefined;
  /** The end of the latest change. */
  #latest: Promise<void> = Promise.resolve();
  #count = 0;
  #made = 0;
  #failed = 0;
  #endedAt: number | undefined;

  constructor(id: string, parsed: ParsedTraffic, settings: TrafficSettings) {
    this.#id = id;
    this.#parsed = parsed;
    this.#settings = settings;
    this.#random = settings.random.fork(String(parsed.seed ?? id));
    this.#startedAt = settings.clock.now();
    this.over = this.#end.promise.then(() => this.#latest).then(() => this.progress);
    void settings.clock.activities.run(() => this.#begin());
  }

  get progress(): TrafficProgress {
    const until = this.#endedAt ?? this.#settings.clock.now();
    return {
      id: this.#id,
      isOver: this.#endedAt !== undefined,
      elapsedMs: until - this.#startedAt,
      forMs: this.#parsed.forMs,
      made: this.#made,
      failed: this.#failed,
      byKind: { ...this.#byKind },
    };
  }

  stop(): void {
    if (this.#endedAt !== undefined) return;
    this.#endedAt = this.#settings.clock.now();
    this.#cancelNext();
    this.#end.resolve();
  }

  async #begin(): Promise<void> {
    const { tenantIds, answer } = this.#settings;
    const people: Person[] = [];
    for (const tenantId of tenantIds) {
      const tenant = new TenantAtWork(tenantId, answer);
      const userIds = await tenant.ids("users?$top=999&$select=id");
      for (const [index, userId] of userIds.entries()) {
        const colleagueId = userIds[(index + 1) % userIds.length] ?? userId;
        people.push({ tenant, userId, colleagueId, places: new Map() });
      }
    }
    this.#next(shuffled(people, this.#random), this.#startedAt);
  }

  /** @param after when the change before was due */
  #next(people: readonly Person[], after: number): void {
    if (this.#endedAt !== undefined) return;
    const { clock } = this.#settings;
    const at = after + this.#random.exponential(1_000 / this.#parsed.ratePerSecond);
    const endsAt = this.#startedAt + this.#parsed.forMs;
    if (at >= endsAt) {
      this.#cancelNext = clock.at(endsAt, () => this.stop());
      return;
    }
    this.#cancelNext = clock.at(at, () => {
      const random = this.#random.fork(String(this.#count++));
      this.#latest = clock.activities.run(() => this.#latest.then(() => this.#change(people, random)));
      this.#next(people, at);
    });
  }

  async #change(people: readonly Person[], random: Random): Promise<void> {
    const kindName = pickWeighted(this.#parsed.mix, random);
    const person = pickSkewed(people, random);
    if (kindName === undefined || !person) return;
    const { activities } = TRAFFIC_KINDS[kindName].kind;
    const weights = Object.entries(activities).map(([name, { weight }]) => [name, weight] as const);
    const activity = activities[pickWeighted(weights, random) ?? ""];
    const turn: Turn = { ...person, random };
    const place = await this.#placeOf(person, kindName, turn);
    const hasChanged = place && (await activity?.run({ ...turn, ...place }));
    if (hasChanged !== true) {
      this.#failed += 1;
      return;
    }
    this.#made += 1;
    this.#byKind[kindName] = (this.#byKind[kindName] ?? 0) + 1;
  }

  async #placeOf(person: Person, kindName: TrafficKindName, turn: Turn): Promise<Place | undefined> {
    const known = person.places.get(kindName);
    if (known) return known;
    const home = await TRAFFIC_KINDS[kindName].kind.settle(turn);
    if (home === undefined) return undefined;
    const place: Place = { home, made: [] };
    person.places.set(kindName, place);
    return place;
  }
}

function shuffled<Thing>(things: readonly Thing[], random: Random): readonly Thing[] {
  return things
    .map((thing) => ({ thing, order: random.fraction() }))
    .toSorted((one, other) => one.order - other.order)
    .map(({ thing }) => thing);
}
