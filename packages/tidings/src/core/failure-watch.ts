import type { BackoffOptions } from "./backoff.ts";
import { RetryAfter } from "./handler-errors.ts";

/** Different lanes that must fail alike, with no success between, for a declaration to pause itself. */
export const PAUSE_AFTER_LANES = 5;

/** Between probes of a declaration that paused itself. */
export const PROBE_BACKOFF: BackoffOptions = { firstMs: 1_000, maxMs: 60_000 };

/**
 * Tells a downstream that is away from a change that is bad. One lane that fails again and again is its own trouble;
 * many that fail alike, one after another, have theirs in common.
 */
export class FailureWatch {
  readonly #lanes = new Set<string>();
  #kind: string | undefined;

  succeeded(): void {
    this.#lanes.clear();
    this.#kind = undefined;
  }

  /**
   * A handler that says when to come again has its own plan, and spends no attempts: that is no failure here.
   *
   * @returns true when many lanes have failed alike by now
   */
  failed(lane: string, error: unknown): boolean {
    if (error instanceof RetryAfter) return false;
    const kind = kindOf(error);
    if (kind !== this.#kind) this.#lanes.clear();
    this.#kind = kind;
    if (this.#lanes.size < PAUSE_AFTER_LANES) this.#lanes.add(lane);
    return this.#lanes.size >= PAUSE_AFTER_LANES;
  }
}

/** Errors are alike by name and code; messages carry ids. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = "code" in error ? String(error.code) : "";
  return `${error.name} ${code}`;
}
