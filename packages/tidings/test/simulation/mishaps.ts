import type { Fault } from "@tidings/graph-simulator";
import type { Random } from "../../src/core/ports/random.ts";
import type { Doom } from "./life.ts";

/** Something that happens to the app in the simulated time. */
export type Mishap =
  /** A process dies at some await; another is started `downMs` after. */
  | { readonly kind: "kill"; readonly doom: Doom; readonly downMs: number }
  /** Graph, or the login service, is out of order. */
  | {
      readonly kind: "fault";
      readonly fault: Fault;
      readonly forMs: number;
      /** Whether nothing can be asked of an app meanwhile. */
      readonly excuses: boolean;
    }
  /** Our clock is set: so much ahead of Graph's, for a while. */
  | { readonly kind: "skew"; readonly offsetMs: number; readonly forMs: number }
  /** Somebody does without one target for a while. `pick` is a fraction of all there are. */
  | { readonly kind: "unsubscribe"; readonly pick: number; readonly forMs: number }
  /** Graph sends a lifecycle notification for one subscription. */
  | { readonly kind: "lifecycle"; readonly event: "challenge" | "remove" | "miss"; readonly pick: number };

/** @property at milliseconds after the start */
export type TimedMishap = Mishap & { readonly at: number };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** What may go wrong, and after how long on average it does again. */
const CHANCES: readonly {
  readonly everyMs: number;
  readonly draw: (random: Random) => Mishap;
}[] = [
  { everyMs: 8 * HOUR_MS, draw: drawKill },
  { everyMs: 60 * HOUR_MS, draw: (random) => outage("graph", between(random, MINUTE_MS, 6 * HOUR_MS)) },
  {
    everyMs: 90 * HOUR_MS,
    draw: (random) => outage("login", between(random, MINUTE_MS, 2 * HOUR_MS), random),
  },
  { everyMs: 60 * HOUR_MS, draw: drawStorm },
  { everyMs: 60 * HOUR_MS, draw: drawSlowness },
  { everyMs: 24 * HOUR_MS, draw: drawSkew },
  { everyMs: HOUR_MS, draw: drawAbstention },
  { everyMs: 20 * MINUTE_MS, draw: drawLifecycle },
];

/**
 * Draws what goes wrong, and when: in the order of time. One outage of Graph lasts 6 h, in the middle.
 *
 * @param forMs how long things go wrong
 */
export function drawMishaps(random: Random, forMs: number): TimedMishap[] {
  const drawn = CHANCES.flatMap(({ everyMs, draw }) => {
    const mishaps: TimedMishap[] = [];
    for (let at = pause(random, everyMs); at < forMs; at += pause(random, everyMs))
      mishaps.push({ at: Math.floor(at), ...draw(random) });
    return mishaps;
  });
  const long: TimedMishap = { at: Math.floor(forMs / 2), ...outage("graph", 6 * HOUR_MS) };
  return [...drawn, long].toSorted((a, b) => a.at - b.at);
}

function drawKill(random: Random): Mishap {
  const of = random.next() < 0.5 ? "graph" : "any";
  const steps = Math.ceil(between(random, 1, of === "graph" ? 50 : 3_000));
  return { kind: "kill", doom: { of, steps }, downMs: drawDowntime(random) };
}

/** Mostly the time a restart takes, sometimes longer than the shortest lives can wait. */
function drawDowntime(random: Random): number {
  const chance = random.next();
  if (chance < 0.8) return within(random, 30 * SECOND_MS) + 31 * SECOND_MS;
  return chance < 0.95 ? between(random, MINUTE_MS, 15 * MINUTE_MS) : between(random, HOUR_MS, 5 * HOUR_MS);
}

/** It answers 503, or not at all, or cuts. */
function outage(service: "graph" | "login", forMs: number, random?: Random): Mishap {
  const how = (["reset", 503, "timeout"] as const)[Math.floor((random?.next() ?? 0) * 3)] ?? 503;
  return { kind: "fault", fault: { kind: "fail-requests", service, how }, forMs, excuses: true };
}

/** All or a part of the requests are too many, whatever we do. */
function drawStorm(random: Random): Mishap {
  const share = random.next() < 0.5 ? 1 : 0.5;
  const retryAfter = random.next() < 0.7 ? Math.ceil(between(random, 1, 120)) * SECOND_MS : undefined;
  return {
    kind: "fault",
    fault: { kind: "fail-requests", service: "graph", how: 429, share, retryAfter },
    forMs: between(random, MINUTE_MS, 30 * MINUTE_MS),
    excuses: true,
  };
}

/** Slow is no excuse. */
function drawSlowness(random: Random): Mishap {
  const delay = Math.ceil(between(random, SECOND_MS, 10 * SECOND_MS));
  return {
    kind: "fault",
    fault: { kind: "slow-requests", service: "graph", delay },
    forMs: between(random, 10 * MINUTE_MS, 2 * HOUR_MS),
    excuses: false,
  };
}

function drawSkew(random: Random): Mishap {
  return {
    kind: "skew",
    offsetMs: within(random, 10 * MINUTE_MS),
    forMs: between(random, 10 * MINUTE_MS, 12 * HOUR_MS),
  };
}

function drawAbstention(random: Random): Mishap {
  return { kind: "unsubscribe", pick: random.next(), forMs: between(random, SECOND_MS, 24 * HOUR_MS) };
}

function drawLifecycle(random: Random): Mishap {
  const event = (["challenge", "remove", "miss"] as const)[Math.floor(random.next() * 3)] ?? "miss";
  return { kind: "lifecycle", event, pick: random.next() };
}

/** The time to the next of events that come independently of each other. */
function pause(random: Random, meanMs: number): number {
  return -Math.log(1 - random.next()) * meanMs;
}

/** Each order of magnitude as likely as the others. */
function between(random: Random, min: number, max: number): number {
  return Math.round(min * (max / min) ** random.next());
}

/** From -max to max. */
function within(random: Random, max: number): number {
  return Math.round((2 * random.next() - 1) * max);
}
