import { readProperties } from "../../graph/entity-type.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import { pageReply } from "../../graph/page.ts";
import { textOf, type JsonObject } from "../../http/json.ts";
import type { PathParams } from "../../http/path.ts";
import { empty, json, refuse, type Refusal, type Reply } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import type { Directory } from "./directory.ts";
import { REQUIRED_USER_PROPERTIES, USER_TYPE, userBody, type User } from "./user.ts";

/**
 * `/users`, and the permanent delete of a deleted user.
 *
 * @see https://learn.microsoft.com/graph/api/resources/users
 */
export class UserRoutes {
  readonly #directory: Directory;
  readonly #pageSize: number;

  constructor(directory: Directory, pageSize: number) {
    this.#directory = directory;
    this.#pageSize = pageSize;
  }

  addTo(router: Router<GraphRequest>): void {
    router
      .add("POST", "users", (request) => this.#create(request))
      .add("GET", "users", (request) => this.#list(request))
      .add("GET", "users/{id}", (request, params) => this.#get(request, params))
      .add("PATCH", "users/{id}", (request, params) => this.#update(request, params))
      .add("DELETE", "users/{id}", (request, params) => this.#remove(request, params))
      .add("DELETE", "directory/deletedItems/{id}", (request, params) => this.#purge(request, params));
  }

  #create(request: GraphRequest): Reply {
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const properties = readProperties(body.value, USER_TYPE);
    if (properties.kind === "refused") return properties;
    const refusal =
      missingProperty(properties.values) ?? this.#nameRefusal(request, properties.values, undefined);
    if (refusal) return refusal;
    const user = this.#directory.create(request.caller.tenantId, properties.values);
    return json(201, entityBody(request, user));
  }

  #list(request: GraphRequest): Reply {
    return pageReply(request, {
      items: this.#directory.list(request.caller.tenantId),
      pageSize: this.#pageSize,
      context: "users",
      render: (user) => userBody(user, request.query.get("$select")),
    });
  }

  #get(request: GraphRequest, params: PathParams): Reply {
    const user = this.#find(request, params);
    return user ? json(200, entityBody(request, user)) : notFound(params);
  }

  #update(request: GraphRequest, params: PathParams): Reply {
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const properties = readProperties(body.value, USER_TYPE);
    if (properties.kind === "refused") return properties;
    const user = this.#find(request, params);
    if (!user) return notFound(params);
    const refusal = this.#nameRefusal(request, properties.values, user);
    if (refusal) return refusal;
    this.#directory.update(user, properties.values);
    return empty(204);
  }

  #remove(request: GraphRequest, params: PathParams): Reply {
    const user = this.#find(request, params);
    if (!user) return notFound(params);
    this.#directory.remove(user);
    return empty(204);
  }

  #purge(request: GraphRequest, params: PathParams): Reply {
    const user = this.#directory.findDeleted(request.caller.tenantId, params.get("id"));
    if (!user) return notFound(params);
    this.#directory.purge(user);
    return empty(204);
  }

  #find(request: GraphRequest, params: PathParams): User | undefined {
    return this.#directory.find(request.caller.tenantId, params.get("id"));
  }

  #nameRefusal(request: GraphRequest, values: JsonObject, owner: User | undefined): Refusal | undefined {
    const name = textOf(values, "userPrincipalName");
    const other = name === undefined ? undefined : this.#directory.find(request.caller.tenantId, name);
    if (!other || other.id === owner?.id) return undefined;
    return refuse(
      400,
      "Request_BadRequest",
      "Another object with the same value for property userPrincipalName already exists.",
    );
  }
}

function entityBody(request: GraphRequest, user: User): object {
  return {
    "@odata.context": `${request.root}/$metadata#users/$entity`,
    ...userBody(user, request.query.get("$select")),
  };
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

function notFound(params: PathParams): Refusal {
  return refuse(
    404,
    "Request_ResourceNotFound",
    `Resource '${params.get("id")}' does not exist or one of its queried reference-property objects are not present.`,
  );
}
