import type { Report } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { EndpointProbe } from "../core/ports/endpoint-probe.ts";
import { withoutQuery } from "../core/url-key.ts";

export interface OwnEndpointParts {
  readonly probe: EndpointProbe;
  readonly clock: Clock;
  readonly report: Report;
}

const FIRST_WAIT_MS = 10_000;
const MAX_WAIT_MS = 5 * 60_000;

/**
 * Asks our own public URL, before the first subscription is made, what Graph will ask it. While the answer is one that
 * Graph would refuse, nothing is made; where none can be had from here, Graph is asked all the same, since it may not
 * share our network.
 */
export class OwnEndpoint {
  readonly #parts: OwnEndpointParts;
  #check: Promise<void> | undefined;
  #isAccepted = false;
  #fault: string | undefined;
  #waitMs = FIRST_WAIT_MS;
  #retryAt = 0;

  constructor(parts: OwnEndpointParts) {
    this.#parts = parts;
  }

  /** @returns when to come again, epoch milliseconds; undefined when subscriptions may be made */
  async admit(url: string): Promise<number | undefined> {
    if (!this.#isAccepted && this.#parts.clock.now() >= this.#retryAt) {
      this.#check ??= this.#run(url).finally(() => (this.#check = undefined));
      await this.#check;
    }
    return this.#isAccepted ? undefined : this.#retryAt;
  }

  /** Why no subscription is made, for people; undefined while nothing is known to be wrong. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Somebody may have mended it: the next to come finds out. */
  retryNow(): void {
    this.#retryAt = 0;
  }

  async #run(url: string): Promise<void> {
    const { probe, clock, report } = this.#parts;
    const verdict = await probe.check(url);
    if (verdict.kind !== "proved")
      report("endpoint:unproved", { url: withoutQuery(url), kind: verdict.kind, sentence: verdict.sentence });
    this.#isAccepted = verdict.kind !== "wrong";
    this.#fault = verdict.kind === "wrong" ? verdict.sentence : undefined;
    this.#retryAt = clock.now() + this.#waitMs;
    this.#waitMs = Math.min(this.#waitMs * 2, MAX_WAIT_MS);
  }
}
