import type { JsonObject } from "../http/json.ts";
import { json, refuse, type Reply } from "../http/reply.ts";
import type { GraphRequest } from "./graph-request.ts";

/** A listing to be answered page by page. */
export interface Listing<Item> {
  readonly items: readonly Item[];
  /** Page size without `$top`. */
  readonly pageSize: number;
  /** Largest `$top`; 999 without it. */
  readonly maxTop?: number | undefined;
  /** The part of `@odata.context` behind the `#`. */
  readonly context: string;
  readonly render: (item: Item) => JsonObject;
}

/** Largest `$top` Graph takes on most collections. */
const MAX_TOP = 999;

/**
 * One page of a listing, with the link to the next.
 *
 * The `$skiptoken` is how many items the pages before had. As with Graph's own, an item made or removed between two
 * pages may be seen twice or not at all.
 *
 * @see https://learn.microsoft.com/graph/paging
 */
export function pageReply<Item>(request: GraphRequest, listing: Listing<Item>): Reply {
  const maxTop = listing.maxTop ?? MAX_TOP;
  const size = readCount(request.query.get("$top"), listing.pageSize);
  if (size === undefined || size === 0 || size > maxTop) {
    return refuse(400, "BadRequest", `Invalid page size specified: it must be between 1 and ${maxTop}.`);
  }
  const start = readCount(request.query.get("$skiptoken"), 0);
  if (start === undefined) return refuse(400, "BadRequest", "The $skiptoken is not valid.");
  const end = start + size;
  return json(200, {
    "@odata.context": `${request.root}/$metadata#${listing.context}`,
    ...(request.query.get("$count") === "true" ? { "@odata.count": listing.items.length } : {}),
    ...(end < listing.items.length ? { "@odata.nextLink": nextLink(request, end) } : {}),
    value: listing.items.slice(start, end).map((item) => listing.render(item)),
  });
}

function nextLink(request: GraphRequest, start: number): string {
  const query = new URLSearchParams(request.query);
  query.set("$skiptoken", String(start));
  return `${request.origin}${request.path}?${query.toString()}`;
}

/** A count of the query string, `fallback` when it is not there, `undefined` when it is no count. */
function readCount(text: string | null, fallback: number): number | undefined {
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
