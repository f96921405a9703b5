import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import ms, { type StringValue } from "ms";
import { TidingsError } from "../core/errors.ts";
import { dev } from "./dev.ts";
import { CliError, EXIT } from "./errors.ts";
import { serveApp } from "./serve.ts";

/** Runs the command line. Sets the process's exit code; never rejects. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = tell(error);
  }
}

function program(): Command {
  const tidings = new Command("tidings")
    .description("Receive Microsoft Graph change notifications without ever missing one.")
    .exitOverride()
    .addHelpText(
      "after",
      "\nAn app is a module that exports a `Tidings`. Exit codes: 0 done, 1 failed, 2 wrong usage.",
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
    .option("--json", "print a JSON object on the last line when it ends")
    .action(async (app: string, options: { port?: string; json?: true }) => {
      process.exitCode = await serveApp({ app, port: options.port, isJson: options.json === true });
    });

  return tidings;
}

function parseDuration(text: string): number {
  const durationMs = isDuration(text) ? ms(text) : 0;
  if (durationMs > 0) return durationMs;
  throw new InvalidArgumentError("Expected a time such as 20s or 5m.");
}

/** `ms` throws for the empty text and answers NaN for what it cannot read, whatever its types say. */
function isDuration(text: string): text is StringValue {
  return /^[\d.]+ ?[a-z]+$/i.test(text);
}

/** @returns the exit code */
function tell(error: unknown): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CliError) {
    process.stderr.write(`error: ${error.message}\n${error.hint}\n`);
    return EXIT.usage;
  }
  if (error instanceof TidingsError || error instanceof TypeError) {
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT.failed;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}
