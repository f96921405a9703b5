import type { Applied, ApplyProgress } from "../core/applied.ts";
import { ApplyRun } from "./apply-run.ts";
import type { EventFeed } from "./events.ts";
import type { RunningApp } from "./running-app.ts";

export interface PlanOptions {
  /**
   * Give up at once what this process does not declare, as an app that runs does an hour after the last process that
   * declared it has ended.
   * @default false
   */
  readonly prune?: boolean | undefined;
  /** With `inbox`: GUIDs of the tenants that are looked after. @default the app's own */
  readonly tenantIds?: readonly string[] | undefined;
}

export interface ApplyOptions extends PlanOptions {
  /** Begins nothing more once it aborts; what was begun is waited for. */
  readonly signal?: AbortSignal | undefined;
  /**
   * With `inbox`: how often this is called, in milliseconds. Subscriptions have to live for three times as long.
   * @default 1 h
   */
  readonly everyMs?: number | undefined;
  /**
   * With `inbox`: how far Graph's list may be behind, in milliseconds. When something was made, the list is looked at
   * again after so long, for what others made at the same time.
   * @default 60 s
   */
  readonly settleMs?: number | undefined;
  /** Called whenever one more is done, or has failed. */
  readonly onProgress?: ((progress: ApplyProgress) => void) | undefined;
}

/** Events after which a subscription is done, or has failed, as a rule. */
const OUTCOMES = [
  "subscription:created",
  "subscription:adopted",
  "subscription:renewed",
  "subscription:replaced",
  "subscription:removed",
  "subscription:failed",
  "subscription:parked",
] as const;

/** Between two looks at what waits: for a limit of Graph's, or for whoever else works on it. */
const MIN_REST_MS = 100;
const MAX_REST_MS = 5_000;

/**
 * Plans, and has all that is planned done now, whatever failed before. Beside the app's own loop, if that runs: rows
 * are claimed, so that each is done once.
 *
 * @throws CredentialError when the app's own tenant is not known; StoreError
 */
export async function apply(
  app: RunningApp,
  events: EventFeed,
  { prune = false, signal, onProgress = () => {} }: ApplyOptions,
): Promise<Applied> {
  const { reconciler, clock } = app;
  const run = new ApplyRun(app);
  const allHeard = new AbortController();
  const resting = AbortSignal.any([allHeard.signal, ...(signal === undefined ? [] : [signal])]);
  const isOver = (): boolean => run.leftCount === 0 || signal?.aborted === true;
  for await (const planned of reconciler.preview(prune)) run.add(planned);
  const unlisten = OUTCOMES.map((name) =>
    events.on(name, (event) => {
      const isNews = run.hear(event.key, {
        isAdopted: name === "subscription:adopted",
        error: "error" in event ? event.error : undefined,
      });
      if (!isNews) return;
      if (run.progress.done === run.progress.total) allHeard.abort();
      onProgress(run.progress);
    }),
  );
  try {
    onProgress(run.progress);
    await reconciler.desired.declare();
    if (prune) await reconciler.desired.forget();
    await run.begin();
    while (!isOver()) {
      await reconciler.reconcileOnce(signal);
      const restMs = (await run.settle()) - clock.now();
      onProgress(run.progress);
      if (isOver()) break;
      await clock.sleep(Math.min(restMs, MAX_REST_MS), resting);
      // What is heard of is written a moment later.
      await clock.sleep(MIN_REST_MS, signal);
    }
    return run.applied;
  } finally {
    for (const end of unlisten) end();
  }
}
