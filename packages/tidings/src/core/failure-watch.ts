import type { BackoffOptions } from "./backoff.ts";
import { RetryAfter } from "./handler-errors.ts";

/** Different lanes that must fail, with no success between, for a declaration to pause itself. */
export const PAUSE_AFTER_LANES = 5;
/** As many are enough when nothing has succeeded for so long: a small app has no five. */
export const PAUSE_AFTER: { readonly lanes: number; readonly ms: number } = { lanes: 2, ms: 5 * 60_000 };

/** Between probes of a declaration that paused itself. */
export const PROBE_BACKOFF: BackoffOptions = { firstMs: 1_000, maxMs: 60_000 };

/**
 * Tells a downstream that is away from a change that is bad. One lane that fails again and again is its own trouble;
 * many that fail, and none that succeeds, have theirs in common. Whether their errors look alike says nothing: one
 * outage refuses connections, lets them time out, and answers 502.
 */
export class FailureWatch {
  readonly #lanes = new Set<string>();
  #since = 0;

  succeeded(): void {
    this.#lanes.clear();
  }

  /**
   * A handler that says when to come again has its own plan, and spends no attempts: that is no failure here.
   *
   * @param now epoch milliseconds
   * @returns true when the trouble is not a lane's own
   */
  failed(lane: string, error: unknown, now: number): boolean {
    if (error instanceof RetryAfter) return false;
    if (this.#lanes.size === 0) this.#since = now;
    if (this.#lanes.size < PAUSE_AFTER_LANES) this.#lanes.add(lane);
    const isLong = this.#lanes.size >= PAUSE_AFTER.lanes && now - this.#since >= PAUSE_AFTER.ms;
    return isLong || this.#lanes.size >= PAUSE_AFTER_LANES;
  }
}
