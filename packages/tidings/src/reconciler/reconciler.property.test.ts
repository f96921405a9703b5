import fc from "fast-check";
import { expect, it } from "vitest";
import { FAILURES, TARGETS, type Command } from "../../test/support/reconciler-scenario.ts";
import { ReconcilerWorld } from "../../test/support/reconciler-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const nth = fc.nat(9);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("begin"),
      isBeside: fc.boolean(),
      version: fc.nat(1),
      endpoint: fc.constantFrom(0, 0, 0, 1),
      awaits: fc.option(fc.integer({ min: 1, max: 300 })),
    }),
  },
  fc.record({ what: fc.constant("end") }),
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom("subscribe", "subscribe", "unsubscribe"),
      target: fc.nat(TARGETS.length - 1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("lose"), nth, isTold: fc.boolean() }) },
  fc.record({ what: fc.constant("tamper"), nth, lifeMs: fc.integer({ min: MINUTE_MS, max: 9 * DAY_MS }) }),
  fc.record({
    what: fc.constant("tell"),
    nth,
    event: fc.constantFrom("reauthorizationRequired", "missed", "somethingNew"),
  }),
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("fail"),
      operation: fc.constantFrom("create", "create", "renew", "delete", "list"),
      how: fc.constantFrom("lost before", "lost after", ...Object.keys(FAILURES)),
    }),
  },
  fc.record({ what: fc.constant("store"), failing: fc.constantFrom(0, 0.01, 0.1) }),
  fc.record({ what: fc.constant("stale"), ms: fc.constantFrom(0, 5_000, 30_000) }),
  fc.record({ what: fc.constant("jump"), ms: fc.integer({ min: -10 * MINUTE_MS, max: 10 * MINUTE_MS }) }),
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant("pass"),
      ms: fc.oneof(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 5_000, max: HOUR_MS }),
        fc.integer({ min: HOUR_MS, max: 8 * DAY_MS }),
      ),
    }),
  },
);

const scenario = fc.record({
  seed: fc.integer(),
  commands: fc.array(command, { minLength: 1, maxLength: 40, size: "max" }),
  last: fc.option(fc.record({ version: fc.nat(1), endpoint: fc.nat(1) })),
});

/** `PROPERTY_RUNS` for more of them, and `PROPERTY_SEED` to have one again. */
const { PROPERTY_RUNS = "150", PROPERTY_SEED } = process.env;
const numRuns = Number(PROPERTY_RUNS);

it(
  "whatever fails, is lost, or dies: each desired subscription is alive once in the end, and nothing is amiss meanwhile",
  async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ seed, commands, last }) => {
        const world = new ReconcilerWorld(seed);
        await world.play({ what: "begin", isBeside: false, version: 0, endpoint: 0, awaits: null });
        for (const each of commands) await world.play(each);
        await world.quieten(last);
        expect(world.wrongs).toEqual([]);
      }),
      { numRuns, ...(PROPERTY_SEED === undefined ? {} : { seed: Number(PROPERTY_SEED) }) },
    );
  },
  60_000 + numRuns * 200,
);
