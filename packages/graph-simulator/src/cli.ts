import { CommandError } from "./cli/command-error.ts";
import { serve, SERVE_USAGE } from "./cli/serve.ts";
import { traffic, TRAFFIC_USAGE } from "./cli/traffic.ts";

/** A verb of the command; answers the exit code. */
type Verb = (argv: readonly string[]) => Promise<number>;

const VERBS: ReadonlyMap<string, { readonly run: Verb; readonly usage: string }> = new Map([
  ["serve", { run: serve, usage: SERVE_USAGE }],
  ["traffic", { run: traffic, usage: TRAFFIC_USAGE }],
]);

/** Runs the command: the verb that is named first, `serve` without one. Answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const named = VERBS.get(argv[0] ?? "");
  const { run, usage } = named ?? { run: serve, usage: SERVE_USAGE };
  const rest = named ? argv.slice(1) : argv;
  if (rest.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    return await run(rest);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(error.isUsage ? `${error.message}\n\n${usage}` : `${error.message}\n`);
    return error.isUsage ? 2 : 1;
  }
}
