import { DIRECTORY_DIALECT } from "../../delta/delta-dialect.ts";
import type { DeltaQueries, DeltaSource } from "../../delta/delta-query.ts";
import type { Entity } from "../../entities/entity.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import type { JsonObject } from "../../http/json.ts";
import { refuse, type Refusal } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import { idsOf } from "../../odata/filter.ts";
import { parseFilter } from "../../odata/parse-filter.ts";
import type { Directory } from "./directory.ts";
import { GROUP_RELATIONSHIPS } from "./group.ts";
import type { Memberships } from "./memberships.ts";
import { DEFAULT_USER_PROPERTIES } from "./user.ts";

/** @see https://learn.microsoft.com/graph/api/user-delta#optional-query-parameters */
const UNSUPPORTED = ["$expand", "$top", "$orderby"] as const;

/** Most objects one filter may name. */
const MAX_FILTERED_IDS = 50;

/**
 * Adds `/users/delta` and `/groups/delta`.
 *
 * @see https://learn.microsoft.com/graph/api/user-delta
 * @see https://learn.microsoft.com/graph/api/group-delta
 */
export function addDirectoryDelta(
  router: Router<GraphRequest>,
  delta: DeltaQueries,
  directory: Directory,
): void {
  delta.addTo(router, "users", ({ caller }, _params, query) =>
    narrowed(query, {
      kind: "source",
      dialect: DIRECTORY_DIALECT,
      collection: directory.users(caller.tenantId).set.collection,
      owner: caller.tenantId,
      context: "users",
      render: (user) =>
        told(user, query.has("$select") ? Object.keys(user) : DEFAULT_USER_PROPERTIES.split(",")),
    }),
  );
  delta.addTo(router, "groups", ({ caller }, _params, query) =>
    narrowed(query, {
      kind: "source",
      dialect: DIRECTORY_DIALECT,
      collection: directory.groups(caller.tenantId).set.collection,
      owner: caller.tenantId,
      context: "groups",
      render: (group, base) => ({
        ...told(group, Object.keys(group)),
        ...relationships(group, { memberships: directory.memberships(caller.tenantId), base, query }),
      }),
      keeps: GROUP_RELATIONSHIPS.map((relationship) => `${relationship}@delta`),
    }),
  );
}

/** With the view the query asks for, or refused for what the directory does not support. */
function narrowed(query: URLSearchParams, source: DeltaSource): DeltaSource | Refusal {
  const unsupported = UNSUPPORTED.find((name) => query.has(name));
  if (unsupported !== undefined) {
    return refuse(
      400,
      "Request_UnsupportedQuery",
      `The query parameter '${unsupported}' is not supported with delta queries.`,
    );
  }
  const filter = query.get("$filter");
  if (filter === null) return source;
  const answer = parseFilter(filter);
  const ids = answer.kind === "filter" ? idsOf(answer.filter) : undefined;
  if (!ids || ids.length > MAX_FILTERED_IDS) {
    return refuse(
      400,
      "Request_UnsupportedQuery",
      `A delta query can only be filtered by the ids of at most ${MAX_FILTERED_IDS} objects.`,
    );
  }
  const wanted = new Set(ids.map((id) => id.toLowerCase()));
  return { ...source, isAbout: (id) => wanted.has(id) };
}

/** Properties without a value are left out. */
function told(object: Entity, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, object[name]]).filter(([, value]) => value !== null));
}

/** `members@delta` and `owners@delta`, as far as they are selected and changed. */
function relationships(
  group: Entity,
  { memberships, base, query }: { memberships: Memberships; base: number; query: URLSearchParams },
): JsonObject {
  // Without $select, members are told and owners are not.
  const selected = new Set((query.get("$select") ?? "members").split(",").map((name) => name.trim()));
  return Object.fromEntries(
    GROUP_RELATIONSHIPS.filter((relationship) => selected.has(relationship)).flatMap((relationship) => {
      const changes = memberships.delta(group, relationship, base);
      return changes ? [[`${relationship}@delta`, changes]] : [];
    }),
  );
}
