import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What wrk saw and did in one round. */
export interface LoadResult {
  /** Requests it wrote; those still under way when its time was over are among them. */
  readonly sent: number;
  /** Answers it read, of whatever status. */
  readonly answered: number;
  readonly durationMs: number;
  /** Answers with a status of 400 or more. */
  readonly refused: number;
  /** Connections that could not be made, broke, or took longer than 2 s. */
  readonly broken: number;
  /** What generating the load cost. */
  readonly cpuMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LoadOptions {
  readonly url: string;
  /** JSON of one notification, with holes. */
  readonly template: string;
  readonly itemsPerPost: number;
  /** Every notification gets a number above this. */
  readonly after: number;
  readonly seconds: number;
  readonly connections: number;
}

const SCRIPT = fileURLToPath(new URL("./load.lua", import.meta.url));
/** What wrk may take beyond its time. */
const GRACE_MS = 10_000;

/** wrk is not there, or not what we know. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}

/** Posts as fast as answers come back, over some connections and from one thread. @throws LoadError */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { url, template, itemsPerPost, after, seconds, connections } = options;
  const { pathname, host } = new URL(url);
  const script = [pathname, host, template, String(itemsPerPost), String(after)];
  const own = [
    "--threads",
    "1",
    "--connections",
    String(connections),
    "--duration",
    `${seconds}s`,
    "--script",
    SCRIPT,
  ];
  return parseLoad(await wrk([...own, url, "--", ...script], seconds * 1000 + GRACE_MS));
}

/** @throws LoadError when it is not */
export async function assertWrkIsThere(): Promise<void> {
  // It has no way to ask only for its version that ends well.
  await wrk(["--version"], GRACE_MS).catch((error: unknown) => {
    if (error instanceof LoadError && error.cause instanceof Error && "code" in error.cause) {
      if (error.cause.code === "ENOENT") throw error;
    }
  });
}

/** Reads the line that the script prints in the end. @throws LoadError when there is none, or half of one */
export function parseLoad(output: string): LoadResult {
  const line = output.split("\n").findLast((text) => text.startsWith("load "));
  if (line === undefined) throw new LoadError(`wrk did not say what it did:\n${output}`);
  const fields = parseFields(line.slice("load ".length));
  const field = (name: keyof LoadResult): number => {
    const value = fields[name];
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new LoadError(`wrk did not say ${name}: ${line}`);
    return value;
  };
  return {
    sent: field("sent"),
    answered: field("answered"),
    durationMs: field("durationMs"),
    refused: field("refused"),
    broken: field("broken"),
    cpuMs: field("cpuMs"),
    p50Ms: field("p50Ms"),
    p99Ms: field("p99Ms"),
    maxMs: field("maxMs"),
  };
}

function parseFields(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) };
  } catch (cause) {
    throw new LoadError(`wrk said what is not JSON: ${text}`, { cause });
  }
}

async function wrk(args: readonly string[], timeoutMs: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("wrk", args, { timeout: timeoutMs });
    return stdout;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
      const message =
        "wrk, which makes the load, is not installed. Install it, such as with `apt-get install wrk`.";
      throw new LoadError(message, { cause });
    }
    throw new LoadError("wrk failed", { cause });
  }
}
