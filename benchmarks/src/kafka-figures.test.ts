import { describe, expect, it } from "vitest";
import {
  figuresOf,
  problemsOfTopic,
  ratioOf,
  type FullRound,
  type SteadyFigures,
  type TopicCheck,
} from "./kafka-figures.ts";

function round(server: FullRound["server"], itemsPerPost: number, rate: number): FullRound {
  const isDirect = server === "direct";
  return {
    server,
    itemsPerPost,
    notificationsPerSecond: rate,
    p50Ms: 1000 / rate,
    p99Ms: 2000 / rate,
    loadCores: isDirect ? undefined : 0.1,
    serverCores: server === "fastapi" ? undefined : 1,
  };
}

describe("figures", () => {
  const figures = figuresOf([
    ...[100, 900, 200].map((rate) => round("direct", 1, rate)),
    ...[50, 40, 60].map((rate) => round("tidings", 1, rate)),
    round("tidings", 10, 300),
    round("direct", 10, 400),
    round("fastapi", 10, 8),
  ]);

  it("compare medians with those of writing directly, in the same shape", () => {
    expect(figures.map(({ server, itemsPerPost, ratio }) => [itemsPerPost, server, ratio])).toStrictEqual([
      [1, "direct", 1],
      [1, "tidings", 0.25],
      [10, "tidings", 0.75],
      [10, "direct", 1],
      [10, "fastapi", 0.02],
    ]);
    expect(figures[1]).toMatchObject({ notificationsPerSecond: 50, p50Ms: 20, p99Ms: 40, loadCores: 0.1 });
  });

  it("leave open what is not measured", () => {
    expect(figures[0]?.loadCores).toBeUndefined();
    expect(figures[4]?.serverCores).toBeUndefined();
    expect(ratioOf(figures, "tidings", 10)).toBe(0.75);
    expect(ratioOf(figures, "fastapi", 1)).toBeNaN();
  });
});

describe("what must not be", () => {
  const CHECK: TopicCheck = {
    server: "tidings",
    sent: 110,
    answered: 100,
    distinct: 105,
    repeated: 0,
    refused: 0,
  };
  const STEADY: SteadyFigures = {
    server: "tidings",
    perSecond: 1000,
    refused: 0,
    acknowledged: { p50Ms: 1, p99Ms: 2, maxMs: 3 },
    handled: 10,
    lost: 0,
    repeated: 0,
    misplaced: 0,
  };

  it.each([100, 110])("is not %d in the topic of 100 answered and 110 sent", (distinct) => {
    expect(problemsOfTopic([{ ...CHECK, distinct }], [STEADY])).toStrictEqual([]);
  });

  it("is not a record that is there again", () => {
    expect(
      problemsOfTopic([{ ...CHECK, repeated: 1 }], [{ ...STEADY, handled: 11, repeated: 1 }]),
    ).toStrictEqual([]);
  });

  it.each([
    { name: "one answered that is not there", change: { distinct: 99 } },
    { name: "one more than was sent", change: { distinct: 111 } },
    { name: "a POST that was refused", change: { refused: 1 } },
  ])("is $name", ({ change }) => {
    expect(problemsOfTopic([{ ...CHECK, ...change }], [STEADY])).toHaveLength(1);
  });

  it.each([
    { name: "one that is lost", change: { lost: 1 } },
    { name: "one before an earlier one of its resource", change: { misplaced: 1 } },
    { name: "a POST that was refused", change: { refused: 1 } },
  ])("is $name at a steady rate", ({ change }) => {
    expect(problemsOfTopic([CHECK], [{ ...STEADY, ...change }])).toHaveLength(1);
  });

  it("is not what another app loses", () => {
    const server = "fastapi";
    expect(problemsOfTopic([{ ...CHECK, server, distinct: 1 }], [{ ...STEADY, server, lost: 9 }])).toEqual(
      [],
    );
  });
});
