import type { StreamReport, Usage } from "./load-bench.ts";
import { median, type LatencySummary } from "./statistics.ts";
import type { Stored } from "./stored.ts";

/** One round of one app. */
export interface Round {
  readonly measured: Pick<StreamReport, keyof SentAndCame | "sinceSent">;
  readonly usage: Usage;
}

/** Of the measured notifications. */
interface SentAndCame {
  readonly sent: number;
  readonly handled: number;
  readonly lost: number;
  readonly repeated: number;
  readonly misplaced: number;
}

/** Medians of an app's rounds; of memory the most. */
export interface SideFigures extends LatencySummary {
  readonly appCores: number;
  readonly appBytes: number;
}

export interface TroubleFigures extends SentAndCame {
  readonly name: string;
  readonly quiet: SideFigures;
  readonly disturbed: SideFigures;
  /** Of the p99: disturbed over quiet. */
  readonly ratio: number;
}

/** @param disturbed of which the counts are told */
export function figuresOf(
  name: string,
  quiet: readonly Round[],
  disturbed: readonly Round[],
): TroubleFigures {
  const total = (field: keyof SentAndCame): number =>
    disturbed.reduce((sum, { measured }) => sum + measured[field], 0);
  const sides = { quiet: sideFigures(quiet), disturbed: sideFigures(disturbed) };
  return {
    name,
    sent: total("sent"),
    handled: total("handled"),
    lost: total("lost"),
    repeated: total("repeated"),
    misplaced: total("misplaced"),
    ...sides,
    ratio: sides.disturbed.p99Ms / sides.quiet.p99Ms,
  };
}

function sideFigures(rounds: readonly Round[]): SideFigures {
  const at = (field: keyof LatencySummary): number =>
    median(rounds.map(({ measured }) => measured.sinceSent[field]));
  return {
    p50Ms: at("p50Ms"),
    p99Ms: at("p99Ms"),
    maxMs: at("maxMs"),
    appCores: median(rounds.map(({ usage }) => usage.appCores)),
    appBytes: Math.max(...rounds.map(({ usage }) => usage.appBytes)),
  };
}

/** What an app that was stopped must have left: everything that was sent, each once, but for what was done. */
export function problemsOfStore({
  sent,
  done,
  stored,
}: {
  /** Without copies. */
  readonly sent: number;
  /** Calls of handlers that returned. */
  readonly done: number;
  readonly stored: Stored;
}): string[] {
  const waiting = sent - done;
  return [
    stored.accepted !== sent &&
      `${stored.accepted} notifications were accepted, not the ${sent} that were sent`,
    stored.waiting !== waiting &&
      `${stored.waiting} notifications wait in the store, not the ${waiting} undone`,
    stored.dead > 0 && `${stored.dead} notifications are dead letters`,
  ].filter((problem) => problem !== false);
}
