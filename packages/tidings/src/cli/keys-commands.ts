import { InvalidArgumentError, Option, type Command } from "commander";
import { systemClock } from "../app/clock.ts";
import type { AdminClient } from "./admin-client.ts";
import { locateCertificates } from "./certificate-folder.ts";
import { parseDuration } from "./duration.ts";
import { certificatesValueFrom } from "./environment.ts";
import { CliError, ServiceError } from "./errors.ts";
import { findService } from "./find-service.ts";
import { runCreateKeys, type CreateKeysOptions } from "./keys-create.ts";
import { listKeys } from "./keys-list.ts";
import { rotateCertificate, rotateSecret } from "./keys-rotate.ts";
import { isJson, serviceCommand, serviceOf, type ServiceOptions } from "./service-command.ts";

interface CreateOptions {
  readonly out?: string;
  readonly bits: "2048" | "3072" | "4096";
  readonly days: number;
  readonly name: string;
}

interface RotateCommandOptions extends ServiceOptions, CreateOptions {
  readonly secret?: true;
  readonly force?: true;
  readonly timeout: number;
}

const DEFAULT_FOLDER = "keys";
const BITS = { "2048": 2048, "3072": 3072, "4096": 4096 } as const;
const TIMEOUT_MS = 600_000;

/** Adds the verbs about certificates and secrets. */
export function addKeysCommands(tidings: Command): void {
  const keys = tidings
    .command("keys")
    .summary("make certificates for resource data, look at keys, replace them");

  withCreation(
    keys
      .command("create")
      .summary("make a certificate that Graph encrypts resource data for")
      .description(
        "Makes a certificate that Graph encrypts resource data for, and its private key, in one PEM file that only you can read.",
      )
      .option("--json", "print a JSON object on the last line"),
  ).action(async (options: CreateOptions & { readonly json?: true }) => {
    await runCreateKeys(creation(options, options.out ?? DEFAULT_FOLDER), options.json === true);
  });

  serviceCommand(keys, "list", "show the keys of a service, and how many subscriptions refer to each").action(
    async (options: ServiceOptions) => {
      await listKeys(await serviceOf(options), { isJson: isJson(options), now: systemClock.now() });
    },
  );

  withCreation(serviceCommand(keys, "rotate", "make another certificate or secret, and move a service to it"))
    .option("--secret", "the secret that signs client states, in place of the certificate")
    .option("--force", "with --secret: replace every subscription that another secret signed")
    .addOption(
      new Option("--timeout <duration>", "how long to wait for the subscriptions")
        .default(TIMEOUT_MS, "10m")
        .argParser(parseDuration),
    )
    .action(async (options: RotateCommandOptions) => {
      const how = { isJson: isJson(options), timeoutMs: options.timeout };
      if (options.secret === true) {
        process.exitCode = await rotateSecret(await serviceOf(options), options.force === true, how);
        return;
      }
      if (options.force === true) {
        throw new CliError(
          "--force is for --secret",
          "A certificate moves without replacing a subscription.",
        );
      }
      const service = await serviceIfAny(options);
      process.exitCode = await rotateCertificate(service, creation(options, folderOf(options)), how);
    });
}

function withCreation(command: Command): Command {
  return command
    .option(
      "--out <folder>",
      "where to put it (default: TIDINGS_CERTIFICATES if that is a folder, else keys)",
    )
    .addOption(
      new Option("--bits <bits>", "length of the RSA key").choices(Object.keys(BITS)).default("2048"),
    )
    .addOption(
      new Option("--days <days>", "how long it is valid").default(365).argParser((text) => {
        if (/^\d{1,4}$/.test(text)) return Number(text);
        throw new InvalidArgumentError("Expected a number of days.");
      }),
    )
    .option("--name <name>", "whom it names as its owner, and what its file is called", "tidings");
}

function creation({ bits, days, name }: CreateOptions, out: string): CreateKeysOptions {
  return { out, bits: BITS[bits], days, name, now: systemClock.now() };
}

/** @throws CliError when the certificates are in no folder that another could be put into */
function folderOf({ out }: CreateOptions): string {
  const value = certificatesValueFrom(process.env);
  if (out !== undefined) return out;
  if (value === undefined) return DEFAULT_FOLDER;
  const location = locateCertificates(value);
  if (location.kind === "folder") return location.path;
  throw new CliError(
    "TIDINGS_CERTIFICATES is no folder that another certificate could be put into",
    "Put its file into a folder and name that, or make another with --out and add its text to what the app is given.",
  );
}

/** The service that runs here; undefined when none does. @throws CliError when it cannot be told which */
async function serviceIfAny(options: ServiceOptions): Promise<AdminClient | undefined> {
  if (options.admin !== undefined) return serviceOf(options);
  return findService(undefined, process.env).catch((error: unknown) => {
    if (error instanceof ServiceError) return undefined;
    throw error;
  });
}
