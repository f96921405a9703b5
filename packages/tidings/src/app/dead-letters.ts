import type { DeadLetter } from "../core/inbox.ts";
import { resourceKeyOfLane } from "../core/lane.ts";
import type { LetterQuery, Store } from "../core/ports/store.ts";

/** Which dead letters: all given conditions hold; none means all. */
export type DeadLetterFilter = Pick<LetterQuery, "declaration" | "resourceKey" | "ids" | "since">;

/** A change that was given up. */
export interface DeadLetterInfo {
  /** The same as its `change.id`. */
  readonly id: string;
  readonly declaration: string;
  readonly resourceKey: string | undefined;
  readonly attempts: number;
  /** Name and message of the last error. */
  readonly error: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly diedAt: number;
}

export interface DeadLetterListOptions extends DeadLetterFilter {
  /** Only those that come after the one of this id. */
  readonly after?: number | undefined;
}

const PAGE = 500;

/** Changes that were given up: to be looked at, tried again, or thrown away. */
export class DeadLetters {
  readonly #running: () => { readonly store: Store };

  constructor(running: () => { readonly store: Store }) {
    this.#running = running;
  }

  /** In the order they were accepted, page by page from the store. @throws Error before `start()`; StoreError */
  async *list({ after: from = 0, ...filter }: DeadLetterListOptions = {}): AsyncGenerator<DeadLetterInfo> {
    for (let after = from; ;) {
      const page = await this.#running().store.listDead({ ...filter, after, limit: PAGE });
      for (const letter of page) yield toInfo(letter);
      after = page.at(-1)?.originSeq ?? after;
      if (page.length < PAGE) return;
    }
  }

  /** Puts them at the end of the inbox, with all their attempts. @returns how many */
  async redrive(filter: DeadLetterFilter = {}): Promise<number> {
    return this.#inSteps((limit) => this.#running().store.redrive({ ...filter, limit }));
  }

  /** Throws them away. @returns how many */
  async purge(filter: DeadLetterFilter = {}): Promise<number> {
    return this.#inSteps((limit) => this.#running().store.purgeDead({ ...filter, limit }));
  }

  /** Small steps, so that no delivery waits for them. */
  async #inSteps(step: (limit: number) => Promise<number>): Promise<number> {
    let total = 0;
    for (let count = PAGE; count === PAGE; total += count) count = await step(PAGE);
    return total;
  }
}

function toInfo({
  originSeq,
  declaration,
  lane,
  failures,
  error,
  receivedAt,
  diedAt,
}: DeadLetter): DeadLetterInfo {
  return {
    id: String(originSeq),
    declaration,
    resourceKey: resourceKeyOfLane(lane),
    attempts: failures,
    error,
    receivedAt,
    diedAt,
  };
}
