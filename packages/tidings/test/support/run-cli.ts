import { spawn } from "node:child_process";
import { once } from "node:events";

export const BIN: string = new URL("../../bin/tidings.js", import.meta.url).pathname;
const SOURCE = ["--conditions=@tidings/source"];

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Working folder. */
  readonly cwd: string;
  /** Options of Node. @default those that run the sources */
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A command line that runs. */
export interface RunningCli {
  readonly ended: Promise<Run>;
  /** Resolves with what stdout says once that matches; rejects when it ends before. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

export function startCli(args: readonly string[], { node = SOURCE, ...options }: RunOptions): RunningCli {
  return start(process.execPath, [...node, BIN, ...args], options);
}

type Surroundings = Pick<RunOptions, "cwd" | "env">;

function start(file: string, args: readonly string[], { cwd, env = {} }: Surroundings): RunningCli {
  const child = spawn(file, args, {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const closed = once(child, "close").then(([code]) => ({
    code: typeof code === "number" ? code : null,
    stdout,
    stderr,
  }));
  return {
    ended: closed,
    async seen(pattern) {
      for (;;) {
        const match = pattern.exec(stdout);
        if (match !== null) return match;
        if (child.exitCode !== null) throw new Error(`ended without ${String(pattern)}: ${stdout}${stderr}`);
        await Promise.race([once(child.stdout, "data"), closed]);
      }
    },
    kill: (signal) => void child.kill(signal),
  };
}

export interface RunCliOptions extends RunOptions {
  /** Sends SIGINT once stdout matches. */
  readonly interruptWhen?: RegExp;
}

/** Runs to the end. */
export async function runCli(
  args: readonly string[],
  { interruptWhen, ...options }: RunCliOptions,
): Promise<Run> {
  const running = startCli(args, options);
  if (interruptWhen !== undefined) {
    await running.seen(interruptWhen).then(
      () => running.kill("SIGINT"),
      // Ended already: what it said is for the test to judge.
      () => {},
    );
  }
  return running.ended;
}

/** Runs a line of bash, in which `tidings` is the command line; the code is that of the first failure in a pipe. */
export async function runShell(line: string, surroundings: Surroundings): Promise<Run> {
  const tidings = [process.execPath, ...SOURCE, BIN].map((part) => `'${part}'`).join(" ");
  const script = `tidings() { ${tidings} "$@"; }; ${line}`;
  return start("bash", ["-o", "pipefail", "-c", script], surroundings).ended;
}
