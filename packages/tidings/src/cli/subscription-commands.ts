import { Option, type Command } from "commander";
import { STATES } from "../admin/admin-app.ts";
import { systemClock } from "../app/clock.ts";
import { applyPlan } from "./apply.ts";
import { parseDuration } from "./duration.ts";
import { portFrom } from "./environment.ts";
import { showPlan } from "./plan.ts";
import { withPlanner } from "./planner.ts";
import { renewSubscription } from "./renew.ts";
import { isJson, limitOption, serviceCommand, serviceOf, type ServiceOptions } from "./service-command.ts";
import { listSubscriptions } from "./subscriptions.ts";

interface PruneOptions extends ServiceOptions {
  readonly prune?: true;
  readonly tenant?: readonly string[];
}

interface ApplyOptions extends PruneOptions {
  readonly port?: string;
  readonly every?: number;
  readonly settle?: number;
}

interface ListOptions extends ServiceOptions {
  readonly state?: string;
  readonly tenant?: string;
  readonly resource?: string;
  readonly limit: number;
}

/** Adds the verbs about subscriptions. */
export function addSubscriptionCommands(tidings: Command): void {
  withApp(serviceCommand(tidings, "plan", "show what would be done about each subscription, and why"))
    .option("--all", "every one, however many")
    .action(async (app: string | undefined, options: PruneOptions & { readonly all?: true }) => {
      const { admin, prune, all, tenant: tenantIds } = options;
      const upkeepFlags = flagsOf({ "--tenant": tenantIds });
      const shown = { tenantIds, isPruned: prune === true, isAll: all === true, isJson: isJson(options) };
      await withPlanner({ app, admin, port: undefined, upkeepFlags }, async (planner) =>
        showPlan(planner, { ...shown, now: systemClock.now() }),
      );
    });

  withApp(serviceCommand(tidings, "apply", "do what `plan` shows, and say how far it is"))
    .option("--port <port>", "port to listen on meanwhile, where no service runs (default: $PORT, else 3000)")
    .addOption(
      new Option(
        "--every <duration>",
        "of an app with an inbox: how often this is run (default: 1h)",
      ).argParser(parseDuration),
    )
    .addOption(
      new Option(
        "--settle <duration>",
        "of an app with an inbox: how far Graph's list may be behind (default: 60s)",
      ).argParser(parseDuration),
    )
    .action(async (app: string | undefined, options: ApplyOptions) => {
      const { admin, prune, tenant: tenantIds, every: everyMs, settle: settleMs } = options;
      const port = portFrom(options.port, process.env);
      const upkeepFlags = flagsOf({ "--tenant": tenantIds, "--every": everyMs, "--settle": settleMs });
      const upkeep = { tenantIds, everyMs, settleMs };
      process.exitCode = await withPlanner({ app, admin, port, upkeepFlags }, async (planner) =>
        applyPlan(planner, { isPruned: prune === true, isJson: isJson(options), upkeep }),
      );
    });

  serviceCommand(tidings, "subscriptions", "show the subscriptions a service keeps")
    .addOption(new Option("--state <state>", "those in this state").choices(STATES))
    .option("--tenant <id>", "those in this tenant")
    .option("--resource <path>", "those to this resource")
    .addOption(limitOption())
    .action(async (options: ListOptions) => {
      const { state, tenant, resource, limit } = options;
      const filter = { state, tenantId: tenant, resource };
      const now = systemClock.now();
      await listSubscriptions(await serviceOf(options), filter, { limit, isJson: isJson(options), now });
    });

  serviceCommand(tidings, "renew", "renew a subscription now, whatever failed before")
    .argument("<id>", "of the subscription, as `tidings subscriptions` shows it")
    .action(async (id: string, options: ServiceOptions) => {
      await renewSubscription(await serviceOf(options), id, {
        isJson: isJson(options),
        now: () => systemClock.now(),
      });
    });
}

function withApp(command: Command): Command {
  return command
    .argument("[app]", "module that exports a Tidings; a running service when left out")
    .option("--prune", "give up what the app does not declare any more")
    .option("--tenant <guid...>", "of an app with an inbox: the tenants it looks after (default: its own)");
}

/** The names of options that were given. */
function flagsOf(flags: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(flags).filter((name) => flags[name] !== undefined);
}
