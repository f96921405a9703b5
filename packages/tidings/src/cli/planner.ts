import type { Applied, ApplyProgress } from "../core/applied.ts";
import { wakefulClock } from "../app/clock.ts";
import type { Tidings } from "../app/tidings.ts";
import type { Logger } from "../core/ports/logger.ts";
import type { PlannedSubscription } from "../core/planned-subscription.ts";
import { settingsFromEnvironment } from "./environment.ts";
import { CliError } from "./errors.ts";
import { findService, serviceOf } from "./find-service.ts";
import { listenOn } from "./listen-on.ts";
import { loadApp } from "./load-app.ts";
import { publicUrlFromPlatform } from "./platform-url.ts";

/** What only apps with an inbox are told. */
export interface UpkeepChoices {
  readonly tenantIds?: readonly string[] | undefined;
  readonly everyMs?: number | undefined;
  readonly settleMs?: number | undefined;
}

interface PlanChoices extends Pick<UpkeepChoices, "tenantIds"> {
  readonly prune: boolean;
}

/** What can plan and apply: a running service, or an app on its own store, or without any. */
export interface Planner {
  plan(options: PlanChoices): AsyncIterable<PlannedSubscription>;
  apply(
    options: PlanChoices &
      UpkeepChoices & {
        readonly signal: AbortSignal;
        readonly onProgress: (progress: ApplyProgress) => void;
      },
  ): Promise<Applied>;
}

export interface PlannerOptions {
  /** The app's module; a running service when undefined. */
  readonly app: string | undefined;
  /** URL of a service's admin API. */
  readonly admin: string | undefined;
  /** Listened on for as long as an app has no service to answer for it. Undefined: not at all. */
  readonly port: number | undefined;
  /** Options that were given, and that only apps with an inbox have, as the command line spells them. */
  readonly upkeepFlags: readonly string[];
}

/**
 * Uses the service that runs, or the app's own store, which one process at a time may open.
 *
 * @throws CliError when it cannot be told which is meant; ServiceError when none runs and no app is named; what
 *   opening an app throws
 */
export async function withPlanner<Result>(
  { app, admin, port, upkeepFlags }: PlannerOptions,
  use: (planner: Planner) => Promise<Result>,
): Promise<Result> {
  if (app === undefined) {
    assertNoUpkeep(upkeepFlags);
    return use(await findService(admin, process.env));
  }
  if (admin !== undefined) {
    throw new CliError(
      "--admin and an app do not go together",
      "Leave the app out to ask the service, which knows its own.",
    );
  }
  const tidings = await loadApp(app);
  // Receivers answer Graph's handshakes meanwhile.
  if (tidings.isForwarding) return withApp(tidings, use);
  assertNoUpkeep(upkeepFlags);
  const service = await serviceOf(tidings, process.env);
  if (service === undefined) return withOwnStore(tidings, port, use);
  process.stderr.write(
    `${tidings.name} runs at ${service.url}: this is about the app as it was started there\n`,
  );
  return use(service);
}

async function withOwnStore<Result>(
  tidings: Tidings,
  port: number | undefined,
  use: (planner: Planner) => Promise<Result>,
): Promise<Result> {
  const { publicUrl } = settingsFromEnvironment(process.env);
  const server = port === undefined ? undefined : await listenOn(tidings, { port, publicUrl });
  try {
    return await withApp(tidings, use);
  } finally {
    await tidings.stop();
    await server?.close();
  }
}

async function withApp<Result>(
  tidings: Tidings,
  use: (planner: Planner) => Promise<Result>,
): Promise<Result> {
  try {
    const settings = settingsFromEnvironment(process.env);
    await tidings.open({
      logger: SILENT,
      platformUrl: await publicUrlFromPlatform(process.env),
      ...settings,
      clock: wakefulClock,
    });
    return await use(tidings.subscriptions);
  } finally {
    await tidings.stop();
  }
}

function assertNoUpkeep([flag]: readonly string[]): void {
  if (flag === undefined) return;
  throw new CliError(
    `${flag} is for an app with an inbox`,
    "An app with a store knows its tenants, and renews by itself while it is served.",
  );
}

/** What fails is shown by the verb itself. */
const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
