import { randomFillSync } from "node:crypto";
import { closeSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { CHECKPOINT_BYTES } from "./open-database.ts";
import { failureOf } from "./failures.ts";
import type { Failure } from "./protocol.ts";

/**
 * What the file may have to grow by when the log is copied into it, and half as much for what is written to the log
 * before that.
 */
const BALLAST_BYTES: number = 1.5 * CHECKPOINT_BYTES;
const CHUNK_BYTES: number = 1024 * 1024;
const RETRY_MS = 1_000;

/**
 * A file that takes up room beside the database, and gives it back when the disk is full: what was accepted can be
 * finished in its place. While it is gone nothing new may be accepted, or that would take up the room instead.
 */
export class Ballast {
  readonly #path: string;
  /** Why it is not there. */
  #failure: Failure | undefined;
  #triedAt = 0;

  constructor(databasePath: string) {
    this.#path = `${databasePath}-ballast`;
    if (statSync(this.#path, { throwIfNoEntry: false })?.size !== BALLAST_BYTES) this.#fill();
  }

  /** Why nothing new may be accepted; undefined when there is room, which is looked for once a second. */
  refusal(): Failure | undefined {
    if (this.#failure !== undefined && performance.now() - this.#triedAt >= RETRY_MS) this.#fill();
    return this.#failure;
  }

  /** Gives the room back. @returns false when there is none to give */
  release(failure: Failure): boolean {
    if (this.#failure !== undefined) return false;
    this.#remove(failure);
    return true;
  }

  /** Writes it out: a file with holes takes up no room, nor do zeros where they are compressed. */
  #fill(): void {
    const chunk = randomFillSync(new Uint8Array(CHUNK_BYTES));
    try {
      const file = openSync(this.#path, "w");
      try {
        for (let size = 0; size < BALLAST_BYTES;)
          size += writeSync(file, chunk, 0, Math.min(CHUNK_BYTES, BALLAST_BYTES - size));
      } finally {
        closeSync(file);
      }
      this.#failure = undefined;
    } catch (error) {
      this.#remove({ ...failureOf(error), message: "The disk of the SQLite store is full" });
    }
  }

  #remove(failure: Failure): void {
    rmSync(this.#path, { force: true });
    this.#failure = failure;
    this.#triedAt = performance.now();
  }
}
