import type { NotificationState } from "./ledger-entries.ts";

/** What an endpoint must be told. */
export interface Owed {
  readonly seq: number;
  readonly id: string;
  readonly state: NotificationState;
  /** Epoch milliseconds, `null` while pending. */
  readonly settledAt: number | null;
}

/** How something that was owed ended. */
export type SettledState = Exclude<NotificationState, "pending">;

/**
 * What is and was owed, in the order it came to be. It keeps the latest, and whatever is pending.
 *
 * Invariant: an entry leaves `pending` once and never comes back.
 */
export class OwedEntries<Entry extends Owed> {
  readonly #keep: number;
  readonly #slack: number;
  readonly #entries = new Map<string, Entry>();
  #seq = 0;
  #counts = noCounts();

  /**
   * @param keep how many entries are kept
   * @param slack how many may gather before the oldest are forgotten, as a multiple of it
   */
  constructor(keep: number, slack: number) {
    this.#keep = keep;
    this.#slack = slack;
  }

  /** How many there have been in each state, forgotten ones too. */
  get counts(): Readonly<Record<NotificationState, number>> {
    return { ...this.#counts };
  }

  get pendingCount(): number {
    return this.#counts.pending;
  }

  values(): Iterable<Entry> {
    return this.#entries.values();
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** @param make the entry, which must be pending, of its `seq` */
  owe(make: (seq: number) => Entry): Entry {
    const entry = make(++this.#seq);
    this.#entries.set(entry.id, entry);
    this.#counts.pending += 1;
    if (this.#entries.size > this.#keep * this.#slack) this.#forgetSettled();
    return entry;
  }

  /** Ends what is pending; `undefined` when the id is unknown or settled already. */
  settle(id: string, state: SettledState, at: number): Entry | undefined {
    const entry = this.#entries.get(id);
    if (entry?.state !== "pending") return undefined;
    const settled: Entry = { ...entry, state, settledAt: at };
    this.#entries.set(id, settled);
    this.#counts.pending -= 1;
    this.#counts[state] += 1;
    return settled;
  }

  clear(): void {
    this.#entries.clear();
    this.#seq = 0;
    this.#counts = noCounts();
  }

  #forgetSettled(): void {
    for (const { id, state } of this.#entries.values()) {
      if (this.#entries.size <= this.#keep) return;
      if (state !== "pending") this.#entries.delete(id);
    }
  }
}

function noCounts(): Record<NotificationState, number> {
  return { pending: 0, delivered: 0, expired: 0, dropped: 0, lost: 0 };
}
