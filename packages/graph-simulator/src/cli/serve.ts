import { readFileSync } from "node:fs";

import { CLOUDS, type CloudName } from "../cloud.ts";
import type { ServerTls } from "../http/server.ts";
import { startSimulator, type Simulator } from "../simulator.ts";
import { Arguments } from "./arguments.ts";
import { CommandError, messageOf } from "./command-error.ts";
import { interrupted, writeLine } from "./lines.ts";
import { readScenario } from "./read-scenario.ts";
import { tellEvents } from "./tell-events.ts";

export const SERVE_USAGE = `Usage: graph-simulator [serve] [options]
       graph-simulator traffic [options]

Runs a model of Microsoft Graph change notifications on this machine, until Ctrl-C.

Options:
  --port <n>        port to listen on; 0 for any free one (default 4010)
  --host <name>     address to listen on (default 127.0.0.1)
  --tls-key <file>  key and
  --tls-cert <file> certificate (both PEM) to speak HTTPS with (default plain HTTP)
  --seed <n>        number that makes ids and chances repeatable (default random)
  --cloud <name>    global, usGovL4, usGovL5 or china (default global)
  --throttle <how>  documented or off (default documented)
  --latency <how>   documented or none (default none)
  --ledger-limit <n> entries of each kind to keep (default all)
  --scenario <file> what happens, and when: JSON, or a module that exports \`scenario\`
  --json            one JSON object per line in place of sentences
  --help            this text

Exit codes: 0 ended by Ctrl-C, 1 could not start, 2 wrong usage.
`;

const CLOUD_NAMES: readonly CloudName[] = ["global", "usGovL4", "usGovL5", "china"];

/** Runs a simulator until SIGINT, SIGTERM or the end of whoever reads its output. */
export async function serve(argv: readonly string[]): Promise<number> {
  const args = new Arguments(argv, {
    port: { type: "string", default: "4010" },
    host: { type: "string", default: "127.0.0.1" },
    "tls-key": { type: "string" },
    "tls-cert": { type: "string" },
    seed: { type: "string" },
    cloud: { type: "string" },
    throttle: { type: "string" },
    latency: { type: "string" },
    "ledger-limit": { type: "string" },
    scenario: { type: "string" },
    json: { type: "boolean", default: false },
  });
  const scenarioFile = args.text("scenario");
  const seed = args.count("seed", Number.MAX_SAFE_INTEGER);
  const options = {
    port: args.count("port", 65_535),
    host: args.text("host"),
    tls: readTls(args.text("tls-key"), args.text("tls-cert")),
    cloud: CLOUDS[args.choice("cloud", CLOUD_NAMES) ?? "global"],
    throttle: args.choice("throttle", ["documented", "off"]),
    ledgerLimit: args.count("ledger-limit", Number.MAX_SAFE_INTEGER),
    deliver: { latency: args.choice("latency", ["documented", "none"]) },
  };
  const scenario = scenarioFile === undefined ? undefined : await readScenario(scenarioFile);
  const simulator = await start({ ...options, seed: seed ?? scenario?.seed });
  // Listened for before anything is printed: who reads the last line may interrupt at once.
  const interruption = interrupted();
  tell(simulator, args.flag("json"));
  if (scenario) void simulator.runScenario(scenario);
  await interruption;
  await simulator.close();
  return 0;
}

function readTls(keyFile: string | undefined, certFile: string | undefined): ServerTls | undefined {
  if (keyFile === undefined && certFile === undefined) return undefined;
  if (keyFile === undefined || certFile === undefined) {
    throw new CommandError("Expected both --tls-key and --tls-cert, or neither", { isUsage: true });
  }
  try {
    return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8") };
  } catch (error) {
    throw new CommandError(messageOf(error), { cause: error });
  }
}

async function start(options: Parameters<typeof startSimulator>[0]): Promise<Simulator> {
  try {
    return await startSimulator(options);
  } catch (error) {
    throw new CommandError(`graph-simulator could not start: ${messageOf(error)}`, { cause: error });
  }
}

function tell(simulator: Simulator, asJson: boolean): void {
  const { url, tenantId, clientId, clientSecret, seed } = simulator;
  if (asJson) {
    writeLine(JSON.stringify({ event: "simulator:started", url, tenantId, clientId, clientSecret, seed }));
  } else {
    writeLine(`Graph simulator at ${url} (seed ${seed})`);
    writeLine(`  tenant        ${tenantId}`);
    writeLine(`  client id     ${clientId}`);
    writeLine(`  client secret ${clientSecret}`);
    writeLine(`  token         ${url}/${tenantId}/oauth2/v2.0/token`);
    writeLine(`  Graph         ${url}/v1.0`);
    writeLine(`  ledger        ${url}/_simulator/ledger`);
  }
  tellEvents(simulator, { asJson, writeLine });
}
