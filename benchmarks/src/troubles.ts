import type { Stream } from "./load-bench.ts";
import type { Declared } from "./served-app.ts";
import type { Handling } from "./stamp.ts";

/** A stream that goes on for as long as a round does. */
export type Beside = Omit<Stream, "count">;

/** An app of which the notifications of 5,000 users are measured, and what happens to it meanwhile. */
export interface Side {
  readonly declarations: readonly Declared[];
  /** How often each of the measured notifications is sent. @default 1 */
  readonly copies?: number;
  /** Of groups: waits before the first round begins, is tried while a round lasts, and held still in between. */
  readonly backlog?: Stream;
  /** Sent in every round. */
  readonly beside?: readonly Beside[];
  /** Whether a round lasts until handlers were called for all of `beside`, too. @default true */
  readonly waitsForBeside?: boolean;
}

export interface Rounds {
  readonly count: number;
  readonly seconds: number;
}

/** What may go wrong, beside the same app where it does not. */
export interface Trouble {
  readonly name: string;
  /** Of the measured notifications. */
  readonly perSecond: number;
  readonly quiet: Side;
  readonly disturbed: Side;
  /** For one that shows only when it lasts. @default as asked for */
  readonly rounds?: Rounds;
  /** How long nothing at all may be handled. */
  readonly stallMs?: number;
}

export const MEASURED_RESOURCES = 5_000;

const PER_SECOND = 500;
const BACKLOG = 200_000;
const SLOW_MS = 30_000;
/** A hundredth of the others. */
const SLOW_PER_SECOND = PER_SECOND / 100;
/** As many as calls of 30 s take once it has gone on for 30 s, and as many for the others as there are by default. */
const SLOW_SLOTS = SLOW_PER_SECOND * (SLOW_MS / 1000) + 16;
const COPIES = 100;

const USERS: Declared = { resource: "users" };
const GROUPS: Declared = { resource: "groups" };

export const TROUBLES: readonly Trouble[] = [
  {
    name: "200,000 of another that throws",
    perSecond: PER_SECOND,
    quiet: { declarations: [USERS, GROUPS] },
    disturbed: { declarations: [USERS, GROUPS], backlog: throwing("error") },
  },
  {
    name: "the same, with RetryAfter",
    perSecond: PER_SECOND,
    quiet: { declarations: [USERS, GROUPS] },
    disturbed: { declarations: [USERS, GROUPS], backlog: throwing("retry after") },
  },
  {
    name: "half of all in one lane",
    perSecond: PER_SECOND,
    quiet: { declarations: [USERS], beside: [otherHalf(MEASURED_RESOURCES)] },
    disturbed: { declarations: [USERS], beside: [otherHalf(1)] },
  },
  {
    name: "1 % of another's calls take 30 s",
    perSecond: PER_SECOND,
    quiet: { declarations: [USERS, GROUPS], beside: ofGroups(0) },
    disturbed: { declarations: [USERS, GROUPS], beside: ofGroups(SLOW_MS), waitsForBeside: false },
  },
  {
    name: `1 % of its own, ${SLOW_SLOTS} slots`,
    perSecond: PER_SECOND,
    quiet: { declarations: [{ ...USERS, concurrency: SLOW_SLOTS }], beside: [everyHundredth("users", 0)] },
    disturbed: {
      declarations: [{ ...USERS, concurrency: SLOW_SLOTS }],
      beside: [everyHundredth("users", SLOW_MS)],
    },
  },
  {
    name: "1 % of its own, 16 slots",
    perSecond: PER_SECOND,
    quiet: { declarations: [USERS], beside: [everyHundredth("users", 0)] },
    disturbed: { declarations: [USERS], beside: [everyHundredth("users", SLOW_MS)] },
    // Six seconds of it take 30 slots.
    rounds: { count: 1, seconds: 6 },
    stallMs: SLOW_MS + 5_000,
  },
  {
    name: "100 copies of each",
    perSecond: PER_SECOND / 5,
    quiet: { declarations: [USERS] },
    disturbed: { declarations: [USERS], copies: COPIES },
  },
];

function throwing(throws: Handling["throws"]): Stream {
  const resources = BACKLOG / 4;
  return { resource: "groups", count: BACKLOG, perSecond: Infinity, resources, handling: { throws } };
}

/** More than one lane can take: it grows while a round sends. */
function otherHalf(resources: number): Beside {
  return { resource: "users", perSecond: PER_SECOND, resources, handling: { takesMs: 2 } };
}

function ofGroups(slowMs: number): readonly Beside[] {
  return [
    { resource: "groups", perSecond: PER_SECOND - SLOW_PER_SECOND, resources: MEASURED_RESOURCES },
    everyHundredth("groups", slowMs),
  ];
}

/** Each of a resource of its own, so that nothing waits behind it but for a slot. */
function everyHundredth(resource: Stream["resource"], takesMs: number): Beside {
  const handling = { takesMs };
  return { resource, perSecond: SLOW_PER_SECOND, resources: BACKLOG, shares: "in turn", handling };
}
