import type { Clock } from "../../src/core/ports/clock.ts";

/** The life of a process: it may end at any await of what the process calls. */
export class Life {
  #left: number;
  #begun = 0;

  /** @param awaits how many it has: before and after each call */
  constructor(awaits = Infinity) {
    this.#left = awaits;
  }

  get isMortal(): boolean {
    return this.#left < Infinity;
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Whether something it began goes on, maybe after its death: a request on its way. */
  get isBusy(): boolean {
    return this.#begun > 0;
  }

  end(): void {
    this.#left = 0;
  }

  /** Does the work, unless life ends before; and is never done, if it ended by then. */
  async live<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#left -= 1;
    if (this.isOver) return NEVER;
    this.#begun += 1;
    try {
      return await work();
    } finally {
      this.#begun -= 1;
      this.#left -= 1;
      if (this.isOver) await NEVER;
    }
  }
}

const NEVER: Promise<never> = new Promise(() => {});

/** A clock whose sleepers never wake when their process is gone. */
export function mortalClock(clock: Clock, life: Life): Clock {
  return {
    now: () => clock.now(),
    async sleep(ms, signal) {
      await clock.sleep(ms, signal);
      if (life.isOver) await NEVER;
    },
  };
}

/** What a process calls, for as long as it lives: from then on nothing is done, and nothing is answered. */
export function mortal<Port extends object>(port: Port, life: Life): Port {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...parameters: unknown[]): unknown => {
        const perform = (): unknown => Reflect.apply(method, target, parameters);
        return life.live(async () => perform());
      };
    },
  });
}
