import type { RichResult } from "./rich.ts";
import { table, whole } from "./text-table.ts";

/** For people. */
export function richText({ rounds, handled, figures, ratio }: RichResult): string {
  const rows = figures.map((entry) => [
    String(entry.cores),
    whole(entry.limitPerSecond),
    whole(entry.handledPerSecond),
    entry.cpuUs.toFixed(0),
    entry.ratio.toFixed(2),
    "",
  ]);
  return [
    `Resource data: store to handler, with token, signature and content, medians of ${rounds} rounds`,
    ...table([["cores", "RSA-2048 a second", "handled a second", "µs of CPU for one", "ratio", ""], ...rows]),
    `${ratio.toFixed(2)} of what the private key can do (aim 0.85). ${whole(handled)} were handled once, in order.`,
    "",
  ].join("\n");
}
