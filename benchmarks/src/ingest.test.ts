import { expect, it } from "vitest";
import { checkIngest } from "./ingest.ts";

const ROUNDS = [
  { sent: 110, answered: 100, refused: 0, broken: 0, itemsPerPost: 1 },
  { sent: 20, answered: 20, refused: 0, broken: 0, itemsPerPost: 10 },
];

function problemsWith(waiting: number, accepted = waiting, dead = 0): readonly string[] {
  return checkIngest(ROUNDS, { waiting, accepted, dead }).problems;
}

it.each([300, 305, 310])("finds nothing wrong with %d stored of 300 answered and 310 sent", (stored) => {
  expect(problemsWith(stored)).toStrictEqual([]);
});

it("finds one that was answered and lost", () => {
  expect(problemsWith(299)).toStrictEqual(["1 notifications were answered 202 and are not in the store"]);
});

it("finds one too many, one stored twice, and a dead letter", () => {
  expect(problemsWith(311)).toHaveLength(1);
  expect(problemsWith(305, 304)).toHaveLength(1);
  expect(problemsWith(305, 305, 1)).toHaveLength(1);
});

it("finds POSTs that were refused", () => {
  const [first, ...others] = ROUNDS;
  const rounds = first === undefined ? [] : [{ ...first, refused: 1 }, ...others];
  expect(checkIngest(rounds, { waiting: 300, accepted: 300, dead: 0 }).problems).toHaveLength(1);
});
