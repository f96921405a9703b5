import { AsyncLocalStorage } from "node:async_hooks";

interface Activity {
  readonly parent: Activity | undefined;
  /** How many waits for the clock hold it up. */
  waits: number;
  isOver: boolean;
}

/**
 * What goes on at a moment of the simulator's time: requests being answered, deliveries on their way.
 *
 * An activity is *busy* from its start to its end, but for the time it waits for the clock itself: then it is *held up*,
 * and so is every activity it is part of. The moment is over when none is busy; only then may time go on.
 */
export class Activities {
  readonly #current = new AsyncLocalStorage<Activity | undefined>();
  #busyCount = 0;
  #waiters: (() => void)[] = [];

  /** Runs `body` as an activity, part of the one that calls. */
  async run<Result>(body: () => Promise<Result>): Promise<Result> {
    const activity: Activity = { parent: this.#current.getStore(), waits: 0, isOver: false };
    this.#busyCount += 1;
    try {
      return await this.#current.run(activity, body);
    } finally {
      activity.isOver = true;
      if (activity.waits === 0) this.#rest();
    }
  }

  /** Notes that the calling activity waits for the clock, until the answer is called. */
  holdUp(): () => void {
    const held: Activity[] = [];
    for (let activity = this.#current.getStore(); activity; activity = activity.parent) {
      if (!activity.isOver) held.push(activity);
    }
    for (const activity of held) {
      activity.waits += 1;
      if (activity.waits === 1) this.#rest();
    }
    return () => {
      for (const activity of held) {
        activity.waits -= 1;
        if (activity.waits === 0 && !activity.isOver) this.#busyCount += 1;
      }
    };
  }

  /** Calls `body` as part of no activity. */
  outside(body: () => void): void {
    this.#current.run(undefined, body);
  }

  /** Resolves when the moment is over. */
  async quiet(): Promise<void> {
    // A turn of the event loop: what has just been started gets as far as it can without waiting for anybody.
    await turn();
    while (this.#busyCount > 0) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
      await turn();
    }
  }

  #rest(): void {
    this.#busyCount -= 1;
    if (this.#busyCount > 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
