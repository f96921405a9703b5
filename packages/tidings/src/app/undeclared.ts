import type { Report } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import { inSteps } from "./in-steps.ts";

export interface UndeclaredParts {
  readonly store: Pick<Store, "listUndeclared" | "bury">;
  readonly clock: Clock;
  readonly report: Report;
  /** Names of every declaration of the app. */
  readonly declared: readonly string[];
}

/** Long enough for a rolling deploy, a rollback, and a weekend. */
const KEPT_MS: number = 7 * 24 * 3_600_000;

/**
 * Tells of changes that wait for a declaration that is gone, renamed or not deployed yet, and makes dead letters of
 * those that have waited 7 days: they are redriven when it is back.
 *
 * @param mayGoOn asked before each step
 * @throws StoreError
 */
export async function lookForUndeclared(
  { store, clock, report, declared }: UndeclaredParts,
  mayGoOn: () => boolean,
): Promise<void> {
  const now = clock.now();
  for (const { declaration, waiting, oldestAt } of await store.listUndeclared(declared)) {
    const query = {
      declaration,
      receivedBefore: now - KEPT_MS,
      endedAt: now,
      error: `Error: the app has no declaration \`${declaration}\``,
    };
    const buried = await inSteps(async (step) => store.bury({ ...query, ...step }), mayGoOn);
    report("declaration:missing", { declaration, waiting, oldestAt, buried });
  }
}
