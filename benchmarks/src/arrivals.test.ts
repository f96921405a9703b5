import { expect, it } from "vitest";
import { checkArrivals } from "./arrivals.ts";

const SENT = [3, 2, 0];

it.each([
  { name: "all, in order", first: [1, 2, 3], expected: { handled: 5, lost: 0, repeated: 0, misplaced: 0 } },
  {
    name: "one lost in the middle",
    first: [1, 3],
    expected: { handled: 4, lost: 1, repeated: 0, misplaced: 0 },
  },
  { name: "the last one lost", first: [1, 2], expected: { handled: 4, lost: 1, repeated: 0, misplaced: 0 } },
  { name: "two swapped", first: [2, 1, 3], expected: { handled: 5, lost: 0, repeated: 0, misplaced: 1 } },
  {
    name: "the first at the end",
    first: [2, 3, 1],
    expected: { handled: 5, lost: 0, repeated: 0, misplaced: 1 },
  },
  { name: "one twice", first: [1, 2, 2, 3], expected: { handled: 6, lost: 0, repeated: 1, misplaced: 0 } },
  {
    name: "one twice for another",
    first: [1, 2, 2],
    expected: { handled: 5, lost: 1, repeated: 1, misplaced: 0 },
  },
  {
    name: "one never sent for another",
    first: [1, 2, 4],
    expected: { handled: 5, lost: 1, repeated: 0, misplaced: 0 },
  },
])("tells $name", ({ first, expected }) => {
  const arrived = new Map([
    [0, first],
    [1, [1, 2]],
  ]);
  expect(checkArrivals(SENT, arrived)).toStrictEqual(expected);
});

it("counts a resource of which nothing came as lost", () => {
  expect(checkArrivals(SENT, new Map([[0, [1, 2, 3]]]))).toMatchObject({ handled: 3, lost: 2 });
});
