import type { HistoryEvent } from "./history.ts";

export interface Violation {
  readonly rule:
    /** Answered 202, and neither handled nor dead at the end. */
    | "loss"
    /** Tried for the first time before what was acknowledged before it was sent had been handled, or had died. */
    | "order"
    /** Two attempts of one lane at once, in one life of the process. */
    | "overlap"
    /** Handled, and never sent. */
    | "invention"
    /** Answered 202, and not stored before; where the history tells of the store at all. */
    | "untruthful answer";
  readonly lane: string;
  readonly ids: readonly string[];
}

/** Proves that a history, complete and in order, broke no promise. @returns where it did */
export function checkHistory(history: readonly HistoryEvent[]): Violation[] {
  const check = new HistoryCheck(history.some(({ kind }) => kind === "stored"));
  for (const [at, event] of history.entries()) check.take(at, event);
  return check.end();
}

/** What is known of one lane at a moment. */
interface LaneRecord {
  /** Acknowledged and unfinished: when they were acknowledged, by id, in that order. */
  readonly owed: Map<string, number>;
  /** What its running attempt stands for. */
  running: { readonly life: number; readonly ids: readonly string[] } | undefined;
}

class HistoryCheck {
  readonly #seesStore: boolean;
  readonly #violations: Violation[] = [];
  readonly #lanes = new Map<string, LaneRecord>();
  readonly #sentAt = new Map<string, number>();
  readonly #stored = new Set<string>();
  readonly #begun = new Set<string>();
  readonly #finished = new Set<string>();

  constructor(seesStore: boolean) {
    this.#seesStore = seesStore;
  }

  take(at: number, event: HistoryEvent): void {
    const lane = this.#laneOf(event.lane);
    switch (event.kind) {
      case "sent":
        for (const id of event.ids) if (!this.#sentAt.has(id)) this.#sentAt.set(id, at);
        return;
      case "stored":
        for (const id of event.ids) this.#stored.add(id);
        return;
      case "acked":
        this.#expect("untruthful answer", event, (id) => !this.#seesStore || this.#stored.has(id));
        for (const id of event.ids) if (!this.#finished.has(id)) lane.owed.set(id, at);
        return;
      case "began":
        this.#begin(event, lane);
        return;
      case "ended":
        lane.running = undefined;
        if (event.outcome === "ok") this.#finish(event, lane);
        return;
      case "died":
        this.#finish(event, lane);
        return;
      case "settled":
        return;
    }
  }

  end(): Violation[] {
    for (const [lane, { owed }] of this.#lanes) {
      if (owed.size > 0) this.#violations.push({ rule: "loss", lane, ids: [...owed.keys()] });
    }
    return this.#violations;
  }

  #begin(event: HistoryEvent & { kind: "began" }, lane: LaneRecord): void {
    const { ids, life } = event;
    this.#expect("invention", event, (id) => this.#sentAt.has(id));
    if (lane.running?.life === life) {
      this.#violations.push({ rule: "overlap", lane: event.lane, ids: [...lane.running.ids, ...ids] });
    }
    lane.running = { life, ids };
    for (const id of ids) {
      if (this.#begun.has(id)) continue;
      this.#begun.add(id);
      const sentAt = this.#sentAt.get(id) ?? 0;
      const skipped = [...lane.owed].flatMap(([other, at]) =>
        at < sentAt && !ids.includes(other) ? other : [],
      );
      if (skipped.length > 0)
        this.#violations.push({ rule: "order", lane: event.lane, ids: [id, ...skipped] });
    }
  }

  #finish({ ids }: HistoryEvent, lane: LaneRecord): void {
    for (const id of ids) {
      this.#finished.add(id);
      lane.owed.delete(id);
    }
  }

  #expect(rule: Violation["rule"], { lane, ids }: HistoryEvent, holds: (id: string) => boolean): void {
    const broken = ids.filter((id) => !holds(id));
    if (broken.length > 0) this.#violations.push({ rule, lane, ids: broken });
  }

  #laneOf(name: string): LaneRecord {
    const lane = this.#lanes.get(name) ?? { owed: new Map<string, number>(), running: undefined };
    this.#lanes.set(name, lane);
    return lane;
  }
}

/** How many times too often something was handled, by id. */
export function repeatsOf(history: readonly HistoryEvent[]): ReadonlyMap<string, number> {
  const handled = history.filter((event) => event.kind === "ended" && event.outcome === "ok");
  const counts = Map.groupBy(
    handled.flatMap(({ ids }) => ids),
    (id) => id,
  );
  return new Map([...counts].flatMap(([id, all]) => (all.length > 1 ? [[id, all.length - 1]] : [])));
}
