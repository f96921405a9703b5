import type {
  BatchFailures,
  BatchHandler,
  Change,
  Handler,
  HandlerContext,
  HandlerFunction,
} from "../core/change.ts";
import type { DeclarationSpec } from "../core/declaration.ts";
import { parseItem } from "../core/delivery.ts";
import { ContentRefusedError } from "../core/errors.ts";
import { LIFECYCLE_DECLARATION, type InboxRow } from "../core/inbox.ts";
import type { Logger } from "../core/ports/logger.ts";
import { DEFAULT_RETRY } from "../core/retry.ts";
import { createChange, type ChangeParts } from "../dispatcher/change.ts";
import type { ContentOpener } from "../dispatcher/content-opener.ts";
import type {
  DeclarationRunnerSettings,
  Group,
  GroupFailures,
  HandleGroups,
} from "../dispatcher/declaration-runner.ts";
import type { Reconciler } from "../reconciler/reconciler.ts";

/** One declared handler. */
export interface DeclaredHandler {
  readonly spec: DeclarationSpec;
  readonly handler: Handler;
}

/** Changes a batch handler gets at once, at most. */
const BATCH_SIZE = 100;

export interface RunnerParts extends ChangeParts {
  readonly opener: Pick<ContentOpener, "open">;
}

/** How the changes of a declaration reach its handler. */
export function runnerSettings(
  { spec, handler }: DeclaredHandler,
  parts: RunnerParts,
  log: Logger,
): DeclarationRunnerSettings {
  const toChange = async (group: Group): Promise<Change> => {
    const newest = group.at(-1) ?? group[0];
    return createChange(group, await parts.opener.open(newest), parts);
  };
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

const NONE: GroupFailures = new Map();

type ToChange = (group: Group) => Promise<Change>;

function callSingly(handler: HandlerFunction, toChange: ToChange, log: Logger): HandleGroups {
  return async (groups, signal) => {
    for (const group of groups) await handler(await toChange(group), { signal, log });
    return NONE;
  };
}

function callInBatches(handler: BatchHandler, toChange: ToChange, log: Logger): HandleGroups {
  return async (groups, signal) => {
    const { given, failures } = await openAll(groups, toChange);
    if (given.size === 0) return failures;
    const changes = [...given.values()];
    const context: HandlerContext = { signal, log };
    const named = errorsById((await handler.batch(changes, context)) ?? []);
    assertGiven(named, changes);
    const failed = [...given].flatMap(([place, { id }]) =>
      named.has(id) ? [[place, named.get(id)] as const] : [],
    );
    return new Map([...failures, ...failed]);
  };
}

/** By the places of their groups: what there is to hand over, and what cannot be. */
interface Opened {
  readonly given: ReadonlyMap<number, Change>;
  readonly failures: GroupFailures;
}

/** What was forged is passed over. Behind what cannot be opened now, what follows in its lane waits. */
async function openAll(groups: readonly Group[], toChange: ToChange): Promise<Opened> {
  const given = new Map<number, Change>();
  const failures = new Map<number, unknown>();
  const waiting = new Map<string, unknown>();
  const opened = await Promise.allSettled(groups.map(async (group) => toChange(group)));
  for (const [place, [{ lane }]] of groups.entries()) {
    const result = opened[place];
    if (waiting.has(lane)) {
      failures.set(place, waiting.get(lane));
    } else if (result?.status === "fulfilled") {
      given.set(place, result.value);
    } else {
      const error: unknown = result?.reason;
      failures.set(place, error);
      if (!(error instanceof ContentRefusedError)) waiting.set(lane, error);
    }
  }
  return { given, failures };
}

/** A batch handler named this change as failed, without saying why. */
class BatchItemError extends Error {
  override readonly name = "BatchItemError";

  constructor() {
    super("the batch handler returned its id as failed");
  }
}

const NAMED_AS_FAILED = new BatchItemError();

function errorsById(failures: BatchFailures): ReadonlyMap<string, unknown> {
  return areIds(failures) ? new Map(failures.map((id) => [id, NAMED_AS_FAILED])) : failures;
}

function areIds(failures: BatchFailures): failures is readonly string[] {
  return Array.isArray(failures);
}

/** Ids that were not given fail nothing, and then all would count as done. */
function assertGiven(failed: ReadonlyMap<string, unknown>, changes: readonly Change[]): void {
  const given = new Set(changes.map(({ id }) => id));
  for (const id of failed.keys()) {
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
