import { expect, it } from "vitest";
import { planArrivals } from "./arrival-plan.ts";

const OPTIONS = { count: 100_000, perSecond: 1000, resources: 5000, seed: 7 };

it("spaces arrivals evenly", () => {
  const plan = planArrivals({ ...OPTIONS, count: 4 });
  expect(plan.map(({ dueMs }) => dueMs)).toStrictEqual([0, 1, 2, 3]);
  expect(planArrivals({ ...OPTIONS, count: 4, perSecond: Infinity }).map(({ dueMs }) => dueMs)).toStrictEqual(
    [0, 0, 0, 0],
  );
});

it("gives the nth busiest resource an nth of what the busiest gets", () => {
  const counts = new Map<number, number>();
  for (const { resource } of planArrivals(OPTIONS)) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  const busiest = counts.get(0) ?? 0;
  expect(busiest / OPTIONS.count).toBeCloseTo(1 / 9.09, 2);
  expect((counts.get(9) ?? 0) / busiest).toBeCloseTo(0.1, 1);
  expect(Math.max(...counts.keys())).toBeLessThan(OPTIONS.resources);
  expect(counts.size).toBeGreaterThan(OPTIONS.resources / 2);
});

it("is the same for the same seed, and another for another", () => {
  const plan = planArrivals({ ...OPTIONS, count: 50 });
  expect(planArrivals({ ...OPTIONS, count: 50 })).toStrictEqual(plan);
  expect(planArrivals({ ...OPTIONS, count: 50, seed: 8 })).not.toStrictEqual(plan);
});
