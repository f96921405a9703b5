import { entityReply } from "../../entities/entity-routes.ts";
import type { Entity } from "../../entities/entity.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import { textOf, textsOf, type JsonObject } from "../../http/json.ts";
import type { PathParams } from "../../http/path.ts";
import { empty, json, refuse, type Reply } from "../../http/reply.ts";
import type { Handler, Router } from "../../http/router.ts";
import type { Directory } from "../directory/directory.ts";
import { objectNotFound } from "../directory/object-not-found.ts";
import type { Presences } from "./presence.ts";

/** Most users one request may ask for. @see https://learn.microsoft.com/graph/api/cloudcommunications-getpresencesbyuserid */
const MAX_IDS = 650;

/**
 * Adds the presence of users.
 *
 * @see https://learn.microsoft.com/graph/api/resources/presence#methods
 */
export function addPresenceRoutes(
  router: Router<GraphRequest>,
  directory: Directory,
  presences: Presences,
): void {
  const ofUser =
    (operate: (user: Entity, request: GraphRequest) => Reply): Handler<GraphRequest> =>
    (request: GraphRequest, params: PathParams) => {
      const user = directory.users(request.caller.tenantId).get(params.get("userId"));
      return user ? operate(user, request) : objectNotFound(params.get("userId"));
    };
  const read = ofUser((user, request) =>
    entityReply(200, request, { entity: presences.of(request.caller.tenantId, user), context: "presences" }),
  );
  const write = ofUser((user, request) => {
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const values = readPresence(body.value);
    if (!values) return refuse(400, "BadRequest", "A presence needs an availability and an activity.");
    presences.set(request.caller.tenantId, user, values);
    return empty(200);
  });
  const clear = ofUser((user, request) => {
    presences.set(request.caller.tenantId, user, { availability: "Offline", activity: "Offline" });
    return empty(200);
  });
  router
    .add("GET", "users/{userId}/presence", read)
    .add("GET", "communications/presences/{userId}", read)
    .add("POST", "users/{userId}/presence/setPresence", write)
    .add("POST", "users/{userId}/presence/setUserPreferredPresence", write)
    .add("POST", "users/{userId}/presence/clearPresence", clear)
    .add("POST", "users/{userId}/presence/clearUserPreferredPresence", clear)
    .add("POST", "communications/getPresencesByUserId", (request) => {
      const body = readJsonBody(request);
      if (body.kind === "refused") return body;
      const ids = textsOf(body.value["ids"]);
      if (ids.length === 0 || ids.length > MAX_IDS) {
        return refuse(400, "BadRequest", `Expected ids: at least one, at most ${MAX_IDS}.`);
      }
      const { tenantId } = request.caller;
      const users = ids.flatMap((id) => directory.users(tenantId).get(id) ?? []);
      return json(200, {
        "@odata.context": `${request.root}/$metadata#Collection(presence)`,
        value: users.map((user) => presences.of(tenantId, user)),
      });
    });
}

function readPresence(body: JsonObject): JsonObject | undefined {
  const availability = textOf(body, "availability");
  const activity = textOf(body, "activity");
  return availability === undefined || activity === undefined ? undefined : { availability, activity };
}
