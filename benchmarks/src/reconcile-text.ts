import type { ReconcileResult } from "./reconcile.ts";
import { table, whole } from "./text-table.ts";

/** For people. */
export function reconcileText({ subscriptions, aims, renewals, ...figures }: ReconcileResult): string {
  const { fillSeconds, countMs, fileBytes, besideBytes, peakBytes } = figures;
  const rows = aims.map(({ name, unit, value, bound, isMet }) => [
    name,
    value < 100 ? value.toFixed(2) : whole(value),
    whole(bound),
    unit,
    isMet ? "met" : "missed",
  ]);
  const rounds = renewals.map(({ due, rounds, cpuUs }) => {
    const count = rounds.reduce((sum, { rows }) => sum + rows, 0);
    return `${whole(count)} when ${due} were due (${whole(cpuUs)} µs of processor each)`;
  });
  return [
    `Reconcile: ${whole(subscriptions)} subscriptions, stored in ${fillSeconds.toFixed(0)} s, each written twice`,
    ...table([["figure", "is", "aim", "of", "that is"], ...rows]),
    `Claimed and written back: ${rounds.join(", ")}. Counting took ${countMs.toFixed(1)} ms.`,
    `The file has ${whole(fileBytes / subscriptions)} bytes a subscription; ${whole(besideBytes / 1e6)} MB are beside it. At full speed the process had ${whole(peakBytes / 1e6)} MB.`,
    "",
  ].join("\n");
}
