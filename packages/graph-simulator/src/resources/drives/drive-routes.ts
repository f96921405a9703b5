import { SHAREPOINT_DIALECT } from "../../delta/delta-dialect.ts";
import type { DeltaQueries } from "../../delta/delta-query.ts";
import type { Entity } from "../../entities/entity.ts";
import { entityReply } from "../../entities/entity-routes.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import { listReply } from "../../graph/list-reply.ts";
import { isJsonObject, textOf, type JsonObject } from "../../http/json.ts";
import type { PathParams } from "../../http/path.ts";
import { empty, json, refuse, type Refusal, type Reply } from "../../http/reply.ts";
import type { Handler, Router } from "../../http/router.ts";
import { parentIdOf, type Drive, type FileContent } from "./drive.ts";

/** guess: page of a folder without `$top`. */
const CHILDREN_PAGE_SIZE = 200;

/** Finds the drive a path begins with. */
export type FindDrive = (tenantId: string, params: PathParams) => Drive | undefined;

interface OnItem {
  readonly drive: Drive;
  readonly item: Entity;
  readonly request: GraphRequest;
}

/**
 * Adds a drive's items under one of the paths that lead to a drive, by id and by path, and its delta function.
 *
 * @param prefix for example `users/{userId}/drive`
 * @see https://learn.microsoft.com/graph/api/resources/driveitem#methods
 */
export function addDriveRoutes(
  router: Router<GraphRequest>,
  { prefix, find, delta }: { prefix: string; find: FindDrive; delta: DeltaQueries },
): void {
  const opened =
    (operate: (drive: Drive, request: GraphRequest, params: PathParams) => Reply): Handler<GraphRequest> =>
    (request, params) => {
      const drive = find(request.caller.tenantId, params);
      return drive ? operate(drive, request, params) : itemNotFound();
    };
  const onItem = (itemOf: ItemOf, operate: (on: OnItem) => Reply): Handler<GraphRequest> =>
    opened((drive, request, params) => {
      const item = itemOf(drive, params);
      return item ? operate({ drive, item, request }) : itemNotFound();
    });

  router.add(
    "GET",
    prefix,
    opened((drive, request) => json(200, driveBody(drive, request))),
  );
  for (const { path, itemOf } of ADDRESSES) {
    const address = `${prefix}/${path}`;
    router
      .add("GET", address, onItem(itemOf, getItem))
      .add("PATCH", address, onItem(itemOf, updateItem))
      .add("DELETE", address, onItem(itemOf, removeItem))
      .add("GET", `${address}/children`, onItem(itemOf, listChildren))
      .add("POST", `${address}/children`, onItem(itemOf, createFolder));
  }
  router
    .add("PUT", `${prefix}/items/{itemId}/content`, onItem(byId, replaceContent))
    .add(
      "PUT",
      `${prefix}/root/:/{path}/content`,
      opened((drive, request, params) => upload(drive, drive.root, { request, params })),
    )
    .add(
      "PUT",
      `${prefix}/items/{itemId}/:/{path}/content`,
      opened((drive, request, params) => {
        const parent = byId(drive, params);
        return parent ? upload(drive, parent, { request, params }) : itemNotFound();
      }),
    );
  delta.addTo(router, `${prefix}/root`, (request, params) => {
    const drive = find(request.caller.tenantId, params);
    if (!drive) return itemNotFound();
    return {
      kind: "source",
      dialect: SHAREPOINT_DIALECT,
      collection: drive.items,
      owner: drive.id,
      context: "Collection(driveItem)",
    };
  });
}

type ItemOf = (drive: Drive, params: PathParams) => Entity | undefined;

function byId(drive: Drive, params: PathParams): Entity | undefined {
  const id = params.get("itemId");
  return id.toLowerCase() === "root" ? drive.root : drive.items.get(id);
}

/** The ways to name an item. @see https://learn.microsoft.com/graph/onedrive-addressing-driveitems */
const ADDRESSES: readonly { readonly path: string; readonly itemOf: ItemOf }[] = [
  { path: "root", itemOf: (drive) => drive.root },
  { path: "items/{itemId}", itemOf: byId },
  { path: "root/:/{path}", itemOf: (drive, params) => drive.at(params.get("path")) },
];

