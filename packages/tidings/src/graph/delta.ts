import { isJsonObject } from "../core/json.ts";
import type { Answer } from "./exchange.ts";

/** One answer of a delta query. */
export type DeltaStep =
  /** More follows. */
  | { readonly kind: "page"; readonly items: readonly unknown[]; readonly cursor: string }
  /** That is all for now; with the cursor the next round begins. */
  | { readonly kind: "end"; readonly items: readonly unknown[]; readonly cursor: string }
  /**
   * Graph no longer knows what came before: begin anew, with `cursor` where Graph gave one, else without. What is not
   * told of then has been deleted meanwhile.
   */
  | { readonly kind: "resync"; readonly code: string | undefined; readonly cursor: string | undefined };

/** Outlook says so with other statuses too. @see https://github.com/microsoftgraph/microsoft-graph-docs/issues/2877 */
const RESYNC_CODES: ReadonlySet<string> = new Set([
  "resyncchangesapplydifferences",
  "resyncchangesuploaddifferences",
  "resyncrequired",
  "syncstateinvalid",
  "syncstatenotfound",
]);

/**
 * @param origin where a cursor may lead; another one is dropped, since a token would go with it
 * @see https://learn.microsoft.com/graph/delta-query-overview#synchronization-reset
 */
export function resyncOf({ status, headers, body }: Answer, origin: string): DeltaStep | undefined {
  if (status < 400) return undefined;
  const error = isJsonObject(body) && isJsonObject(body["error"]) ? body["error"] : {};
  const code = typeof error["code"] === "string" ? error["code"] : undefined;
  if (status !== 410 && !RESYNC_CODES.has(code?.toLowerCase() ?? "")) return undefined;
  const location = headers.get("location");
  const isOurs = location !== null && URL.parse(location)?.origin === origin;
  return { kind: "resync", code, cursor: isOurs ? location : undefined };
}
