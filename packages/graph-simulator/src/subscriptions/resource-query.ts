import { refuse, type Refusal } from "../http/reply.ts";
import type { Filter } from "../odata/filter.ts";
import { parseFilter } from "../odata/parse-filter.ts";
import { queryParameters } from "./query-parameters.ts";

/** The query of a subscribed resource, read. */
export interface ResourceQuery {
  readonly kind: "query";
  /** Without what has no effect. */
  readonly text: string;
  readonly filter: Filter | null;
}

/**
 * The query options a resource may be subscribed to with, by Graph's name of what changes; none where it is not here.
 * What is selected says what a notification carries, not whether there is one.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data
 * @see https://learn.microsoft.com/graph/teams-changenotifications-chatmessage
 */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  message: ["$select", "$filter", "$expand"],
  event: ["$select", "$filter", "$expand"],
  contact: ["$select", "$filter", "$expand"],
  user: ["$select"],
  group: ["$select"],
  presence: ["$filter"],
  chat: ["notifyOnUserSpecificProperties"],
  chatMessage: ["$filter", "$search"],
};

/** Ignored since Teams' notifications are free of charge. */
const IGNORED: ReadonlySet<string> = new Set(["model"]);

/** Reads the query of a resource the simulator holds data of; refuses what the resource cannot be queried by. */
export function readResourceQuery(resourceName: string, query: string): ResourceQuery | Refusal {
  const values = queryParameters(query);
  const parameters = [...values].filter(([name]) => !IGNORED.has(name));
  const allowed = (OPTIONS[resourceName] ?? []).map((name) => name.toLowerCase());
  const excess = parameters.find(([name]) => !allowed.includes(name));
  if (excess) {
    // guess: that only some options are taken is documented, Graph's sentence is not.
    return refuse(
      400,
      "InvalidRequest",
      `The query option '${excess[0]}' is not supported for ${resourceName}.`,
    );
  }
  const filter = readFilter(values);
  if (filter?.kind === "refused") return filter;
  const text = parameters
    .filter(([name]) => name !== "$select")
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  return { kind: "query", text, filter: filter?.kind === "filter" ? filter.filter : null };
}

function readFilter(values: ReadonlyMap<string, string>): ReturnType<typeof readable> | undefined {
  const filter = values.get("$filter");
  if (filter !== undefined) return readable(filter);
  const search = values.get("$search")?.replace(/^"(.*)"$/, "$1");
  return search === undefined
    ? undefined
    : readable(`contains(body/content, '${search.replaceAll("'", "''")}')`);
}

function readable(filter: string): { readonly kind: "filter"; readonly filter: Filter } | Refusal {
  const answer = parseFilter(filter);
  return answer.kind === "filter"
    ? answer
    : refuse(400, "InvalidRequest", `Invalid filter clause: ${answer.reason}`);
}
