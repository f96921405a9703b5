import type { Clock } from "../../src/core/ports/clock.ts";
import type { Lease, Store, StoreProvider } from "../../src/core/ports/store.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { Life } from "./life.ts";

/** How long a process that was killed holds the right to run the inbox. guess: as stores of several machines do. */
const LEASE_MS = 30_000;

/**
 * A store in memory that outlives the processes that have it open, several at once. The store itself is one of a single
 * process, which gives its lease to whoever asks; here it is given to one at a time.
 */
export class SharedStore {
  readonly #store = new MemoryStore();
  readonly #clock: Clock;
  #holder: { readonly life: Life; readonly lease: Lease; endedAt: number | undefined } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The store as one process has it. */
  for(life: Life): StoreProvider {
    return { description: "shared memory", open: async () => this.#open(life) };
  }

  #open(life: Life): Store {
    const own: Partial<Store> = {
      lease: async () => this.#lease(life),
      release: async (lease) => this.#release(lease),
      close: async () => {},
      onAppended: (listener) => this.#store.onAppended(() => life.isOver || listener()),
    };
    return new Proxy<Store>(this.#store, {
      get(target, name) {
        const method: unknown = Reflect.get(own, name) ?? Reflect.get(target, name);
        if (typeof method !== "function") return method;
        if (name === "onAppended") return method;
        return async (...parameters: unknown[]) =>
          life.pass("store", async () => Reflect.apply(method, target, parameters));
      },
    });
  }

  async #lease(life: Life): Promise<Lease | undefined> {
    if (this.#isHeld(life)) return undefined;
    const lease = await this.#store.lease();
    this.#holder = { life, lease, endedAt: undefined };
    return lease;
  }

  async #release(lease: Lease): Promise<void> {
    if (this.#holder?.lease.epoch === lease.epoch) this.#holder = undefined;
    await this.#store.release();
  }

  #isHeld(by: Life): boolean {
    const holder = this.#holder;
    if (holder === undefined || holder.life === by) return false;
    if (!holder.life.isOver) return true;
    holder.endedAt ??= this.#clock.now();
    return this.#clock.now() < holder.endedAt + LEASE_MS;
  }
}
