import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname, extname } from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import {
  StoreError,
  StoreInUseError,
  StoreTooNewError,
  TidingsError,
  UnsuitableFileSystemError,
} from "../../core/errors.ts";
import type { StoreProvider } from "../../core/ports/store.ts";
import { unsuitableFileSystem } from "./file-system.ts";
import type { Synchronous } from "./open-database.ts";
import type { Opened } from "./protocol.ts";
import { SqliteClient } from "./sqlite-client.ts";
import type { SqliteThreadData } from "./sqlite-thread.ts";

export interface SqliteOptions {
  /**
   * Take a file system that forgets (memory, a container's own layer) or that SQLite must not be on (network shares).
   * What was answered 202 may then be lost with the machine.
   * @default false
   */
  readonly allowEphemeral?: boolean | undefined;
  /**
   * How a commit reaches the disk. `normal` loses what was answered 202 when the power goes, and is there for the
   * test that shows it.
   * @default "full"
   */
  readonly synchronous?: Synchronous | undefined;
}

/**
 * A store in one SQLite file: for one process, on a disk of its own. What it has accepted survives the loss of power.
 * The file is worked on by a thread of its own, many commits to one flush of the disk.
 *
 * @param path of the file; it and its folder are made when absent. `./data/tidings.db` by default
 */
export function sqlite(path = "./data/tidings.db", options: SqliteOptions = {}): StoreProvider {
  return { description: path, allowsThreads: true, open: async () => openStore(path, options) };
}

async function openStore(
  path: string,
  { allowEphemeral = false, synchronous = "full" }: SqliteOptions,
): Promise<SqliteClient> {
  makeFolder(path, allowEphemeral);
  const workerData: SqliteThreadData = { path, synchronous };
  const worker = new Worker(new URL(`./sqlite-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData,
    // Not those of the process: some, like `--input-type`, keep a thread from starting.
    execArgv: [],
  });
  const answer = await firstMessage(worker);
  if (answer.kind === "refused") throw errorOf(path, answer);
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ kind: "connect", port: port1 }, [port1]);
  worker.unref();
  return new SqliteClient(port2);
}

/** The thread's word on the file; its first message. Rejects when the thread dies before. */
async function firstMessage(worker: Worker): Promise<Opened> {
  const [message]: Opened[] = await once(worker, "message");
  if (message === undefined) throw new StoreError("The thread of the SQLite store said nothing");
  return message;
}

function makeFolder(path: string, allowEphemeral: boolean): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true });
    const reason = allowEphemeral ? undefined : unsuitableFileSystem(folder);
    if (reason !== undefined) throw new UnsuitableFileSystemError(path, reason);
  } catch (error) {
    throw error instanceof TidingsError
      ? error
      : new StoreError(`${path} cannot be opened`, { cause: error });
  }
}

function errorOf(path: string, refusal: Extract<Opened, { kind: "refused" }>): TidingsError {
  switch (refusal.code) {
    case "busy":
      return new StoreInUseError(path, { cause: new Error(refusal.reason) });
    case "too-new":
      return new StoreTooNewError(path, refusal.found, refusal.known);
    case "unopenable":
      return new StoreError(`${path} cannot be opened`, { cause: new Error(refusal.reason) });
  }
}
