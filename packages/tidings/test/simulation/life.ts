/** What a process that is no more awaits: it neither goes on nor fails. */
const NEVER: Promise<never> = new Promise(() => {});

/**
 * The life of one process. All that the process asks of the world goes through {@link pass}; from the end of its life
 * on nothing that it asks is done, and nothing that was done is answered, as if it had been killed at that await.
 */
export class Life {
  /** Resolves when it ends. */
  readonly over: Promise<"died">;
  readonly #die: (outcome: "died") => void;
  #isOver = false;
  #doom: Doom | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<"died">();
    this.over = promise;
    this.#die = resolve;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isDoomed(): boolean {
    return this.#doom !== undefined;
  }

  /** Has it die at the so-many-th step from now: each call has two, before it is done and before it is heard of. */
  doom(doom: Doom): void {
    this.#doom = { ...doom };
  }

  end(): void {
    this.#isOver = true;
    this.#die("died");
  }

  /** @param kind what is asked */
  async pass<Result>(kind: StepKind, perform: () => Promise<Result>): Promise<Result> {
    this.#step(kind);
    if (this.#isOver) return NEVER;
    try {
      return await perform();
    } finally {
      this.#step(kind);
      // What is thrown is not heard of either.
      if (this.#isOver) await NEVER;
    }
  }

  /** For whoever waits for something of the process from without. */
  async outcomeOf<Result>(work: Promise<Result>): Promise<Result | "died"> {
    return Promise.race([work, this.over]);
  }

  #step(kind: StepKind): void {
    if (this.#doom === undefined || (this.#doom.of !== "any" && this.#doom.of !== kind)) return;
    this.#doom = { ...this.#doom, steps: this.#doom.steps - 1 };
    if (this.#doom.steps <= 0) this.end();
  }
}

/** Whom a step asks: the store; Graph, or the login service; the clock. */
export type StepKind = "store" | "graph" | "clock";

export interface Doom {
  readonly of: StepKind | "any";
  readonly steps: number;
}
