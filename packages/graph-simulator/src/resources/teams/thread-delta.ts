import { TEAMS_DIALECT } from "../../delta/delta-dialect.ts";
import type { DeltaSource, OpenDelta } from "../../delta/delta-query.ts";
import { refuse } from "../../http/reply.ts";
import { matchesFilter, type Filter } from "../../odata/filter.ts";
import { parseFilter } from "../../odata/parse-filter.ts";
import { conversationNotFound, type FindThread } from "./thread-routes.ts";

/**
 * The delta function of a thread. Only newer messages may be asked for: `$filter=lastModifiedDateTime gt {instant}`.
 *
 * @see https://learn.microsoft.com/graph/api/chatmessage-delta#optional-query-parameters
 */
export function threadDelta(find: FindThread): OpenDelta {
  return ({ caller }, params, query) => {
    const thread = find(caller.tenantId, params);
    if (!thread) return conversationNotFound();
    const source: DeltaSource = {
      kind: "source",
      dialect: TEAMS_DIALECT,
      collection: thread.set.collection,
      owner: caller.tenantId,
      context: "Collection(chatMessage)",
    };
    const text = query.get("$filter");
    if (text === null) return source;
    const answer = parseFilter(text);
    if (answer.kind === "unreadable" || !isOfModifiedTime(answer.filter)) {
      return refuse(400, "BadRequest", "Only $filter=lastModifiedDateTime gt {dateTime} is supported.");
    }
    const { filter } = answer;
    return { ...source, isInView: (message) => matchesFilter(message, filter) };
  };
}

function isOfModifiedTime(filter: Filter): boolean {
  return (
    filter.kind === "compare" &&
    filter.how === "gt" &&
    filter.left.kind === "path" &&
    filter.left.path.join("/").toLowerCase() === "lastmodifieddatetime"
  );
}
