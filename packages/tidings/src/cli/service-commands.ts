import { Option, type Command } from "commander";
import { systemClock } from "../app/clock.ts";
import type { Filter } from "./admin-client.ts";
import { listDead } from "./dead-list.ts";
import { assertPurgeIsMeant, purgeDead } from "./dead-purge.ts";
import { redriveDead } from "./dead-redrive.ts";
import { parseDuration, parseSince } from "./duration.ts";
import { assertTenantPurgeIsMeant, purgeTenant } from "./purge.ts";
import { replayChanges } from "./replay.ts";
import { isJson, limitOption, serviceCommand, serviceOf, type ServiceOptions } from "./service-command.ts";
import { tail } from "./tail.ts";

interface FilterOptions {
  readonly declaration?: string;
  readonly resource?: string;
  readonly since?: number;
  readonly id?: string[];
}

/** Adds the verbs about changes that ask a running service, over its admin API. */
export function addServiceCommands(tidings: Command): void {
  const dead = tidings
    .command("dead")
    .summary("look at changes that were given up, try them again, purge them");

  filtered(serviceCommand(dead, "list", "show dead letters, the oldest first"), "dead letters")
    .addOption(limitOption())
    .action(async (options: ServiceOptions & FilterOptions & { readonly limit: number }) => {
      await listDead(await serviceOf(options), filterOf(options), {
        limit: options.limit,
        isJson: isJson(options),
      });
    });

  filtered(serviceCommand(dead, "redrive", "put dead letters into the inbox again"), "dead letters").action(
    async (options: ServiceOptions & FilterOptions) => {
      await redriveDead(await serviceOf(options), filterOf(options), isJson(options));
    },
  );

  filtered(serviceCommand(dead, "purge", "throw dead letters away"), "dead letters")
    .option("--all", "every one: asked for when there is no filter")
    .action(async (options: ServiceOptions & FilterOptions & { readonly all?: true }) => {
      const filter = filterOf(options);
      const isAll = options.all === true;
      assertPurgeIsMeant(filter, isAll);
      await purgeDead(await serviceOf(options), filter, { isAll, isJson: isJson(options) });
    });

  withHistoryFilter(
    serviceCommand(tidings, "replay", "call handlers again for changes they finished"),
    "changes",
  ).action(async (options: ServiceOptions & FilterOptions) => {
    await replayChanges(await serviceOf(options), filterOf(options), isJson(options));
  });

  serviceCommand(tidings, "purge", "end a tenant's subscriptions and throw away what is held of it")
    .requiredOption("--tenant <guid>", "the tenant")
    .option("--yes", "it is meant: nothing brings it back")
    .action(async (options: ServiceOptions & { readonly tenant: string; readonly yes?: true }) => {
      const { tenant, yes } = options;
      assertTenantPurgeIsMeant(tenant, yes === true);
      await purgeTenant(await serviceOf(options), tenant, isJson(options));
    });

  serviceCommand(tidings, "tail", "show what a service tells of itself, as it happens")
    .addOption(
      new Option("--for <duration>", "end by itself after this time, such as 20s").argParser(parseDuration),
    )
    .action(async (options: ServiceOptions & { readonly for?: number }) => {
      await tail(await serviceOf(options), { durationMs: options.for, isJson: isJson(options) });
    });
}

function filtered(command: Command, what: string): Command {
  return withHistoryFilter(command, what).option("--id <id...>", "with these ids");
}

function withHistoryFilter(command: Command, what: string): Command {
  return command
    .option("--declaration <name>", `${what} of this declaration`)
    .option("--resource <path>", `${what} of this thing, such as users/{id}`)
    .addOption(
      new Option("--since <time>", "received since: a time ago such as 2h, or an ISO date").argParser(
        (text) => parseSince(text, systemClock.now()),
      ),
    );
}

function filterOf({ declaration, resource, since, id }: FilterOptions): Filter {
  return { declaration, resource, since, ids: id };
}
