import { describe, expect, it } from "vitest";
import { COPIES_MS, planArrivals, type Due } from "./arrival-plan.ts";

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

it("gives resources their turn", () => {
  const plan = planArrivals({ ...OPTIONS, count: 7, resources: 3, shares: "in turn" });
  expect(plan.map(({ resource }) => resource)).toStrictEqual([0, 1, 2, 0, 1, 2, 0]);
});

describe("copies", () => {
  const plan = planArrivals({ ...OPTIONS, count: 2000, copies: 5 });
  const originals = plan.filter(({ copyOf }) => copyOf === undefined);

  it("are as many as asked for, spread over a second behind what they are of", () => {
    expect(originals).toHaveLength(2000);
    for (const original of originals.slice(0, 50)) {
      const copies = plan.filter(({ copyOf }) => copyOf === original);
      expect(copies.map(({ resource }) => resource)).toStrictEqual(Array(4).fill(original.resource));
      const later = copies.map(({ dueMs }) => Math.round(dueMs - original.dueMs));
      expect(later).toStrictEqual([250, 500, 750, COPIES_MS]);
    }
  });

  it("are never before what they are of, and leave the others in their order", () => {
    const places = new Map(plan.map((due, place) => [due, place]));
    const placeOf = (due: Due): number => places.get(due) ?? Infinity;
    expect(plan.every((due) => due.copyOf === undefined || placeOf(due.copyOf) < placeOf(due))).toBe(true);
    expect(originals).toStrictEqual(planArrivals({ ...OPTIONS, count: 2000 }));
  });
});
