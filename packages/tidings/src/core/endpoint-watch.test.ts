import { describe, expect, it } from "vitest";
import { EndpointWatch, MIN_ANSWERS, type EndpointNews } from "./endpoint-watch.ts";

const NOW = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

/** What was told of answers that took so long. */
function give(watch: EndpointWatch, times: readonly number[], now = NOW): EndpointNews[] {
  return times.flatMap((tookMs) => {
    const news = watch.answered(tookMs, now);
    return news === undefined ? [] : [news];
  });
}

function times(count: number, tookMs: number): number[] {
  return Array.from({ length: count }, () => tookMs);
}

/** https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#throttling */
describe("an endpoint is slow", () => {
  it("when more than 5 % of its answers took over 1.5 s", () => {
    const watch = new EndpointWatch();
    expect(give(watch, [...times(95, 1_500), ...times(5, 1_501)])).toEqual([]);
    expect(give(watch, [1_501])).toEqual([["endpoint:slow", { share: 6 / 101, overMs: 1_500, since: NOW }]]);
  });

  it("and worse when more than 7.5 % took over 5 s; each is told once", () => {
    const watch = new EndpointWatch();
    give(watch, times(100, 10));
    const [slow, worse, ...more] = give(watch, times(50, 5_001), NOW + MINUTE_MS);
    expect(slow).toEqual(["endpoint:slow", { share: 6 / 106, overMs: 1_500, since: NOW + MINUTE_MS }]);
    expect(worse).toEqual(["endpoint:slow", { share: 9 / 109, overMs: 5_000, since: NOW + MINUTE_MS }]);
    expect(more).toEqual([]);
  });

  it("or that at once", () => {
    const watch = new EndpointWatch();
    const news = give(watch, times(MIN_ANSWERS, 6_000));
    expect(news).toEqual([["endpoint:slow", { share: 1, overMs: 5_000, since: NOW }]]);
  });

  it("not for one of three, nor for all of some few", () => {
    expect(give(new EndpointWatch(), [10, 9_000, 10])).toEqual([]);
    expect(give(new EndpointWatch(), times(MIN_ANSWERS - 1, 9_000))).toEqual([]);
  });

  it("not for what is ten minutes old", () => {
    const watch = new EndpointWatch();
    give(watch, times(MIN_ANSWERS - 1, 9_000));
    expect(give(watch, times(MIN_ANSWERS, 10), NOW + 10 * MINUTE_MS)).toEqual([]);
    expect(watch.health(NOW + 10 * MINUTE_MS)).toMatchObject({ answered: MIN_ANSWERS, slowShare: 0 });
  });
});

describe("an endpoint has recovered", () => {
  it("when no more than 2.5 % are slow, and may be slow again", () => {
    const watch = new EndpointWatch();
    expect(give(watch, times(20, 2_000))).toHaveLength(1);
    give(watch, times(779, 10));
    expect(watch.look(NOW)).toBeUndefined();
    give(watch, [10]);
    expect(watch.look(NOW + MINUTE_MS)).toEqual(["endpoint:recovered", { since: NOW }]);
    expect(watch.look(NOW + MINUTE_MS)).toBeUndefined();
    const again = NOW + 20 * MINUTE_MS;
    expect(give(watch, times(20, 2_000), again)).toEqual([
      ["endpoint:slow", { share: 1, overMs: 1_500, since: again }],
    ]);
  });

  it("when nothing came for ten minutes", () => {
    const watch = new EndpointWatch();
    give(watch, times(20, 2_000));
    expect(watch.look(NOW + 10 * MINUTE_MS - 1)).toBeUndefined();
    expect(watch.look(NOW + 10 * MINUTE_MS)).toEqual(["endpoint:recovered", { since: NOW }]);
  });

  it("only when it was slow", () => {
    expect(new EndpointWatch().look(NOW)).toBeUndefined();
  });
});

describe("how it does", () => {
  it("is nothing at first", () => {
    expect(new EndpointWatch().health(NOW)).toEqual({
      answered: 0,
      slowShare: 0,
      slowestMs: 0,
      slowSince: undefined,
    });
  });

  it("is summed over ten minutes, the present one among them", () => {
    const watch = new EndpointWatch();
    for (let minute = 0; minute < 30; minute += 1) give(watch, [minute, 2_000], NOW + minute * MINUTE_MS);
    expect(watch.health(NOW + 29.5 * MINUTE_MS)).toEqual({
      answered: 20,
      slowShare: 0.5,
      slowestMs: 2_000,
      slowSince: NOW + 9 * MINUTE_MS,
    });
  });

  it("does not count what a clock that was set back says is yet to come", () => {
    const watch = new EndpointWatch();
    give(watch, times(5, 10), NOW);
    give(watch, times(3, 10), NOW - 60 * MINUTE_MS);
    expect(watch.health(NOW - 60 * MINUTE_MS).answered).toBe(3);
    expect(watch.health(NOW - 55 * MINUTE_MS).answered).toBe(3);
  });
});
