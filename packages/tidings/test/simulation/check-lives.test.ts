import { describe, expect, it } from "vitest";
import { AUDIT_MS, checkLives, RECOVERY_MS, REMOVAL_MS, type LifeEvent } from "./check-lives.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const RECOVERY = RECOVERY_MS / MINUTE;
const REMOVAL = REMOVAL_MS / MINUTE;
const AUDIT = AUDIT_MS / MINUTE;

type Told = (minute: number) => LifeEvent;

const UP: Told = (minute) => ({ kind: "reachable", at: minute * MINUTE });
const DOWN: Told = (minute) => ({ kind: "unreachable", at: minute * MINUTE });

function want(kind: "asked" | "wanted" | "unwanted"): Told {
  return (minute) => ({ kind, key: "a", at: minute * MINUTE });
}

function granted(id: string, lifeMs: number = 100 * HOUR): Told {
  return (minute) => ({
    kind: "granted",
    key: "a",
    id,
    at: minute * MINUTE,
    expiresAt: minute * MINUTE + lifeMs,
  });
}

function ended(id: string, how: "expired" | "deleted" | "removed"): Told {
  return (minute) => ({ kind: "ended", key: "a", id, how, at: minute * MINUTE });
}

const TOLD: Told = (minute) => ({ kind: "told", key: "a", at: minute * MINUTE });

/** What happened, each with its minute; the history ends with the last. */
function history(...told: readonly (readonly [minute: number, told: Told])[]): LifeEvent[] {
  return told.map(([minute, at]) => at(minute));
}

const ALIVE = [
  [0, UP],
  [0, want("wanted")],
  [1, granted("1")],
] as const;

describe("a history is clean", () => {
  it.each<{ name: string; events: LifeEvent[] }>([
    { name: "when nothing happened", events: [] },
    { name: "when what is wanted is alive", events: history(...ALIVE, [999, DOWN]) },
    {
      name: "when it is made in time",
      events: history([0, UP], [0, want("wanted")], [RECOVERY, granted("1")], [999, DOWN]),
    },
    {
      name: "when it was never reachable for long enough",
      events: history(
        [0, UP],
        [0, want("wanted")],
        [RECOVERY - 1, DOWN],
        [300, UP],
        [300 + RECOVERY - 1, DOWN],
        [999, DOWN],
      ),
    },
    {
      name: "when a replacement overlaps for a short while",
      events: history(...ALIVE, [50, granted("2")], [51, ended("1", "deleted")], [999, DOWN]),
    },
    {
      name: "when what is not wanted any more is removed in time",
      events: history(
        ...ALIVE,
        [50, want("asked")],
        [50, want("unwanted")],
        [51, ended("1", "deleted")],
        [999, DOWN],
      ),
    },
    {
      name: "when it ended while nobody could renew it",
      events: history(
        [0, UP],
        [0, want("wanted")],
        [0, granted("1", HOUR)],
        [24, DOWN],
        [60, ended("1", "expired")],
        [70, UP],
        [75, granted("2")],
        [999, DOWN],
      ),
    },
    {
      name: "when it is undecided whether it is wanted",
      events: history(...ALIVE, [50, want("asked")], [60, ended("1", "deleted")], [999, DOWN]),
    },
    {
      name: "when what Graph removed is made anew in time",
      events: history(
        ...ALIVE,
        [100, ended("1", "removed")],
        [100, TOLD],
        [100 + REMOVAL, granted("2")],
        [999, DOWN],
      ),
    },
    {
      name: "when what Graph removed without a word is found by the audit",
      events: history(
        ...ALIVE,
        [100, ended("1", "removed")],
        [100 + AUDIT, granted("2")],
        [100 + AUDIT + 999, DOWN],
      ),
    },
    {
      name: "when what Graph removed without a word is given up and wanted again before anybody looked",
      events: history(
        ...ALIVE,
        [100, ended("1", "removed")],
        [200, want("unwanted")],
        [201, want("wanted")],
        [100 + AUDIT, granted("2")],
        [100 + AUDIT + 999, DOWN],
      ),
    },
    {
      name: "when nobody was there to be told of a removal, and the audit finds it",
      events: history(
        ...ALIVE,
        [99, DOWN],
        [100, ended("1", "removed")],
        [100, TOLD],
        [400, UP],
        [400 + REMOVAL + 1, granted("2")],
        [999, DOWN],
      ),
    },
  ])("$name", ({ events }) => {
    expect(checkLives(events)).toEqual([]);
  });
});

describe("a history shows", () => {
  it.each<{ name: string; events: LifeEvent[]; rules: readonly (readonly [string, number])[] }>([
    {
      name: "what is never made",
      events: history([0, UP], [0, want("wanted")], [999, DOWN]),
      rules: [["missing", RECOVERY]],
    },
    {
      name: "what is made too late, once",
      events: history([0, UP], [0, want("wanted")], [500, DOWN], [600, UP], [700, granted("1")], [999, DOWN]),
      rules: [["missing", RECOVERY]],
    },
    {
      name: "what is made too late after an outage",
      events: history([0, want("wanted")], [600, UP], [700, granted("1")], [999, DOWN]),
      rules: [["missing", 600 + RECOVERY]],
    },
    {
      name: "two of one",
      events: history(...ALIVE, [50, granted("2")], [999, DOWN]),
      rules: [["double", 50 + RECOVERY]],
    },
    {
      name: "one that nobody wants any more",
      events: history(...ALIVE, [50, want("asked")], [50, want("unwanted")], [999, DOWN]),
      rules: [["leftover", 50 + RECOVERY]],
    },
    {
      name: "one that nobody ever wanted",
      events: history([0, UP], [1, granted("1")], [999, DOWN]),
      rules: [["leftover", 1 + RECOVERY]],
    },
    {
      name: "a lapse while Graph was reachable, though it is made anew at once",
      events: history(
        [0, UP],
        [0, want("wanted")],
        [0, granted("1", HOUR)],
        [60, ended("1", "expired")],
        [60, granted("2")],
        [999, DOWN],
      ),
      rules: [["lapse", 60]],
    },
    {
      name: "a lapse when there was time between two outages",
      events: history(
        [0, UP],
        [0, want("wanted")],
        [0, granted("1", HOUR)],
        [20, DOWN],
        [45, UP],
        [53, DOWN],
        [60, ended("1", "expired")],
        [60, granted("2")],
        [999, DOWN],
      ),
      rules: [["lapse", 60]],
    },
    {
      name: "what Graph removed and told of, and is not made anew",
      events: history(...ALIVE, [100, ended("1", "removed")], [100, TOLD], [999, DOWN]),
      rules: [["missing", 100 + REMOVAL]],
    },
    {
      name: "what Graph removed without a word, and no audit finds",
      events: history(...ALIVE, [100, ended("1", "removed")], [200, DOWN], [300, UP], [300 + AUDIT, DOWN]),
      rules: [["missing", 200 + AUDIT]],
    },
  ])("$name", ({ events, rules }) => {
    const found = checkLives(events);
    expect(found).toEqual(rules.map(([rule, minute]) => ({ rule, key: "a", at: minute * MINUTE })));
  });

  it("a request over a limit", () => {
    expect(checkLives([{ kind: "throttled", what: "POST /v1.0/subscriptions", at: 5 }])).toEqual([
      { rule: "over the limit", key: "POST /v1.0/subscriptions", at: 5 },
    ]);
  });
});
