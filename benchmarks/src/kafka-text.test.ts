import { expect, it } from "vitest";
import { kafkaText } from "./kafka-text.ts";
import type { KafkaResult } from "./kafka.ts";

const FULL = { itemsPerPost: 1, p50Ms: 2.04, p99Ms: 9.96 };

const RESULT: KafkaResult = {
  rounds: { count: 3, seconds: 1, steady: [] },
  connections: 256,
  recordBytes: 1259.4,
  figures: [
    {
      ...FULL,
      server: "direct",
      notificationsPerSecond: 50_000,
      ratio: 1,
      loadCores: undefined,
      serverCores: 0.6,
    },
    {
      ...FULL,
      server: "tidings",
      notificationsPerSecond: 10_000,
      ratio: 0.2,
      loadCores: 0.12,
      serverCores: 0.97,
    },
  ],
  ratio: 0.2,
  ratioOf10: 0.345,
  steady: [
    {
      server: "tidings",
      perSecond: 1000,
      refused: 0,
      acknowledged: { p50Ms: 1, p99Ms: 2, maxMs: 3 },
      handled: 2000,
      lost: 0,
      repeated: 1,
      misplaced: 2,
    },
  ],
  checks: [{ server: "tidings", sent: 1100, answered: 1000, distinct: 1050, repeated: 0, refused: 0 }],
  skipped: [{ server: "fastapi", reason: "spawn python3 ENOENT" }],
  problems: [],
};

it("tells what was measured, what is in the topic, and what was skipped", () => {
  expect(kafkaText(RESULT)).toMatchInlineSnapshot(`
    "Kafka: POST to the broker's acknowledgement, medians of 3 rounds of 1 s, 256 connections, 1,259 bytes a record
      server   a POST  notifications/s  ratio  p50 ms  p99 ms  cores of wrk  of server
      direct        1           50,000  1.000     2.0    10.0                0.60
      tidings       1           10,000  0.200     2.0    10.0          0.12  0.97
    Tidings is 0.20 of direct at 1 a POST, 0.34 at 10.
    At a steady rate, each resource over one connection:
      server   sent/s  p50 ms  p99 ms  max ms  lost / repeated / out of order
      tidings   1,000     1.0     2.0     3.0  0 / 1 / 2
    tidings: of 1,100 notifications sent 1,000 were answered 202, and 1,050 are in the topic, each once.
    Skipped: fastapi, as it is not to be had here: spawn python3 ENOENT
    "
  `);
});

it("counts what is there again", () => {
  const checks = RESULT.checks.map((check) => ({ ...check, repeated: 7 }));
  expect(kafkaText({ ...RESULT, checks })).toContain("1,050 are in the topic, 7 of them again.");
});
