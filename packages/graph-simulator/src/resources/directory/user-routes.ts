import { addEntityRoutes, type PendingWrite } from "../../entities/entity-routes.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import { textOf, type JsonObject } from "../../http/json.ts";
import { refuse, type Refusal } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import type { Directory } from "./directory.ts";
import { objectNotFound } from "./object-not-found.ts";
import { DEFAULT_USER_PROPERTIES, REQUIRED_USER_PROPERTIES, USER_TYPE } from "./user.ts";

/** Adds `/users`. @see https://learn.microsoft.com/graph/api/resources/users */
export function addUserRoutes(router: Router<GraphRequest>, directory: Directory, pageSize: number): void {
  addEntityRoutes(router, {
    path: "users",
    context: "users",
    type: USER_TYPE,
    pageSize,
    defaultSelect: DEFAULT_USER_PROPERTIES,
    updateStatus: 204,
    open: ({ caller }) => directory.users(caller.tenantId),
    check: (write) => (write.entity ? undefined : missingProperty(write.values)) ?? nameRefusal(write),
    notFound: objectNotFound,
  });
}

function missingProperty(values: JsonObject): Refusal | undefined {
  const missing = REQUIRED_USER_PROPERTIES.find(
    (name) => values[name] === undefined || values[name] === null,
  );
  return (
    missing &&
    refuse(400, "Request_BadRequest", `A value is required for property '${missing}' of resource 'User'.`)
  );
}

function nameRefusal({ entities, entity, values }: PendingWrite): Refusal | undefined {
  const name = textOf(values, "userPrincipalName");
  const other = name === undefined ? undefined : entities.get(name);
  if (!other || other.id === entity?.id) return undefined;
  return refuse(
    400,
    "Request_BadRequest",
    "Another object with the same value for property userPrincipalName already exists.",
  );
}
