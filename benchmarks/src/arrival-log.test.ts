import { expect, it } from "vitest";
import { ArrivalLog } from "./arrival-log.ts";
import type { Stamp } from "./stamp.ts";

const STAMP: Stamp = {
  stream: 1,
  resource: 0,
  count: 1,
  dueAt: 100,
  sentAt: 110,
  takesMs: 0,
  throws: "nothing",
};

it("reports latencies, and what came of each resource", () => {
  const log = new ArrivalLog();
  log.add(STAMP, 120);
  log.add({ ...STAMP, resource: 1 }, 130);
  log.add({ ...STAMP, count: 2 }, 140);
  expect(log.count).toBe(3);
  expect(log.report([2, 2])).toStrictEqual({
    handled: 3,
    lost: 1,
    repeated: 0,
    misplaced: 0,
    sinceSent: { p50Ms: 20, p99Ms: 30, maxMs: 30 },
    sinceDue: { p50Ms: 30, p99Ms: 40, maxMs: 40 },
    lastAt: 140,
  });
});

it("tells tries of what should wait for an earlier one", () => {
  const log = new ArrivalLog();
  for (const count of [1, 1, 1]) log.add({ ...STAMP, count }, 120);
  expect(log.tries()).toStrictEqual({ calls: 3, ofLaterOnes: 0 });
  log.add({ ...STAMP, count: 2 }, 130);
  expect(log.tries()).toStrictEqual({ calls: 4, ofLaterOnes: 1 });
});
