import type { DeadLetter } from "../core/inbox.ts";
import { resourceKeyOfLane } from "../core/lane.ts";
import type { LetterQuery, Store, Stretch } from "../core/ports/store.ts";
import { inSteps, STEP_SIZE } from "./in-steps.ts";

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

/** Changes that were given up: to be looked at, tried again, or thrown away. */
export class DeadLetters {
  readonly #running: () => { readonly store: Store };

  constructor(running: () => { readonly store: Store }) {
    this.#running = running;
  }

  /** In the order they were accepted, page by page from the store. @throws Error before `start()`; StoreError */
  async *list({ after, ...filter }: DeadLetterListOptions = {}): AsyncGenerator<DeadLetterInfo> {
    for (let stretch: Stretch | undefined = { after }; stretch !== undefined;) {
      const page = await this.#running().store.listDead({ ...filter, ...stretch, limit: STEP_SIZE });
      for (const letter of page.letters) yield toInfo(letter);
      stretch = page.next;
    }
  }

  /**
   * Puts them at the end of the inbox, with all their attempts, each once: what dies again meanwhile stays.
   *
   * @returns how many
   */
  async redrive(filter: DeadLetterFilter = {}): Promise<number> {
    return inSteps(async (step) => this.#running().store.redrive({ ...filter, ...step }));
  }

  /** Throws them away. @returns how many */
  async purge(filter: DeadLetterFilter = {}): Promise<number> {
    return inSteps(async (step) => this.#running().store.purgeDead({ ...filter, ...step }));
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