function driveBody(drive: Drive, request: GraphRequest): JsonObject {
  return {
    "@odata.context": `${request.root}/$metadata#drives/$entity`,
    id: drive.id,
    driveType: "business",
    name: "OneDrive",
  };
}

function getItem({ item, request }: OnItem): Reply {
  return itemReply(200, request, item);
}

function listChildren({ drive, item, request }: OnItem): Reply {
  return listReply(request, {
    entities: drive.childrenOf(item),
    context: "Collection(driveItem)",
    pageSize: CHILDREN_PAGE_SIZE,
  });
}

function createFolder({ drive, item: parent, request }: OnItem): Reply {
  const body = readJsonBody(request);
  if (body.kind === "refused") return body;
  const name = textOf(body.value, "name");
  if (name === undefined || !isJsonObject(body.value["folder"])) {
    return refuse(400, "invalidRequest", "A folder needs a name and the folder facet.");
  }
  const behavior = textOf(body.value, "@microsoft.graph.conflictBehavior") ?? "fail";
  const taken = drive.childNamed(parent, name) !== undefined;
  if (taken && behavior !== "rename") return nameExists();
  return itemReply(201, request, drive.createFolder(parent, taken ? freeName(drive, parent, name) : name));
}

function updateItem({ drive, item, request }: OnItem): Reply {
  const body = readJsonBody(request);
  if (body.kind === "refused") return body;
  if (item.id === drive.rootId) return refuse(400, "invalidRequest", "The root cannot be changed.");
  const reference = body.value["parentReference"];
  const parentId = isJsonObject(reference) ? textOf(reference, "id") : undefined;
  const parent = parentId === undefined ? undefined : drive.items.get(parentId);
  if (parentId !== undefined && !parent) return itemNotFound();
  const { name, description } = body.value;
  const values = { ...(name !== undefined && { name }), ...(description !== undefined && { description }) };
  const holder = parent ?? drive.items.get(parentIdOf(item) ?? "") ?? drive.root;
  const other = drive.childNamed(holder, textOf({ ...item, ...values }, "name") ?? "");
  if (other && other.id !== item.id) return nameExists();
  return itemReply(200, request, drive.update(item, values, parent));
}

function removeItem({ drive, item }: OnItem): Reply {
  if (item.id === drive.rootId) return refuse(400, "invalidRequest", "The root cannot be deleted.");
  drive.remove(item);
  return empty(204);
}

function replaceContent({ drive, item, request }: OnItem): Reply {
  return itemReply(200, request, drive.replaceContent(item, contentOf(request)));
}

/** Uploads to a path below an item: a new file, or new content of the one that is there. */
function upload(
  drive: Drive,
  start: Entity,
  { request, params }: { request: GraphRequest; params: PathParams },
): Reply {
  const names = params.get("path").split("/");
  const name = names.pop() ?? "";
  let parent = start;
  // The folders on the way are made, as OneDrive does.
  for (const folder of names) parent = drive.childNamed(parent, folder) ?? drive.createFolder(parent, folder);
  const file = drive.childNamed(parent, name);
  if (file) return itemReply(200, request, drive.replaceContent(file, contentOf(request)));
  return itemReply(201, request, drive.createFile(parent, name, contentOf(request)));
}

function contentOf(request: GraphRequest): FileContent {
  return { text: request.body, mimeType: request.headers["content-type"] ?? "application/octet-stream" };
}

function freeName(drive: Drive, parent: Entity, name: string): string {
  for (let count = 1; ; count += 1) {
    const candidate = `${name} ${count}`;
    if (!drive.childNamed(parent, candidate)) return candidate;
  }
}

function itemReply(status: number, request: GraphRequest, entity: Entity): Reply {
  return entityReply(status, request, { entity, context: "driveItems" });
}

function itemNotFound(): Refusal {
  return refuse(404, "itemNotFound", "The resource could not be found.");
}

function nameExists(): Refusal {
  return refuse(409, "nameAlreadyExists", "An item with the same name already exists under the parent.");
}
