import { execFile, spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { askUntilAnswered, freePort } from "./first-answer.ts";

export interface PythonAppOptions {
  readonly brokers: string;
  readonly topic: string;
  readonly clientState: string;
}

/** An app as one finds them, which is FastAPI and confluent-kafka, in a process of its own. */
export interface PythonApp extends AsyncDisposable {
  readonly url: string;
}

const FOLDER = fileURLToPath(new URL("../python/", import.meta.url));
const REQUIREMENTS = join(FOLDER, "requirements.txt");
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/tidings-python/", import.meta.url));
const FETCH_MS = 300_000;
const PATH = "/notifications";

/** Python, or a package of the app, cannot be had here. */
export class PythonError extends Error {
  override readonly name = "PythonError";
}

/**
 * Fetches the app's packages, the first time.
 *
 * @returns the Python that has them
 * @throws PythonError
 */
export async function preparePython(): Promise<string> {
  const version = await run("python3", ["--version"]);
  const content = createHash("sha256").update(version).update(readFileSync(REQUIREMENTS));
  const folder = join(CACHE, content.digest("hex").slice(0, 16));
  if (!existsSync(folder)) await fetchInto(folder);
  return join(folder, "bin", "python");
}

/** @param python of {@link preparePython} @throws PythonError */
export async function startPythonApp(
  python: string,
  { brokers, topic, clientState }: PythonAppOptions,
): Promise<PythonApp> {
  const port = await freePort();
  const uvicorn = ["-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", String(port)];
  const child = spawn(python, [...uvicorn, "--no-access-log", "--log-level", "warning"], {
    cwd: FOLDER,
    env: {
      PATH: process.env["PATH"],
      // Nothing is left beside the source.
      PYTHONDONTWRITEBYTECODE: "1",
      BROKERS: brokers,
      TOPIC: topic,
      CLIENT_STATE: clientState,
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  const answer = await askUntilAnswered(port, `${PATH}?validationToken=token`);
  if (answer?.status !== 200 || answer.body !== "token") {
    await end(child);
    throw new PythonError(`the app answered ${answer?.status ?? "nothing"} to a handshake`);
  }
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    [Symbol.asyncDispose]: async () => end(child),
  };
}

/** Another process may do the same now: the folder appears whole, or not. */
async function fetchInto(folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  try {
    await run("python3", ["-m", "venv", draft]);
    const pip = ["-m", "pip", "install", "--quiet", "--retries", "1", "--disable-pip-version-check"];
    await run(join(draft, "bin", "python"), [...pip, "--require-hashes", "--requirement", REQUIREMENTS]);
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** @throws PythonError with the last that it said */
async function run(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { timeout: FETCH_MS });
    return stdout;
  } catch (cause) {
    const { stderr }: { stderr?: unknown } = Object(cause);
    const said = typeof stderr === "string" && stderr.trim() !== "" ? stderr : String(cause);
    throw new PythonError(said.trim().split("\n").at(-1), { cause });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
