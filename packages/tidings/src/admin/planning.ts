import type { PlannedAction } from "../core/planned-subscription.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ApplyProgress } from "../core/applied.ts";
import type { AdminApp } from "./admin-app.ts";
import type { ApplyLine, PlanLine } from "./answers.ts";

/** How often whoever waits is told how far it is. */
const PROGRESS_MS = 1_000;

/** What would be done about each subscription, and at the end how often what. */
export async function* planLines(app: AdminApp, prune: boolean): AsyncGenerator<PlanLine, void, undefined> {
  const counts: Record<PlannedAction, number> = { create: 0, renew: 0, replace: 0, delete: 0, keep: 0 };
  for await (const planned of app.subscriptions.plan({ prune })) {
    counts[planned.action] += 1;
    yield { planned };
  }
  yield { counts };
}

/** How far it is, now and then, and at the end what was done. Whoever reads no more ends the waiting only. */
export async function* applyLines(
  app: AdminApp,
  prune: boolean,
  clock: Clock,
): AsyncGenerator<ApplyLine, void, undefined> {
  const unread = new AbortController();
  let progress: ApplyProgress | undefined;
  const onProgress = (now: ApplyProgress): void => {
    progress = now;
  };
  const work = app.subscriptions.apply({ prune, signal: unread.signal, onProgress });
  // Nobody may be waiting for it any more when it fails.
  work.catch(() => {});
  try {
    for (;;) {
      const applied = await Promise.race([work, clock.sleep(PROGRESS_MS)]);
      if (applied !== undefined) {
        yield { applied };
        return;
      }
      if (progress !== undefined) yield { progress };
    }
  } finally {
    unread.abort();
  }
}
