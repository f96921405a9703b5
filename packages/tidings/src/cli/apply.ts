import type { Applied } from "../core/applied.ts";
import { EXIT } from "./errors.ts";
import { interruption } from "./interruption.ts";
import type { Planner, UpkeepChoices } from "./planner.ts";
import { count, formatCounts, print } from "./print.ts";
import { ProgressLine } from "./progress-line.ts";
import { formatTable, MAX_SENTENCE_LENGTH } from "./table.ts";

export interface ApplyPlanOptions {
  readonly isPruned: boolean;
  readonly isJson: boolean;
  readonly upkeep: UpkeepChoices;
}

/**
 * Does what `plan` shows, and tells how far it is on stderr.
 *
 * @returns the exit code: failed when anything failed, is parked, or was not come to
 */
export async function applyPlan(
  planner: Planner,
  { isPruned, isJson, upkeep }: ApplyPlanOptions,
): Promise<number> {
  const end = new AbortController();
  void interruption().then(() => end.abort());
  const line = new ProgressLine(process.stderr);
  let applied: Applied;
  try {
    applied = await planner.apply({
      ...upkeep,
      prune: isPruned,
      signal: end.signal,
      onProgress: ({ done, total }) => line.tell(done, total),
    });
  } finally {
    line.end();
  }
  await print(applied, isJson, () => format(applied));
  const { failed, parked, left } = applied;
  return failed + parked + left === 0 ? EXIT.ok : EXIT.failed;
}

const KINDS = [
  "created",
  "adopted",
  "renewed",
  "replaced",
  "removed",
  "kept",
  "failed",
  "parked",
  "left",
] as const satisfies readonly (keyof Applied)[];

function format(applied: Applied): string {
  const { problems, failed, parked } = applied;
  const summary = formatCounts(
    KINDS.map((kind) => [applied[kind], kind]),
    "no subscriptions",
  );
  if (problems.length === 0) return summary;
  const table = formatTable(
    ["PROBLEM", "RESOURCE", "TENANT", "WHY"],
    problems.map(({ kind, resource, tenantId, message }) => [kind, resource, tenantId, message]),
    MAX_SENTENCE_LENGTH,
  );
  const more = failed + parked - problems.length;
  return `${table}${more > 0 ? `\nand ${count(more, "other")}` : ""}\n\n${summary}`;
}
