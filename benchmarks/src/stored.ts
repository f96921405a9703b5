import { DatabaseSync } from "node:sqlite";

/** What is in a store's file. */
export interface Stored {
  /** Accepted and not handled. */
  readonly waiting: number;
  /** Accepted at any time: no two of them are copies of each other. */
  readonly accepted: number;
  readonly dead: number;
}

/** Counts in the file itself; whoever had it open must have ended. */
export function readStored(path: string): Stored {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const count = (table: string): number =>
      Number(database.prepare(`select count(*) as count from ${table}`).get()?.["count"]);
    return { waiting: count("inbox"), accepted: count("seen") + count("seen_lately"), dead: count("dead") };
  } finally {
    database.close();
  }
}
