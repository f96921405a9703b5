import { StoreError } from "../../src/core/errors.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { Random } from "../../src/core/ports/random.ts";
import type { Store } from "../../src/core/ports/store.ts";

/** What can go wrong with one call: not done, done and not heard of, done late or heard of late, never answered. */
export type Fault = "error-before" | "error-after" | "delay" | "hang";

export interface FaultStoreOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How likely each is, from 0 to 1 together; may be changed meanwhile. */
  readonly rates: Partial<Record<Fault, number>>;
  /** @default every one that returns a promise */
  readonly operations?: readonly (keyof Store)[];
  /** @default 200 */
  readonly maxDelayMs?: number;
}

export interface FaultStore {
  readonly store: Store;
  /** How many calls were done in by each. */
  readonly counts: Record<Fault, number>;
  /** The process is gone: nothing that was not done yet is done any more, and nothing is answered. */
  cut(): void;
  isCut(): boolean;
}

/** A store that fails as stores do. What it does is as its chance says, so that a run can be had again. */
export function createFaultStore(
  inner: Store,
  { clock, random, rates, operations, maxDelayMs = 200 }: FaultStoreOptions,
): FaultStore {
  const counts: FaultStore["counts"] = { "error-before": 0, "error-after": 0, delay: 0, hang: 0 };
  let isCut = false;

  function draw(): Fault | undefined {
    let rest = random.next();
    for (const fault of ["error-before", "error-after", "delay", "hang"] as const) {
      rest -= rates[fault] ?? 0;
      if (rest < 0) return fault;
    }
    return undefined;
  }

  async function call(operation: string, perform: () => Promise<unknown>): Promise<unknown> {
    const fault = draw();
    if (fault !== undefined) counts[fault] += 1;
    if (fault === "delay") await clock.sleep(random.next() * maxDelayMs);
    if (fault === "hang" || isCut) return NEVER;
    if (fault === "error-before") throw new StoreError(`${operation} was not done`);
    const result = await perform();
    if (fault === "delay") await clock.sleep(random.next() * maxDelayMs);
    if (isCut) return NEVER;
    if (fault === "error-after") throw new StoreError(`${operation} was done, and this not heard of`);
    return result;
  }

  const store = new Proxy(inner, {
    get(target, name: keyof Store) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      const perform = (...parameters: unknown[]): unknown => Reflect.apply(method, target, parameters);
      if (name === "onAppended")
        return (listener: () => void) => target.onAppended(() => isCut || listener());
      if (operations !== undefined && !operations.includes(name)) return perform;
      return async (...parameters: unknown[]) => call(name, async () => perform(...parameters));
    },
  });
  return {
    store,
    counts,
    cut() {
      isCut = true;
    },
    isCut: () => isCut,
  };
}

const NEVER: Promise<never> = new Promise(() => {});
