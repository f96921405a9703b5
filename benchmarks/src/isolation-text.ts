import type { SideFigures, TroubleFigures } from "./isolation-figures.ts";
import type { IsolationResult } from "./isolation.ts";
import { table, whole } from "./text-table.ts";

/** For people. */
export function isolationText({ rounds, troubles }: IsolationResult): string {
  return [
    `Isolation: sent to handler start, medians of ${rounds.count} rounds of ${rounds.seconds} s, without the trouble / with it`,
    ...table([HEAD, ...troubles.map((trouble) => rowOf(trouble))]),
    "",
  ].join("\n");
}

const HEAD = [
  "trouble",
  "sent",
  "handled",
  "p50 ms",
  "p99 ms",
  "ratio of p99",
  "max ms",
  "cores of app",
  "MB of app",
  "lost / repeated / out of order",
];

function rowOf({ name, quiet, disturbed, ratio, ...counts }: TroubleFigures): string[] {
  const both = (toText: (side: SideFigures) => string): string => `${toText(quiet)} / ${toText(disturbed)}`;
  return [
    name,
    whole(counts.sent),
    whole(counts.handled),
    both(({ p50Ms }) => p50Ms.toFixed(1)),
    both(({ p99Ms }) => p99Ms.toFixed(1)),
    ratio.toFixed(2),
    both(({ maxMs }) => maxMs.toFixed(1)),
    both(({ appCores }) => appCores.toFixed(2)),
    both(({ appBytes }) => (appBytes / 1e6).toFixed(0)),
    `${counts.lost} / ${counts.repeated} / ${counts.misplaced}`,
  ];
}
