import { isJsonObject } from "./json.ts";

/** How often a process says what it declares. */
export const DECLARE_EVERY_MS: number = 10 * 60_000;
/** Not heard of for so long, a definition is missing: no process that lives declares it. */
const MISSING_AFTER_MS = 2 * DECLARE_EVERY_MS;
/** Missing for so long, what it wanted is wanted no more: a rolling deploy, or a step back, is done by then. */
const FORGET_AFTER_MS = 60 * 60_000;

const AWAY_MS = 60 * 60_000;

/** What is known of a definition of a declaration: kept as a note, for all processes of the app. */
export interface Declared {
  readonly declaration: string;
  /** When a process last said that it has it, epoch milliseconds. */
  readonly at: number;
  /** When a process first found that no other has it, epoch milliseconds; null while one has. */
  readonly missingSince: number | null;
}

/**
 * What a process writes of a definition that is not its own. Counted from when a process first missed it, not from
 * when it was last declared: while no process lives at all, nothing is missed.
 */
export function afterMissing(declared: Declared, now: number): Declared {
  if (declared.missingSince !== null || now - declared.at < MISSING_AFTER_MS) return declared;
  return { ...declared, missingSince: now };
}

/** Whether what it wanted is to be given up. */
export function isForgotten({ missingSince }: Declared, now: number): boolean {
  return missingSince !== null && now - missingSince >= FORGET_AFTER_MS;
}

/**
 * Whether no process has declared any of these for so long that Graph may have given up telling of what became of
 * their subscriptions: it tries for 4 hours, at ever longer intervals.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#handle-the-change-notification
 */
export function wasAway(known: readonly Declared[], now: number): boolean {
  return known.length > 0 && known.every(({ at }) => now - at > AWAY_MS);
}

/** @returns undefined for what is no such note */
export function parseDeclared(text: string): Declared | undefined {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value)) return undefined;
  const { declaration, at, missingSince } = value;
  if (typeof declaration !== "string" || typeof at !== "number") return undefined;
  return { declaration, at, missingSince: typeof missingSince === "number" ? missingSince : null };
}
