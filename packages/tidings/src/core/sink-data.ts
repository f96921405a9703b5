import type { Change } from "./change.ts";
import { TidingsError } from "./errors.ts";
import type { Clock } from "./ports/clock.ts";

/** What a sink tells of the changed thing, beside what the notification says. */
export type SinkData =
  /** Nobody asked for it. */
  | { readonly kind: "none" }
  /** As it was then, included in the notification. */
  | { readonly kind: "notification"; readonly data: unknown }
  /** As it was when the sink read it. */
  | { readonly kind: "fetch"; readonly data: unknown }
  /** It was deleted, or was not there any more when the sink read it. */
  | { readonly kind: "gone" }
  /** It could not be read, which is no reason to keep back that it changed. */
  | { readonly kind: "failed"; readonly error: string };

/** How long a sink waits for Graph, unless told otherwise, in milliseconds. */
export const DEFAULT_ENRICH_MS = 15_000;

/** Whether a sink reads what changed, and how long it waits for that. */
export type Enrich = boolean | { readonly withinMs: number };

/** What there is to tell of a change. A failure of Graph is told as such; any other is thrown. */
export async function sinkDataOf(change: Change, enrich: Enrich, clock: Clock): Promise<SinkData> {
  if (change.data !== undefined) return { kind: "notification", data: change.data };
  if (enrich === false) return { kind: "none" };
  if (change.changeType === "deleted") return { kind: "gone" };
  return fetched(change, enrich === true ? DEFAULT_ENRICH_MS : enrich.withinMs, clock);
}

/** @throws TypeError with the value shown */
export function assertEnrich(enrich: Enrich): void {
  if (typeof enrich === "boolean" || enrich.withinMs > 0) return;
  throw new TypeError(`Expected \`enrich.withinMs\` to be milliseconds above 0, got \`${enrich.withinMs}\``);
}

async function fetched(change: Change, withinMs: number, clock: Clock): Promise<SinkData> {
  const over = new AbortController();
  const reading = change.fetch().then(
    (data): SinkData => (data === undefined ? { kind: "gone" } : { kind: "fetch", data }),
    (error: unknown): SinkData => {
      if (error instanceof TidingsError) return { kind: "failed", error: error.code };
      throw error;
    },
  );
  const late = clock.sleep(withinMs, over.signal).then((): SinkData => LATE);
  try {
    return await Promise.race([reading, late]);
  } finally {
    over.abort();
    reading.catch(() => {});
  }
}

const LATE: SinkData = { kind: "failed", error: "ERR_GRAPH_UNREACHABLE" };
