import { DatabaseSync } from "node:sqlite";
import { migrate, SEEN_IN_MEMORY } from "./schema.ts";

/** How long to wait for a process that is about to let go of the file. */
const LOCK_TIMEOUT_MS = 2_000;

/** Memory for pages of the file: the index of what was seen is written at random places. */
const CACHE_KIB = 65_536;
/** How long the log grows before it is copied into the file. Rarer copies write a page once that changed often. */
export const CHECKPOINT_BYTES: number = 16 * 1024 * 1024;
const PAGE_BYTES = 4_096;

/** How a commit reaches the disk; anything but `full` can lose what was answered 202, and is for tests that show it. */
export type Synchronous = "full" | "normal";

/**
 * Opens the file and locks it for as long as the process lives.
 *
 * WAL with FULL: a commit returns after the log is on disk; on macOS, where fsync stops at the disk's cache, only with
 * `fullfsync`. EXCLUSIVE: a second process finds out at once, and the
 * system gives the lock back however this one ends.
 *
 * @throws SQLite's errors; StoreTooNewError
 */
export function openDatabase(path: string, synchronous: Synchronous): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
  try {
    database.exec("pragma locking_mode = exclusive; pragma journal_mode = wal");
    database.exec(`pragma synchronous = ${synchronous}; pragma fullfsync = on`);
    database.exec(
      `pragma cache_size = -${CACHE_KIB}; pragma wal_autocheckpoint = ${CHECKPOINT_BYTES / PAGE_BYTES}`,
    );
    database.exec("begin exclusive; commit");
    migrate(database, path);
    database.exec(SEEN_IN_MEMORY);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
