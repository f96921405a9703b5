import type { Failure } from "./protocol.ts";

/** @see https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;
const SQLITE_IOERR_WRITE = 778;
const SQLITE_IOERR_FSYNC = 1034;
const SQLITE_IOERR_DIR_FSYNC = 1290;

/**
 * After these nothing that the system says about the file can be believed: a page whose sync failed may be gone from
 * its cache, so that a second sync succeeds and has written nothing.
 *
 * @see https://www.usenix.org/conference/atc20/presentation/rebello
 */
const BREAKING: ReadonlySet<number> = new Set([
  SQLITE_IOERR_FSYNC,
  SQLITE_IOERR_DIR_FSYNC,
  SQLITE_CORRUPT,
  SQLITE_NOTADB,
]);

export function isBusy(error: unknown): boolean {
  return primaryOf(codeOf(error)) === SQLITE_BUSY;
}

/** True when there is no room for what was to be written; a quota ends in the second. */
export function isFull(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE_FULL || code === SQLITE_IOERR_WRITE;
}

/** Describes what went wrong as plain data. */
export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  const isBroken = BREAKING.has(code) || BREAKING.has(primaryOf(code));
  return { isBroken, message: isBroken ? "The disk failed under the SQLite store" : messageOf(code), reason };
}

function messageOf(code: number): string {
  switch (code) {
    case SQLITE_FULL:
      return "The disk of the SQLite store is full";
    // A limit of the system on the size of files ends here too.
    case SQLITE_IOERR_WRITE:
      return "The disk of the SQLite store takes no more";
    default:
      return "The SQLite store failed";
  }
}

function codeOf(error: unknown): number {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code : 0;
}

/** SQLite keeps the kind in the lowest byte, and what is special about it above. */
function primaryOf(code: number): number {
  return code & 0xff;
}
