import { createRequire } from "node:module";
import { Command, CommanderError, Option } from "commander";
import { TidingsError } from "../core/errors.ts";
import { dev } from "./dev.ts";
import { parseDuration } from "./duration.ts";
import { CliError, EXIT } from "./errors.ts";
import { addKeysCommands } from "./keys-commands.ts";
import { bearFailingOutput } from "./print.ts";
import { serveApp } from "./serve.ts";
import { addServiceCommands } from "./service-commands.ts";
import { addSubscriptionCommands } from "./subscription-commands.ts";

/** Runs the command line. Never rejects. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  bearFailingOutput();
  try {
    await program().parseAsync([...argv]);
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    return tell(error);
  }
}

function program(): Command {
  const tidings = new Command("tidings")
    .description("Receive Microsoft Graph change notifications without ever missing one.")
    .version(ownVersion(), "--version")
    .exitOverride()
    .addHelpText(
      "after",
      "\nAn app is a module that exports a `Tidings`. Exit codes: 0 done, 1 failed, 2 wrong usage, 74 the disk failed.",
    );

  tidings
    .command("dev")
    .summary("run an app against a simulated Microsoft Graph")
    .description(
      "Runs an app, or a demo, against a simulated Microsoft Graph on this machine, and checks that nothing is lost.",
    )
    .argument("[app]", "module that exports a Tidings; a demo app when left out")
    .addOption(
      new Option("--for <duration>", "end by itself after this time, such as 20s").argParser(parseDuration),
    )
    .option("--json", "print only the summary, as one JSON object on the last line")
    .action(async (app: string | undefined, options: { for?: number; json?: true }) => {
      process.exitCode = await dev({ app, durationMs: options.for, isJson: options.json === true });
    });

  tidings
    .command("serve")
    .summary("serve an app")
    .description(
      "Serves an app: receives notifications over HTTP, runs its handlers, keeps its subscriptions alive.",
    )
    .argument("<app>", "module that exports a Tidings")
    .option("--port <port>", "port to listen on (default: $PORT, else 3000)")
    .option(
      "--admin-port <port>",
      "port of the admin API, on this machine only (default: $TIDINGS_ADMIN_PORT, else any)",
    )
    .option("--no-admin", "serve no admin API")
    .option("--json", "print a JSON object on the last line when it ends")
    .action(
      async (app: string, options: { port?: string; adminPort?: string; admin: boolean; json?: true }) => {
        const { port, adminPort, admin } = options;
        process.exitCode = await serveApp({
          app,
          port,
          adminPort,
          hasAdmin: admin,
          isJson: options.json === true,
        });
      },
    );

  addSubscriptionCommands(tidings);
  addServiceCommands(tidings);
  addKeysCommands(tidings);
  return tidings;
}

function ownVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)("../../package.json");
  return version;
}

/** @returns the exit code */
function tell(error: unknown): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CliError) {
    process.stderr.write(`error: ${error.message}\n${error.hint}\n`);
    return error.exitCode;
  }
  if (error instanceof TidingsError || error instanceof TypeError) {
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT.failed;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}
