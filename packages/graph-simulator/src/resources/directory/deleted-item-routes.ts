import type { Entity } from "../../entities/entity.ts";
import { entityReply } from "../../entities/entity-routes.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import { listReply } from "../../graph/list-reply.ts";
import type { PathParams } from "../../http/path.ts";
import { empty, type Reply } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import type { Directory } from "./directory.ts";
import type { DirectoryObjects } from "./directory-objects.ts";
import { objectNotFound } from "./object-not-found.ts";

/**
 * Adds `/directory/deletedItems`: what was deleted and can be restored, or ended for good.
 *
 * @see https://learn.microsoft.com/graph/api/resources/directory
 */
export function addDeletedItemRoutes(
  router: Router<GraphRequest>,
  directory: Directory,
  pageSize: number,
): void {
  const one = "directory/deletedItems/{id}";
  const ofDeleted =
    (operate: (objects: DirectoryObjects, object: Entity, request: GraphRequest) => Reply) =>
    (request: GraphRequest, params: PathParams): Reply => {
      const id = params.get("id");
      const { tenantId } = request.caller;
      for (const objects of [directory.users(tenantId), directory.groups(tenantId)]) {
        const object = objects.getDeleted(id);
        if (object) return operate(objects, object, request);
      }
      return objectNotFound(id);
    };
  const listOf =
    (objects: (tenantId: string) => DirectoryObjects, context: string) =>
    (request: GraphRequest): Reply =>
      listReply(request, { entities: objects(request.caller.tenantId).listDeleted(), context, pageSize });
  router
    .add(
      "GET",
      "directory/deletedItems/microsoft.graph.user",
      listOf((tenantId) => directory.users(tenantId), "users"),
    )
    .add(
      "GET",
      "directory/deletedItems/microsoft.graph.group",
      listOf((tenantId) => directory.groups(tenantId), "groups"),
    )
    .add(
      "GET",
      one,
      ofDeleted((_objects, entity, request) =>
        entityReply(200, request, { entity, context: "directoryObjects" }),
      ),
    )
    .add(
      "POST",
      `${one}/restore`,
      ofDeleted((objects, object, request) =>
        entityReply(200, request, { entity: objects.restore(object), context: "directoryObjects" }),
      ),
    )
    .add(
      "DELETE",
      one,
      ofDeleted((objects, object) => {
        objects.purge(object);
        return empty(204);
      }),
    );
}
