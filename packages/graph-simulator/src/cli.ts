import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { tellEvents } from "./cli/tell-events.ts";
import type { ServerTls } from "./http/server.ts";
import { startSimulator, type Simulator } from "./simulator.ts";

const USAGE = `Usage: graph-simulator [options]

Runs a model of Microsoft Graph change notifications on this machine, until Ctrl-C.

Options:
  --port <n>         port to listen on; 0 for any free one (default 4010)
  --host <name>      address to listen on (default 127.0.0.1)
  --tls-key <file>   key and
  --tls-cert <file>  certificate (both PEM) to speak HTTPS with (default plain HTTP)
  --seed <n>         number that makes ids repeatable (default random)
  --json             one JSON object per line in place of sentences
  --help             this text

Exit codes: 0 ended by Ctrl-C, 1 could not listen, 2 wrong usage.
`;

interface Arguments {
  readonly port: number;
  readonly host: string;
  readonly seed: number | undefined;
  readonly tls: ServerTls | undefined;
  readonly asJson: boolean;
  readonly wantsHelp: boolean;
}

/** Runs the command until SIGINT, SIGTERM or the end of whoever reads its output. Answers the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let args: Arguments;
  try {
    args = readArguments(argv);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (args.wantsHelp) {
    process.stdout.write(USAGE);
    return 0;
  }
  let simulator: Simulator;
  try {
    simulator = await startSimulator({ port: args.port, host: args.host, seed: args.seed, tls: args.tls });
  } catch (error) {
    process.stderr.write(`graph-simulator could not start: ${messageOf(error)}\n`);
    return 1;
  }
  // Listened for before anything is printed: who reads the last line may interrupt at once.
  const interruption = interrupted();
  tell(simulator, args.asJson);
  await interruption;
  await simulator.close();
  return 0;
}

function readArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      port: { type: "string", default: "4010" },
      host: { type: "string", default: "127.0.0.1" },
      seed: { type: "string" },
      "tls-key": { type: "string" },
      "tls-cert": { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    port: readNumber("port", values.port, 65_535),
    host: values.host,
    seed: values.seed === undefined ? undefined : readNumber("seed", values.seed, Number.MAX_SAFE_INTEGER),
    tls: readTls(values["tls-key"], values["tls-cert"]),
    asJson: values.json,
    wantsHelp: values.help,
  };
}

function readTls(keyFile: string | undefined, certFile: string | undefined): ServerTls | undefined {
  if (keyFile === undefined && certFile === undefined) return undefined;
  if (keyFile === undefined || certFile === undefined) {
    throw new TypeError("Expected both --tls-key and --tls-cert, or neither");
  }
  return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8") };
}

function readNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new RangeError(`Expected --${name} to be a whole number from 0 to ${max}, got '${text}'`);
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

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
    // Who read our lines has gone, for example `head`.
    process.stdout.on("error", () => resolve());
  });
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
