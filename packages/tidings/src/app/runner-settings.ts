import type { BatchHandler, Change, Handler, HandlerContext, HandlerFunction } from "../core/change.ts";
import type { DeclarationSpec } from "../core/declaration.ts";
import { parseItem } from "../core/delivery.ts";
import { LIFECYCLE_DECLARATION, type InboxRow } from "../core/inbox.ts";
import type { Logger } from "../core/ports/logger.ts";
import { DEFAULT_RETRY } from "../core/retry.ts";
import { createChange, type ChangeParts } from "../dispatcher/change.ts";
import type { DeclarationRunnerSettings, Group, HandleGroups } from "../dispatcher/declaration-runner.ts";
import type { Reconciler } from "../reconciler/reconciler.ts";

/** One declared handler. */
export interface DeclaredHandler {
  readonly spec: DeclarationSpec;
  readonly handler: Handler;
}

/** Changes a batch handler gets at once, at most. */
const BATCH_SIZE = 100;

/** How the changes of a declaration reach its handler. */
export function runnerSettings(
  { spec, handler }: DeclaredHandler,
  parts: ChangeParts,
  log: Logger,
): DeclarationRunnerSettings {
  const toChange = (group: Group): Change => createChange(group, parts);
  return {
    ...spec,
    batchSize: typeof handler === "function" ? 1 : BATCH_SIZE,
    handle:
      typeof handler === "function"
        ? callSingly(handler, toChange, log)
        : callInBatches(handler, toChange, log),
  };
}

/** A reaction asks Graph once or twice, which may take its time over a new subscription's handshakes. */
export const LIFECYCLE_TIMEOUT_MS = 60_000;

/** Lifecycle notifications are handled by the reconciler, each subscription's in order. */
export function lifecycleRunner(reconciler: Reconciler): DeclarationRunnerSettings {
  return {
    name: LIFECYCLE_DECLARATION,
    mode: "each",
    concurrency: 4,
    timeoutMs: LIFECYCLE_TIMEOUT_MS,
    retry: DEFAULT_RETRY,
    batchSize: 1,
    async handle(groups) {
      for (const [row] of groups) await handleLifecycle(row, reconciler);
      return NONE;
    },
  };
}

const NONE: ReadonlySet<number> = new Set();

function callSingly(handler: HandlerFunction, toChange: (group: Group) => Change, log: Logger): HandleGroups {
  return async (groups, signal) => {
    for (const group of groups) await handler(toChange(group), { signal, log });
    return NONE;
  };
}

function callInBatches(handler: BatchHandler, toChange: (group: Group) => Change, log: Logger): HandleGroups {
  return async (groups, signal) => {
    const changes = groups.map((group) => toChange(group));
    const context: HandlerContext = { signal, log };
    const failedIds = new Set((await handler.batch(changes, context)) ?? []);
    assertGiven(failedIds, changes);
    return new Set(changes.flatMap(({ id }, place) => (failedIds.has(id) ? [place] : [])));
  };
}

/** Ids that were not given fail nothing, and then all would count as done. */
function assertGiven(failedIds: ReadonlySet<string>, changes: readonly Change[]): void {
  const given = new Set(changes.map(({ id }) => id));
  for (const id of failedIds) {
    if (!given.has(id))
      throw new TypeError(
        `Expected the \`id\`s of changes that failed, got \`${id}\`, which is none of them`,
      );
  }
}

async function handleLifecycle(
  { body, subscriptionKey, seq }: InboxRow,
  reconciler: Reconciler,
): Promise<void> {
  const item = parseItem(body.raw);
  if (item.kind !== "lifecycle") throw new Error(`Inbox row ${seq} holds no lifecycle notification`);
  await reconciler.react(item.event, subscriptionKey, item.subscriptionId);
}
