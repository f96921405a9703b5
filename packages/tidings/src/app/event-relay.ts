import type { Report, Told } from "../core/events.ts";

/** Events that may wait while the other thread is busy; what comes above is counted, and not kept. */
export const MAX_WAITING_EVENTS = 10_000;

/**
 * Events on their way to another thread. One message is under way at a time: a thread that is blocked finds one in
 * its queue, and not as many as strangers could cause meanwhile.
 */
export class EventRelay {
  readonly #send: (events: readonly Told[]) => void;
  #waiting: Told[] = [];
  #droppedCount = 0;
  /** From the first event that waits until the other side has taken the message it goes with. */
  #isBusy = false;

  constructor(send: (events: readonly Told[]) => void) {
    this.#send = send;
  }

  readonly report: Report = (...told) => {
    // What must end the process is never dropped; it is told once or twice, not often.
    if (this.#waiting.length < MAX_WAITING_EVENTS || told[0] === "store:broken") this.#waiting.push(told);
    else this.#droppedCount += 1;
    this.#schedule();
  };

  /** The other side has taken the last message. */
  taken(): void {
    this.#isBusy = false;
    if (this.#waiting.length > 0) this.#schedule();
  }

  /** Sends what waits. */
  flush(): void {
    const events = this.#waiting;
    if (events.length === 0) return;
    if (this.#droppedCount > 0) events.push(["events:dropped", { count: this.#droppedCount }]);
    this.#waiting = [];
    this.#droppedCount = 0;
    this.#send(events);
  }

  #schedule(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    setImmediate(() => this.flush());
  }
}
