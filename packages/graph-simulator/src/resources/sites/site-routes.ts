import { SHAREPOINT_DIALECT } from "../../delta/delta-dialect.ts";
import type { DeltaQueries } from "../../delta/delta-query.ts";
import type { Entities, EntitySet } from "../../entities/entity-set.ts";
import { addEntityRoutes, entityReply } from "../../entities/entity-routes.ts";
import type { EntityType } from "../../graph/entity-type.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import { isJsonObject } from "../../http/json.ts";
import type { PathParams } from "../../http/path.ts";
import { json, refuse, type Refusal } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import type { Sites } from "./sites.ts";

/** @see https://learn.microsoft.com/graph/api/resources/list#properties */
const LIST_TYPE: EntityType = {
  name: "microsoft.graph.list",
  writable: { columns: "array", description: "string", displayName: "string", list: "object" },
  readOnly: ["id", "createdDateTime", "eTag", "lastModifiedDateTime", "name", "webUrl"],
};

/** @see https://learn.microsoft.com/graph/api/resources/listitem#properties */
const ITEM_TYPE: EntityType = {
  name: "microsoft.graph.listItem",
  writable: { contentType: "object", fields: "object" },
  readOnly: ["id", "createdDateTime", "eTag", "lastModifiedDateTime", "webUrl"],
};

/** guess: page of lists and their items without `$top`. */
const PAGE_SIZE = 200;

const LISTS = "sites/{siteId}/lists";
const ITEMS = `${LISTS}/{listId}/items`;

/**
 * Adds `/sites/{id}` with its lists, their items, and the items' delta function.
 *
 * @see https://learn.microsoft.com/graph/api/listitem-delta
 */
export function addSiteRoutes(router: Router<GraphRequest>, delta: DeltaQueries, sites: Sites): void {
  const openItems = (request: GraphRequest, params: PathParams): OpenedList | Refusal => {
    const site = sites.get(request.caller.tenantId, params.get("siteId"));
    const list = site?.getList(params.get("listId"));
    return site && list ? { kind: "list", listId: list.id, items: site.itemsOf(list.id) } : itemNotFound();
  };
  router.add("GET", "sites/{siteId}", (request, params) => {
    const site = sites.get(request.caller.tenantId, params.get("siteId"));
    if (!site) return itemNotFound();
    return entityReply(200, request, { entity: site.entity, context: "sites" });
  });
  addEntityRoutes(router, {
    path: LISTS,
    context: "lists",
    type: LIST_TYPE,
    pageSize: PAGE_SIZE,
    open: (request, params): Entities | Refusal =>
      sites.get(request.caller.tenantId, params.get("siteId"))?.lists ?? itemNotFound(),
    check: ({ entity, values }) =>
      entity || values["displayName"] !== undefined
        ? undefined
        : refuse(400, "invalidRequest", "A list needs a displayName."),
    notFound: itemNotFound,
  });
  addEntityRoutes(router, {
    path: ITEMS,
    context: "listItems",
    type: ITEM_TYPE,
    pageSize: PAGE_SIZE,
    open: (request, params) => {
      const opened = openItems(request, params);
      return opened.kind === "refused" ? opened : opened.items;
    },
    notFound: itemNotFound,
  });
  router.add("PATCH", `${ITEMS}/{id}/fields`, (request, params) => {
    const opened = openItems(request, params);
    if (opened.kind === "refused") return opened;
    const item = opened.items.get(params.get("id"));
    if (!item) return itemNotFound();
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const before = isJsonObject(item["fields"]) ? item["fields"] : {};
    const fields = { ...before, ...body.value };
    opened.items.update(item, { fields });
    return json(200, { "@odata.context": `${request.root}/$metadata#fieldValueSets/$entity`, ...fields });
  });
  delta.addTo(router, ITEMS, (request, params) => {
    const opened = openItems(request, params);
    if (opened.kind === "refused") return opened;
    return {
      kind: "source",
      dialect: SHAREPOINT_DIALECT,
      collection: opened.items.collection,
      owner: opened.listId,
      context: "Collection(listItem)",
    };
  });
}

interface OpenedList {
  readonly kind: "list";
  readonly listId: string;
  readonly items: EntitySet;
}

function itemNotFound(): Refusal {
  return refuse(404, "itemNotFound", "The resource could not be found.");
}
