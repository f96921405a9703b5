import { backoffMs } from "../core/backoff.ts";
import type { Report } from "../core/events.ts";
import { FailureWatch, PROBE_BACKOFF } from "../core/failure-watch.ts";
import { Permanent } from "../core/handler-errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";

export interface GateParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly report: Report;
}

export interface Failure {
  readonly lane: string;
  readonly error: unknown;
  /** Whether it was tried to see if others would succeed. */
  readonly isProbe: boolean;
}

/**
 * Where a declaration stands with what its handler depends on. States:
 *
 * - *open*: its lanes run, up to its concurrency. Left when many lanes fail alike.
 * - *probing*: it waits and tries one at a time, less and less often, spending no attempts. Left with the first that
 *   succeeds, or is judged by the handler: something answers again.
 */
export class Gate {
  readonly #declaration: string;
  readonly #parts: GateParts;
  readonly #watch = new FailureWatch();
  #probing: { readonly failures: number; readonly since: number; readonly nextAt: number } | undefined;

  constructor(declaration: string, parts: GateParts) {
    this.#declaration = declaration;
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#probing === undefined;
  }

  /** When the next probe may go, epoch milliseconds; undefined while open. A clock that was put back delays nothing. */
  get probeAt(): number | undefined {
    if (this.#probing === undefined) return undefined;
    const { since, nextAt } = this.#probing;
    const now = this.#parts.clock.now();
    return now < since ? now : nextAt;
  }

  succeeded(): void {
    this.#watch.succeeded();
    if (this.#probing === undefined) return;
    this.#probing = undefined;
    this.#parts.report("declaration:resumed", { declaration: this.#declaration });
  }

  failed({ lane, error, isProbe }: Failure): void {
    if (error instanceof Permanent) {
      this.succeeded();
    } else if (this.#probing !== undefined) {
      // Those that were under way when it closed say nothing new.
      if (isProbe) this.#probeAfter(this.#probing.failures + 1);
    } else if (this.#watch.failed(lane, error, this.#parts.clock.now())) {
      this.#probeAfter(1);
      this.#parts.report("declaration:paused", { declaration: this.#declaration, by: "failures", error });
    }
  }

  #probeAfter(failures: number): void {
    const { clock, random } = this.#parts;
    const since = clock.now();
    this.#probing = { failures, since, nextAt: since + backoffMs(failures, PROBE_BACKOFF, random) };
  }
}
