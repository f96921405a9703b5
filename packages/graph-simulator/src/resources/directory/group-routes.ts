import type { Entity } from "../../entities/entity.ts";
import { addEntityRoutes } from "../../entities/entity-routes.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import { textsOf, type JsonObject } from "../../http/json.ts";
import { refuse, type Refusal } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import type { Directory } from "./directory.ts";
import { GROUP_RELATIONSHIPS, GROUP_TYPE, REQUIRED_GROUP_PROPERTIES } from "./group.ts";
import { referencedId } from "./member-routes.ts";
import { objectNotFound } from "./object-not-found.ts";

/** Adds `/groups`. @see https://learn.microsoft.com/graph/api/resources/groups-overview */
export function addGroupRoutes(router: Router<GraphRequest>, directory: Directory, pageSize: number): void {
  addEntityRoutes(router, {
    path: "groups",
    context: "groups",
    type: GROUP_TYPE,
    pageSize,
    updateStatus: 204,
    open: ({ caller }) => directory.groups(caller.tenantId),
    check: ({ entity, values }) => (entity ? undefined : missingProperty(values)),
    written: ({ request, entity, body }) =>
      bindMembers(directory, request.caller.tenantId, { group: entity, body }),
    notFound: objectNotFound,
  });
}

/** `members@odata.bind` and `owners@odata.bind`: addresses of those to add. Unknown ones are passed over. */
function bindMembers(
  directory: Directory,
  tenantId: string,
  { group, body }: { group: Entity; body: JsonObject },
): void {
  const memberships = directory.memberships(tenantId);
  for (const relationship of GROUP_RELATIONSHIPS) {
    for (const reference of textsOf(body[`${relationship}@odata.bind`])) {
      const found = directory.findObject(tenantId, referencedId(reference));
      if (found) memberships.add(group, relationship, { type: found.type, id: found.object.id });
    }
  }
}

function missingProperty(values: JsonObject): Refusal | undefined {
  const missing = REQUIRED_GROUP_PROPERTIES.find(
    (name) => values[name] === undefined || values[name] === null,
  );
  return (
    missing &&
    refuse(400, "Request_BadRequest", `A value is required for property '${missing}' of resource 'Group'.`)
  );
}
