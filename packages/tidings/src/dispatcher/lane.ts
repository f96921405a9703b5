import type { InboxRow } from "../core/inbox.ts";

/**
 * The rows of one lane that are in hand. States:
 *
 * - *ready*: waits for a slot, or for its rows.
 * - *running*: an attempt of its first rows is under way; rows may be added behind them.
 * - *parking*: its first rows failed and are being written as such. Its rows are dropped, and what scans find for it
 *   meanwhile is left in the store, where it is found through the parked lane. Then it is forgotten.
 * - *waking*: its time came before it was heard that they had been written, or that cannot be told: it takes rows
 *   again, and is ready when the writing has been heard of.
 *
 * A lane of which neither memory nor the store has rows is not kept.
 */
export interface Lane {
  readonly name: string;
  state: "ready" | "running" | "parking" | "waking";
  readonly rows: InboxRow[];
  /** The last row that was ever in hand. */
  lastSeq: number;
  /** The store has rows of it, looked at already, behind those in hand: new ones wait behind them. */
  hasMore: boolean;
}

/** Drops the rows of a lane whose first rows failed: until its time has come, what waits is in the store. */
export function parkLane(lane: Lane): void {
  lane.state = "parking";
  lane.rows.length = 0;
  lane.lastSeq = 0;
  lane.hasMore = false;
}

const MAX_LANE_ROWS = 256;

/**
 * How many rows of one lane may be in hand. What waits behind attempts that take long takes no more than half of what
 * the declaration may have in hand: there is room for lanes to run in the slots that are left.
 */
export function laneRowsOf({ share, concurrency }: { share: number; concurrency: number }): number {
  return Math.max(1, Math.min(MAX_LANE_ROWS, Math.floor(share / 2 / concurrency)));
}

/**
 * The first rows of a lane that one call of the handler stands for.
 *
 * In `each` mode that is one row, and those right behind it that nobody could tell from it: without an identity they
 * say the same, and whoever reads after the last of them has seen what all of them tell. In `latest` mode it is all.
 * What has to be proved first stands for itself, as each may be forged.
 */
export function firstGroup(rows: readonly InboxRow[], mode: "each" | "latest"): readonly InboxRow[] {
  const [first] = rows;
  if (first === undefined || mode === "latest") return rows;
  if (first.identity !== undefined || first.body.isRich) return [first];
  const text = JSON.stringify(first.body.raw);
  const end = rows.findIndex((row) => row.identity !== undefined || JSON.stringify(row.body.raw) !== text);
  return rows.slice(0, end === -1 ? rows.length : end);
}
