import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreError, StoreInUseError, TidingsError } from "../../core/errors.ts";
import type { Store, StoreProvider } from "../../core/ports/store.ts";
import { migrate } from "./schema.ts";
import { SqliteStore } from "./sqlite-store.ts";

/** How long to wait for a process that is about to let go of the file. */
const LOCK_TIMEOUT_MS = 2_000;

/**
 * A store in one SQLite file: for one process, on a disk of its own. What it has accepted survives the loss of power.
 *
 * @param path of the file; it and its folder are made when absent. `./data/tidings.db` by default
 */
export function sqlite(path = "./data/tidings.db"): StoreProvider {
  return { description: path, open: async () => openStore(path) };
}

function openStore(path: string): Store {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
    try {
      prepareDatabase(database, path);
      return new SqliteStore(database);
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw error instanceof TidingsError ? error : openError(path, error);
  }
}

/**
 * WAL with FULL: a commit returns after the log is on disk. EXCLUSIVE: the lock is held until the process ends, so a
 * second one finds out at once.
 */
function prepareDatabase(database: DatabaseSync, path: string): void {
  database.exec("pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full");
  database.exec("begin exclusive; commit");
  migrate(database, path);
}

const SQLITE_BUSY = 5;

function openError(path: string, cause: unknown): TidingsError {
  const isBusy = cause instanceof Error && "errcode" in cause && cause.errcode === SQLITE_BUSY;
  return isBusy
    ? new StoreInUseError(path, { cause })
    : new StoreError(`${path} cannot be opened`, { cause });
}
