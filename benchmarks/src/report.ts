import { coldText } from "./cold-text.ts";
import type { ColdResult } from "./cold.ts";
import type { DispatchResult } from "./dispatch.ts";
import type { IngestResult } from "./ingest.ts";
import { isolationText } from "./isolation-text.ts";
import type { IsolationResult } from "./isolation.ts";
import type { Machine } from "./machine.ts";
import { kafkaText } from "./kafka-text.ts";
import type { KafkaResult } from "./kafka.ts";
import { reconcileText } from "./reconcile-text.ts";
import type { ReconcileResult } from "./reconcile.ts";
import { richText } from "./rich-text.ts";
import type { RichResult } from "./rich.ts";
import { table, whole } from "./text-table.ts";

/** Everything that one run found out. */
export interface Report {
  readonly machine: Machine;
  readonly ingest: IngestResult | undefined;
  readonly dispatch: DispatchResult | undefined;
  readonly isolation: IsolationResult | undefined;
  readonly reconcile: ReconcileResult | undefined;
  readonly rich: RichResult | undefined;
  readonly cold: ColdResult | undefined;
  readonly kafka: KafkaResult | undefined;
}

export function problemsOf({
  ingest,
  dispatch,
  isolation,
  reconcile,
  rich,
  cold,
  kafka,
}: Report): readonly string[] {
  return [ingest?.check, dispatch, isolation, reconcile, rich, cold, kafka].flatMap(
    (part) => part?.problems ?? [],
  );
}

/** One JSON object on one line. */
export function toJsonLine(report: Report): string {
  const problems = problemsOf(report);
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === "number" ? Number(value.toPrecision(6)) : value;
  const all = {
    ok: problems.length === 0,
    problems,
    ratio: (report.ingest ?? report.rich ?? report.kafka)?.ratio,
    ...report,
  };
  return `${JSON.stringify(all, rounded)}\n`;
}

/** For people. */
export function toText({
  machine,
  ingest,
  dispatch,
  isolation,
  reconcile,
  rich,
  cold,
  kafka,
}: Report): string {
  const parts = [machineText(machine), ...(ingest === undefined ? [] : [ingestText(ingest)])];
  if (dispatch !== undefined) parts.push(dispatchText(dispatch));
  if (isolation !== undefined) parts.push(isolationText(isolation));
  if (reconcile !== undefined) parts.push(reconcileText(reconcile));
  if (rich !== undefined) parts.push(richText(rich));
  if (cold !== undefined) parts.push(coldText(cold));
  if (kafka !== undefined) parts.push(kafkaText(kafka));
  return parts.join("\n");
}

function machineText({ cores, processor, platform, node, flushMs }: Machine): string {
  return `${cores} cores (${processor}), ${platform}, Node ${node}, disk flush ${flushMs.toFixed(2)} ms\n`;
}

function ingestText({ figures, ratio, ratioOf10, check, ...shape }: IngestResult): string {
  const { rounds, secondsPerRound, connections, itemBytes } = shape;
  const rows = figures.map((entry) => [
    entry.server,
    String(entry.itemsPerPost),
    whole(entry.postsPerSecond),
    whole(entry.notificationsPerSecond),
    entry.p50Ms.toFixed(1),
    entry.p99Ms.toFixed(1),
    entry.loadCores.toFixed(2),
    entry.serverCores.toFixed(2),
    entry.threads
      .map(({ thread, cores, delayP99Ms }) => `${thread} ${cores.toFixed(2)} (${delayP99Ms.toFixed(0)} ms)`)
      .join(", "),
  ]);
  return [
    `Ingest: medians of ${rounds} rounds of ${secondsPerRound} s, ${connections} connections, ${itemBytes} bytes a notification`,
    ...table([INGEST_HEAD, ...rows]),
    `Durable is ${ratio.toFixed(2)} of bare at 1 a POST, ${ratioOf10.toFixed(2)} at 10.`,
    `Of ${whole(check.sent)} notifications sent ${whole(check.answered)} were answered 202, and ${whole(check.waiting)} are in the store.`,
    "",
  ].join("\n");
}

const INGEST_HEAD = [
  "server",
  "a POST",
  "POSTs/s",
  "notifications/s",
  "p50 ms",
  "p99 ms",
  "cores of wrk",
  "of server",
  "cores of its threads (event loop late at p99)",
];

function dispatchText({ rates, drain, resources }: DispatchResult): string {
  const rows = rates.map((entry) => [
    whole(entry.perSecond),
    entry.sinceSent.p50Ms.toFixed(1),
    entry.sinceSent.p99Ms.toFixed(1),
    entry.sinceSent.maxMs.toFixed(1),
    entry.sinceDue.p99Ms.toFixed(1),
    entry.acknowledged.p99Ms.toFixed(1),
    entry.senderCores.toFixed(2),
    entry.appCores.toFixed(2),
    `${entry.lost} / ${entry.repeated} / ${entry.misplaced}`,
  ]);
  return [
    `Dispatch: sent to handler start, ${whole(resources)} resources of unequal shares`,
    ...table([DISPATCH_HEAD, ...rows]),
    `A backlog of ${whole(drain.backlog)} was handled at ${whole(drain.perSecond)}/s, with ${drain.appCores.toFixed(2)} cores.`,
    "",
  ].join("\n");
}

const DISPATCH_HEAD = [
  "sent/s",
  "p50 ms",
  "p99 ms",
  "max ms",
  "p99 since due",
  "202 p99 ms",
  "cores of sender",
  "of app",
  "lost / repeated / out of order",
];
