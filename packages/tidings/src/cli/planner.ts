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

/** What can plan and apply: a running service, or an app on its own store. */
export interface Planner {
  plan(options: { readonly prune: boolean }): AsyncIterable<PlannedSubscription>;
  apply(options: {
    readonly prune: boolean;
    readonly signal: AbortSignal;
    readonly onProgress: (progress: ApplyProgress) => void;
  }): Promise<Applied>;
}

export interface PlannerOptions {
  /** The app's module; a running service when undefined. */
  readonly app: string | undefined;
  /** URL of a service's admin API. */
  readonly admin: string | undefined;
  /** Listened on for as long as an app has no service to answer for it. Undefined: not at all. */
  readonly port: number | undefined;
}

/**
 * Uses the service that runs, or the app's own store, which one process at a time may open.
 *
 * @throws CliError when it cannot be told which is meant; ServiceError when none runs and no app is named; what
 *   opening an app throws
 */
export async function withPlanner<Result>(
  { app, admin, port }: PlannerOptions,
  use: (planner: Planner) => Promise<Result>,
): Promise<Result> {
  if (app === undefined) return use(await findService(admin, process.env));
  if (admin !== undefined) {
    throw new CliError(
      "--admin and an app do not go together",
      "Leave the app out to ask the service, which knows its own.",
    );
  }
  const tidings = await loadApp(app);
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
  const settings = settingsFromEnvironment(process.env);
  const server =
    port === undefined ? undefined : await listenOn(tidings, { port, publicUrl: settings.publicUrl });
  try {
    await tidings.open({
      logger: SILENT,
      platformUrl: await publicUrlFromPlatform(process.env),
      ...settings,
      clock: wakefulClock,
    });
    return await use(tidings.subscriptions);
  } finally {
    await tidings.stop();
    await server?.close();
  }
}

/** What fails is shown by the verb itself. */
const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
