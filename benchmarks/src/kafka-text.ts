import type { FullFigures, SteadyFigures, TopicCheck } from "./kafka-figures.ts";
import type { KafkaResult } from "./kafka.ts";
import { table, whole } from "./text-table.ts";

/** For people. */
export function kafkaText(result: KafkaResult): string {
  const { rounds, connections, recordBytes, figures, ratio, ratioOf10, steady, checks, skipped } = result;
  return [
    `Kafka: POST to the broker's acknowledgement, medians of ${rounds.count} rounds of ${rounds.seconds} s, ${connections} connections, ${whole(recordBytes)} bytes a record`,
    ...table([FULL_HEAD, ...figures.map((entry) => fullRow(entry))]),
    `Tidings is ${ratio.toFixed(2)} of direct at 1 a POST, ${ratioOf10.toFixed(2)} at 10.`,
    "At a steady rate, each resource over one connection:",
    ...table([STEADY_HEAD, ...steady.map((entry) => steadyRow(entry))]),
    ...checks.map((check) => checkText(check)),
    ...skipped.map(({ server, reason }) => `Skipped: ${server}, as it is not to be had here: ${reason}`),
    "",
  ].join("\n");
}

const FULL_HEAD = [
  "server",
  "a POST",
  "notifications/s",
  "ratio",
  "p50 ms",
  "p99 ms",
  "cores of wrk",
  "of server",
];

function fullRow(entry: FullFigures): string[] {
  const cores = (value: number | undefined): string => value?.toFixed(2) ?? "";
  return [
    entry.server,
    String(entry.itemsPerPost),
    whole(entry.notificationsPerSecond),
    entry.ratio.toFixed(3),
    entry.p50Ms.toFixed(1),
    entry.p99Ms.toFixed(1),
    cores(entry.loadCores),
    cores(entry.serverCores),
  ];
}

const STEADY_HEAD = ["server", "sent/s", "p50 ms", "p99 ms", "max ms", "lost / repeated / out of order"];

function steadyRow({ server, perSecond, acknowledged, ...counts }: SteadyFigures): string[] {
  return [
    server,
    whole(perSecond),
    acknowledged.p50Ms.toFixed(1),
    acknowledged.p99Ms.toFixed(1),
    acknowledged.maxMs.toFixed(1),
    `${counts.lost} / ${counts.repeated} / ${counts.misplaced}`,
  ];
}

function checkText({ server, sent, answered, distinct, repeated }: TopicCheck): string {
  const again = repeated === 0 ? "each once" : `${whole(repeated)} of them again`;
  return `${server}: of ${whole(sent)} notifications sent ${whole(answered)} were answered 202, and ${whole(distinct)} are in the topic, ${again}.`;
}
