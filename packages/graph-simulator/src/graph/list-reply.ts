import type { Entity } from "../entities/entity.ts";
import { refuse, type Refusal, type Reply } from "../http/reply.ts";
import { compareValues, matchesFilter, valueAt } from "../odata/filter.ts";
import { parseFilter } from "../odata/parse-filter.ts";
import { selectProperties } from "./entity-type.ts";
import type { GraphRequest } from "./graph-request.ts";
import { pageReply } from "./page.ts";
import { preferredPageSize } from "./prefer.ts";

/** Entities to be answered as a request's query options ask. */
export interface EntityListing {
  readonly entities: readonly Entity[];
  /** The part of `@odata.context` behind the `#`. */
  readonly context: string;
  /** Page size without `$top`. */
  readonly pageSize: number;
  /** Largest `$top`. */
  readonly maxTop?: number | undefined;
  /** What is answered without `$select`; everything without it. */
  readonly defaultSelect?: string | undefined;
}

/**
 * A page of a listing: `$filter`, `$orderby`, `$top`, `$select` and `$count`, in that order.
 *
 * @see https://learn.microsoft.com/graph/query-parameters
 */
export function listReply(request: GraphRequest, listing: EntityListing): Reply {
  const filtered = filterEntities(listing.entities, request.query.get("$filter"));
  if (filtered.kind === "refused") return filtered;
  const select = request.query.get("$select") ?? listing.defaultSelect ?? null;
  return pageReply(request, {
    items: orderEntities(filtered.entities, request.query.get("$orderby")),
    pageSize: preferredPageSize(request.headers) ?? listing.pageSize,
    maxTop: listing.maxTop,
    context: listing.context,
    render: (entity) => selectProperties(entity, select),
  });
}

/** Those a `$filter` lets through; all of them without one. */
function filterEntities(
  entities: readonly Entity[],
  filter: string | null,
): { readonly kind: "filtered"; readonly entities: readonly Entity[] } | Refusal {
  if (filter === null) return { kind: "filtered", entities };
  const answer = parseFilter(filter);
  if (answer.kind === "unreadable")
    return refuse(400, "BadRequest", `Invalid filter clause: ${answer.reason}`);
  return { kind: "filtered", entities: entities.filter((entity) => matchesFilter(entity, answer.filter)) };
}

/** By the properties an `$orderby` names, the first before the others; as they are without one. */
function orderEntities(entities: readonly Entity[], orderBy: string | null): readonly Entity[] {
  if (orderBy === null) return entities;
  const keys = orderBy.split(",").map((part) => {
    const [path = "", direction] = part.trim().split(/\s+/);
    return { path: path.split("/"), sign: direction?.toLowerCase() === "desc" ? -1 : 1 };
  });
  return entities.toSorted((one, other) => {
    for (const { path, sign } of keys) {
      const order = compareValues(valueAt(one, path), valueAt(other, path)) * sign;
      if (order !== 0) return order;
    }
    return 0;
  });
}
