import fc from "fast-check";
import { expect, it } from "vitest";

import { freshBudget, leave, park, readyAt, slowDown, spend } from "./budget.ts";

const NOW = Date.UTC(2026, 0, 1);

/** What may happen to a budget: a request, word of a refusal, or time. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("request"), cost: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass"), ms: fc.integer({ min: 0, max: 4_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("refused"), ms: fc.integer({ min: 0, max: 3_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("slow") }) },
);

/** Most units spent in any window, half open. */
function mostInAnyWindow(spent: readonly { at: number; cost: number }[], windowMs: number): number {
  return Math.max(
    0,
    ...spent.map(({ at: from }) =>
      spent.filter(({ at }) => at >= from && at < from + windowMs).reduce((sum, { cost }) => sum + cost, 0),
    ),
  );
}

it("never spends more than the budget in any window, whatever comes in whatever order", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 100, max: 20_000 }),
      fc.array(event, { minLength: 1, maxLength: 120 }),
      (units, windowMs, events) => {
        const burst = Math.max(Math.min(4, Math.ceil(units / 4)), Math.floor(units / 10));
        let budget = freshBudget({ pace: { units, windowMs } }, NOW);
        let now = NOW;
        const spent: { at: number; cost: number }[] = [];
        for (const each of events) {
          if ("cost" in each) {
            const cost = Math.min(each.cost, burst);
            // A pace that is rising is a little less than was foreseen.
            for (let at = readyAt(budget, cost, now); at > now; at = readyAt(budget, cost, now)) now = at;
            budget = leave(spend(budget, cost, now));
            spent.push({ at: now, cost });
          } else if (!("ms" in each)) budget = slowDown(budget, now, now);
          else if (each.kind === "pass") now += each.ms;
          else budget = park(budget, each.ms, now);
        }
        expect(mostInAnyWindow(spent, windowMs)).toBeLessThanOrEqual(units);
      },
    ),
    { numRuns: 300 },
  );
});

it("uses up nearly all of its budget when asked all the time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 500 }), (units) => {
      const windowMs = 20_000;
      let budget = freshBudget({ pace: { units, windowMs } }, NOW);
      let now = NOW;
      let count = 0;
      for (;;) {
        now = readyAt(budget, 1, now);
        if (now >= NOW + windowMs) break;
        budget = leave(spend(budget, 1, now));
        count += 1;
      }
      expect(count).toBeLessThanOrEqual(units);
      expect(count).toBeGreaterThanOrEqual(units - 1);
    }),
    { numRuns: 40 },
  );
});
