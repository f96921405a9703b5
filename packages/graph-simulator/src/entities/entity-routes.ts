import {
  readProperties,
  selectProperties,
  type EntityType,
  type PropertyValues,
} from "../graph/entity-type.ts";
import { readJsonBody, type GraphRequest } from "../graph/graph-request.ts";
import { listReply } from "../graph/list-reply.ts";
import type { JsonObject } from "../http/json.ts";
import type { PathParams } from "../http/path.ts";
import { empty, json, type Refusal, type Reply } from "../http/reply.ts";
import type { Handler, Router } from "../http/router.ts";
import type { Entity } from "./entity.ts";
import type { Entities } from "./entity-set.ts";

/** A write that may still be refused. */
export interface PendingWrite {
  readonly entities: Entities;
  /** The entity that is written to; absent when one is made. */
  readonly entity: Entity | undefined;
  readonly values: JsonObject;
}

/** What is particular about the requests of a kind of entity. */
export interface EntityRoutes {
  /** Of the collection, for example `users/{userId}/contacts`. */
  readonly path: string;
  /**
   * Of one entity; ends in `{id}`.
   * @default the collection's path and `{id}`
   */
  readonly itemPath?: string | undefined;
  /** @default all */
  readonly operations?: readonly Operation[] | undefined;
  /** The part of `@odata.context` behind the `#`. */
  readonly context: string;
  readonly type: EntityType;
  /** Page of a listing without `$top`. */
  readonly pageSize: number;
  /** Largest `$top`. */
  readonly maxTop?: number | undefined;
  /** What is answered without `$select`; everything without it. */
  readonly defaultSelect?: string | undefined;
  /** A change is answered with the entity, or with nothing. */
  readonly updateStatus?: 200 | 204 | undefined;
  readonly open: (request: GraphRequest, params: PathParams) => Entities | Refusal;
  /** Why the write may not be. */
  readonly check?: ((write: PendingWrite) => Refusal | undefined) | undefined;
  /** What else a write asks for: references, in the form of `{name}@odata.bind`. */
  readonly written?: ((write: DoneWrite) => void) | undefined;
  readonly notFound: (id: string) => Refusal;
}

/** A write that was made. */
export interface DoneWrite {
  readonly request: GraphRequest;
  readonly entity: Entity;
  /** The whole body of the request. */
  readonly body: JsonObject;
}

const OPERATIONS = ["list", "create", "get", "update", "remove"] as const;

export type Operation = (typeof OPERATIONS)[number];

/** The five operations every kind of entity has, on the paths of one of them. */
export function addEntityRoutes(router: Router<GraphRequest>, routes: EntityRoutes): void {
  const { path, itemPath = `${path}/{id}`, operations = OPERATIONS } = routes;
  const ofAll =
    (operate: (operating: Operating, params: PathParams) => Reply): Handler<GraphRequest> =>
    (request, params) => {
      const entities = routes.open(request, params);
      return entities.kind === "refused" ? entities : operate({ routes, request, entities }, params);
    };
  const ofOne = (operate: (operating: OperatingOnOne) => Reply): Handler<GraphRequest> =>
    ofAll((operating, params) => {
      const id = params.get("id");
      const entity = operating.entities.get(id);
      return entity ? operate({ ...operating, entity }) : routes.notFound(id);
    });
  if (operations.includes("list")) router.add("GET", path, ofAll(list));
  if (operations.includes("create")) router.add("POST", path, ofAll(create));
  if (operations.includes("get")) router.add("GET", itemPath, ofOne(get));
  if (operations.includes("update")) router.add("PATCH", itemPath, ofOne(update));
  if (operations.includes("remove")) router.add("DELETE", itemPath, ofOne(remove));
}

/** One entity as the answer to a request: what is selected of it. */
export function entityReply(
  status: number,
  request: GraphRequest,
  { entity, context, defaultSelect }: { entity: Entity; context: string; defaultSelect?: string | undefined },
): Reply {
  return json(status, {
    "@odata.context": `${request.root}/$metadata#${context}/$entity`,
    ...selectProperties(entity, request.query.get("$select") ?? defaultSelect ?? null),
  });
}

interface Operating {
  readonly routes: EntityRoutes;
  readonly request: GraphRequest;
  readonly entities: Entities;
}

interface OperatingOnOne extends Operating {
  readonly entity: Entity;
}

function list({ routes, request, entities }: Operating): Reply {
  return listReply(request, { ...routes, entities: entities.list() });
}

function create({ routes, request, entities }: Operating): Reply {
  const written = readWrite(routes, request, { entities, entity: undefined });
  if (written.kind === "refused") return written;
  const entity = entities.create(written.values);
  routes.written?.({ request, entity, body: written.body });
  return entityReply(201, request, { ...routes, entity });
}

function get({ routes, request, entity }: OperatingOnOne): Reply {
  return entityReply(200, request, { ...routes, entity });
}

function update({ routes, request, entities, entity }: OperatingOnOne): Reply {
  const written = readWrite(routes, request, { entities, entity });
  if (written.kind === "refused") return written;
  const updated = entities.update(entity, written.values);
  routes.written?.({ request, entity: updated, body: written.body });
  return routes.updateStatus === 204 ? empty(204) : entityReply(200, request, { ...routes, entity: updated });
}

function remove({ entities, entity }: OperatingOnOne): Reply {
  entities.remove(entity);
  return empty(204);
}

/** Reads the body of a write to these routes, and refuses what may not be written. */
function readWrite(
  routes: EntityRoutes,
  request: GraphRequest,
  target: Omit<PendingWrite, "values">,
): (PropertyValues & { readonly body: JsonObject }) | Refusal {
  const body = readJsonBody(request);
  if (body.kind === "refused") return body;
  const properties = readProperties(body.value, routes.type);
  if (properties.kind === "refused") return properties;
  return routes.check?.({ ...target, values: properties.values }) ?? { ...properties, body: body.value };
}
