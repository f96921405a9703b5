import type { Random } from "../random.ts";

/** How long Graph takes from a change to its notification, in milliseconds. */
export interface Latency {
  readonly averageMs: number;
  readonly maximumMs: number;
}

/** By Graph's name of the resource, for example `message`. What is not there, is told at once. */
export type LatencyTable = Readonly<Record<string, Latency>>;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

function latency(averageMs: number, maximumMs: number): Latency {
  return { averageMs, maximumMs };
}

const TEAMS = latency(10 * SECOND_MS, 60 * MINUTE_MS);
const CHATTY = latency(10 * SECOND_MS, MINUTE_MS);
const OUTLOOK = latency(MINUTE_MS, 3 * MINUTE_MS);
const FILES = latency(MINUTE_MS, 360 * MINUTE_MS);
const PRINT = latency(MINUTE_MS, 5 * MINUTE_MS);
const DIRECTORY = latency(2 * MINUTE_MS, 15 * MINUTE_MS);

/**
 * The documented average and maximum; where the documentation says "less than", the number itself.
 *
 * Of users and groups it says "unknown"; the numbers here are those it had before.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-overview#latency
 */
export const DOCUMENTED_LATENCY: LatencyTable = {
  alert: latency(3 * MINUTE_MS, 5 * MINUTE_MS),
  approval: latency(10 * SECOND_MS, 40 * SECOND_MS),
  aiInteraction: TEAMS,
  callRecord: latency(30 * MINUTE_MS, 150 * MINUTE_MS),
  callRecording: TEAMS,
  callTranscript: TEAMS,
  channel: TEAMS,
  chat: TEAMS,
  chatMessage: CHATTY,
  contact: OUTLOOK,
  conversationMember: TEAMS,
  driveItem: FILES,
  event: OUTLOOK,
  group: DIRECTORY,
  list: FILES,
  message: OUTLOOK,
  onlineMeeting: CHATTY,
  presence: CHATTY,
  printTaskDefinition: PRINT,
  printer: PRINT,
  shift: latency(MINUTE_MS, 60 * MINUTE_MS),
  team: TEAMS,
  teamsAppInstallation: TEAMS,
  todoTask: latency(2 * MINUTE_MS, 15 * MINUTE_MS),
  user: DIRECTORY,
};

/**
 * One notification's latency: most are fast and a few are late, by an exponential distribution cut at the maximum.
 *
 * @returns milliseconds
 */
export function drawLatency(table: LatencyTable, resourceName: string, random: Random): number {
  const row = table[resourceName];
  if (!row) return 0;
  return Math.floor(Math.min(random.exponential(row.averageMs), row.maximumMs));
}
