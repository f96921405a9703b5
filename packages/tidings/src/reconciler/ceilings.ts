import { rowOf } from "../core/catalogue/catalogue.ts";
import { requestedLifetimeMs } from "../core/catalogue/lifetime.ts";
import type { Store } from "../core/ports/store.ts";
import { wantedLifetimes, type SubscriptionRow, type SubscriptionTarget } from "../core/subscription.ts";

/** Graph's clock is not ours, and refuses what is a second too long. */
const MARGIN_MS = 60_000;
/** What less is asked for when Graph finds too long what should be short enough: our clock is ahead of its. */
const SKEW_STEP_MS = 5 * 60_000;
const MAX_SKEW_MS = 15 * 60_000;

/**
 * How long Graph lets a subscription live, as it said when it refused one: for each tenant and kind of resource, with
 * resource data and without.
 */
export class Ceilings {
  readonly #store: Pick<Store, "listNotes" | "putNote">;
  #known: Promise<Map<string, number>> | undefined;
  /** By how much our clock seems to be ahead of Graph's. Not kept: it will be set right one day. */
  readonly #skews = new Map<string, number>();

  constructor(store: Pick<Store, "listNotes" | "putNote">) {
    this.#store = store;
  }

  /** How long a life to ask for, in milliseconds. */
  async lifetimeMs(row: SubscriptionRow): Promise<number> {
    const ceilings = await this.#all();
    const wantedMs = requestedLifetimeMs(row.path, wantedLifetimes(row), row.isRich);
    const ceilingMs = ceilings.get(keyOf(row)) ?? Infinity;
    return Math.min(wantedMs, ceilingMs - MARGIN_MS) - (this.#skews.get(keyOf(row)) ?? 0);
  }

  /** @returns whether less will be asked for from now on */
  async learn(row: SubscriptionRow, ceilingMs: number): Promise<boolean> {
    if (ceilingMs <= MARGIN_MS) return false;
    if ((await this.lifetimeMs(row)) <= ceilingMs - MARGIN_MS) return this.#learnSkew(row);
    (await this.#all()).set(keyOf(row), ceilingMs);
    await this.#store.putNote({ kind: "ceiling", key: keyOf(row), value: String(ceilingMs) });
    return true;
  }

  async #learnSkew(row: SubscriptionRow): Promise<boolean> {
    const skewMs = (this.#skews.get(keyOf(row)) ?? 0) + SKEW_STEP_MS;
    if (skewMs > MAX_SKEW_MS || (await this.lifetimeMs(row)) <= 2 * SKEW_STEP_MS) return false;
    this.#skews.set(keyOf(row), skewMs);
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

function keyOf({ tenantId, path, isRich }: SubscriptionTarget): string {
  return `${tenantId} ${rowOf(path)?.name ?? path}${isRich ? " rich" : ""}`;
}
