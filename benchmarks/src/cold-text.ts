import type { ColdResult } from "./cold.ts";
import { table, whole } from "./text-table.ts";

/** What a cold start may take, milliseconds. */
const AIM_MS = 400;

/** For people. */
export function coldText({ rounds, figures }: ColdResult): string {
  const rows = figures.map(({ server, medianMs, slowestMs, ratio }) => [
    server,
    whole(medianMs),
    whole(slowestMs),
    ratio.toFixed(2),
    server === "bare" ? "" : medianMs <= AIM_MS ? "met" : "missed",
  ]);
  return [
    `Cold start: from the start of the process to a right answer to a handshake, medians of ${rounds}`,
    ...table([["server", "ms", "slowest ms", "ratio", `aim of ${AIM_MS} ms`], ...rows]),
    "",
  ].join("\n");
}
