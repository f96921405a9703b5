import { InvalidArgumentError, Option, type Command } from "commander";
import type { AdminClient } from "./admin-client.ts";
import { findService } from "./find-service.ts";

/** Options of every verb on a running service. */
export interface ServiceOptions {
  readonly admin?: string;
  readonly json?: true;
}

const MAX_LISTED = 1_000;

export function serviceCommand(parent: Command, name: string, summary: string): Command {
  return parent
    .command(name)
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .option("--admin <url>", "admin API of the service (default: the one whose file lies beside the store)")
    .option("--json", "print a JSON object on the last line");
}

export function limitOption(): Option {
  return new Option("--limit <count>", `how many at most, up to ${MAX_LISTED}`)
    .default(100)
    .argParser(parseLimit);
}

export async function serviceOf({ admin }: ServiceOptions): Promise<AdminClient> {
  return findService(admin, process.env);
}

export function isJson({ json }: ServiceOptions): boolean {
  return json === true;
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LISTED) return limit;
  throw new InvalidArgumentError(`Expected a number from 1 to ${MAX_LISTED}.`);
}
