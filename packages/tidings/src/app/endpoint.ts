import type { Report } from "../core/events.ts";
import { EndpointWatch, type EndpointHealth, type EndpointNews } from "../core/endpoint-watch.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { EventFeed } from "./events.ts";

/** How often to look whether it has recovered: then, too, when nothing comes. */
const LOOK_EVERY_MS = 60_000;

export interface EndpointOptions {
  readonly events: Pick<EventFeed, "on">;
  readonly clock: Clock;
  readonly report: Report;
}

/** How fast this process answers Graph, from what its receivers tell, whichever thread they are in. */
export class Endpoint {
  readonly #watch = new EndpointWatch();
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #stopped = new AbortController();
  #isSlow = false;

  constructor({ events, clock, report }: EndpointOptions) {
    this.#clock = clock;
    this.#report = report;
    // Of a delivery in which nothing is authentic, its sender chose how long it took to come.
    events.on("delivery:stored", ({ tookMs, storedCount, duplicateCount }) => {
      if (storedCount + duplicateCount > 0) this.#answered(tookMs);
    });
    events.on("delivery:failed", ({ tookMs }) => this.#answered(tookMs));
  }

  health(): EndpointHealth {
    return this.#watch.health(this.#clock.now());
  }

  /** Tells nothing any more. */
  stop(): void {
    this.#stopped.abort();
  }

  #answered(tookMs: number): void {
    const news = this.#watch.answered(tookMs, this.#clock.now());
    if (news === undefined || this.#stopped.signal.aborted) return;
    this.#report(...news);
    if (!this.#isSlow) void this.#untilRecovered();
  }

  async #untilRecovered(): Promise<void> {
    const { signal } = this.#stopped;
    this.#isSlow = true;
    let news: EndpointNews | undefined;
    while (news === undefined) {
      await this.#clock.sleep(LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      news = this.#watch.look(this.#clock.now());
    }
    this.#isSlow = false;
    this.#report(...news);
  }
}
