import { rowOf } from "../core/catalogue/catalogue.ts";
import { requestedLifetimeMs } from "../core/catalogue/lifetime.ts";
import type { Store } from "../core/ports/store.ts";
import { wantedLifetimes, type SubscriptionRow, type SubscriptionTarget } from "../core/subscription.ts";

/** Graph's clock is not ours, and refuses what is a second too long. */
const MARGIN_MS = 60_000;

/** How long Graph lets a subscription live, as it said when it refused one: for each tenant and kind of resource. */
export class Ceilings {
  readonly #store: Pick<Store, "listNotes" | "putNote">;
  #known: Promise<Map<string, number>> | undefined;

  constructor(store: Pick<Store, "listNotes" | "putNote">) {
    this.#store = store;
  }

  /** How long a life to ask for, in milliseconds. */
  async lifetimeMs(row: SubscriptionRow): Promise<number> {
    const ceilings = await this.#all();
    const wantedMs = requestedLifetimeMs(row.path, wantedLifetimes(row));
    const ceilingMs = ceilings.get(keyOf(row));
    return ceilingMs === undefined ? wantedMs : Math.min(wantedMs, ceilingMs - MARGIN_MS);
  }

  /** @returns whether it is news: lower than what was asked for until now */
  async learn(row: SubscriptionRow, ceilingMs: number): Promise<boolean> {
    if (ceilingMs <= MARGIN_MS || (await this.lifetimeMs(row)) <= ceilingMs - MARGIN_MS) return false;
    (await this.#all()).set(keyOf(row), ceilingMs);
    await this.#store.putNote({ kind: "ceiling", key: keyOf(row), value: String(ceilingMs) });
    return true;
  }

  async #all(): Promise<Map<string, number>> {
    this.#known ??= this.#store
      .listNotes("ceiling")
      .then((notes) => new Map(notes.map(({ key, value }) => [key, Number(value)])));
    this.#known.catch(() => (this.#known = undefined));
    return this.#known;
  }
}

function keyOf({ tenantId, path }: SubscriptionTarget): string {
  return `${tenantId} ${rowOf(path)?.name ?? path}`;
}
