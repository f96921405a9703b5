import type { ArrivalCheck } from "./arrivals.ts";
import { median, type LatencySummary } from "./statistics.ts";

/** `direct` writes with the client alone; the others are apps that are posted to. */
export type Producing = "direct" | AppName;
export type AppName = "tidings" | "fastapi";

/** One round of one of them, as fast as can be. */
export interface FullRound {
  readonly server: Producing;
  readonly itemsPerPost: number;
  /** Acknowledged by the broker. */
  readonly notificationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Cores kept busy by what makes the load; undefined where nothing does. */
  readonly loadCores: number | undefined;
  /** By the process that writes; undefined where it is not metered. */
  readonly serverCores: number | undefined;
}

/** Medians of some rounds. */
export interface FullFigures extends FullRound {
  /** Of what is acknowledged a second, to writing directly. */
  readonly ratio: number;
}

/** POSTs when they are due, whether or not those before were answered. */
export interface SteadyFigures extends ArrivalCheck {
  readonly server: AppName;
  readonly perSecond: number;
  /** POSTs with an answer that is not 202. */
  readonly refused: number;
  /** From writing a POST to its answer. */
  readonly acknowledged: LatencySummary;
}

/** What the full rounds of one app came to, in notifications. */
export interface TopicCheck {
  readonly server: AppName;
  readonly sent: number;
  readonly answered: number;
  /** In the topic, each once. */
  readonly distinct: number;
  readonly repeated: number;
  /** POSTs, of all that were sent. */
  readonly refused: number;
}

export function figuresOf(rounds: readonly FullRound[]): FullFigures[] {
  const shapes = Map.groupBy(rounds, ({ server, itemsPerPost }) => `${itemsPerPost} ${server}`);
  const medians = [...shapes.values()].flatMap((own) => mediansOf(own));
  return medians
    .toSorted((a, b) => a.itemsPerPost - b.itemsPerPost)
    .map((entry) => ({ ...entry, ratio: entry.notificationsPerSecond / directRate(medians, entry) }));
}

function mediansOf(own: readonly FullRound[]): FullRound[] {
  const [first] = own;
  if (first === undefined) return [];
  const of = (value: (round: FullRound) => number): number => median(own.map((round) => value(round)));
  const ofSome = (field: "loadCores" | "serverCores"): number | undefined =>
    first[field] === undefined ? undefined : of((round) => round[field] ?? Number.NaN);
  return [
    {
      ...first,
      notificationsPerSecond: of(({ notificationsPerSecond }) => notificationsPerSecond),
      p50Ms: of(({ p50Ms }) => p50Ms),
      p99Ms: of(({ p99Ms }) => p99Ms),
      loadCores: ofSome("loadCores"),
      serverCores: ofSome("serverCores"),
    },
  ];
}

function directRate(medians: readonly FullRound[], { itemsPerPost }: FullRound): number {
  const direct = medians.find((entry) => entry.server === "direct" && entry.itemsPerPost === itemsPerPost);
  return direct?.notificationsPerSecond ?? Number.NaN;
}

/** NaN where it was not measured. */
export function ratioOf(figures: readonly FullFigures[], server: Producing, itemsPerPost: number): number {
  const found = figures.find((entry) => entry.server === server && entry.itemsPerPost === itemsPerPost);
  return found?.ratio ?? Number.NaN;
}

/**
 * What must not be of ours: an answer of 202 says that it is in the topic. What was under way when a round ended was not
 * answered, and may be there or not. What others lose is told, and is no error here.
 */
export function problemsOfTopic(checks: readonly TopicCheck[], steady: readonly SteadyFigures[]): string[] {
  return [
    ...checks.filter(({ server }) => server === "tidings").flatMap((check) => problemsOfFull(check)),
    ...steady.filter(({ server }) => server === "tidings").flatMap((entry) => problemsOfSteady(entry)),
  ];
}

function problemsOfFull({ sent, answered, distinct, refused }: TopicCheck): string[] {
  return [
    refused > 0 && `${refused} POSTs were refused or broke off`,
    distinct < answered && `${answered - distinct} notifications were answered 202 and are not in the topic`,
    distinct > sent && `${distinct - sent} more notifications are in the topic than were sent`,
  ].filter((problem) => problem !== false);
}

function problemsOfSteady({ perSecond, refused, lost, misplaced }: SteadyFigures): string[] {
  return [
    refused > 0 && `${refused} POSTs were refused at ${perSecond} a second`,
    lost > 0 && `${lost} notifications are not in the topic at ${perSecond} a second`,
    misplaced > 0 && `${misplaced} notifications are out of order in the topic at ${perSecond} a second`,
  ].filter((problem) => problem !== false);
}
