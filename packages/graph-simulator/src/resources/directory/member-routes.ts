import type { Entity } from "../../entities/entity.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import { listReply } from "../../graph/list-reply.ts";
import { textOf } from "../../http/json.ts";
import { pathSegments, type PathParams } from "../../http/path.ts";
import { empty, refuse, type Reply } from "../../http/reply.ts";
import type { Handler, Router } from "../../http/router.ts";
import type { Directory } from "./directory.ts";
import { GROUP_RELATIONSHIPS, type GroupRelationship } from "./group.ts";
import { objectNotFound } from "./object-not-found.ts";
import { DEFAULT_USER_PROPERTIES } from "./user.ts";

interface Membership {
  readonly request: GraphRequest;
  readonly params: PathParams;
  readonly group: Entity;
  readonly relationship: GroupRelationship;
}

/**
 * Adds members and owners of groups: list, add and remove.
 *
 * @see https://learn.microsoft.com/graph/api/group-post-members
 * @see https://learn.microsoft.com/graph/api/group-delete-members
 */
export class MemberRoutes {
  readonly #directory: Directory;
  readonly #pageSize: number;

  constructor(directory: Directory, pageSize: number) {
    this.#directory = directory;
    this.#pageSize = pageSize;
  }

  addTo(router: Router<GraphRequest>): void {
    for (const relationship of GROUP_RELATIONSHIPS) {
      const path = `groups/{groupId}/${relationship}`;
      router
        .add(
          "GET",
          path,
          this.#of(relationship, (membership) => this.#list(membership)),
        )
        .add(
          "POST",
          `${path}/$ref`,
          this.#of(relationship, (membership) => this.#add(membership)),
        )
        .add(
          "DELETE",
          `${path}/{id}/$ref`,
          this.#of(relationship, (membership) => this.#remove(membership)),
        );
    }
    router.add("GET", "users/{userId}/memberOf", (request, params) => this.#memberOf(request, params));
  }

  #of(relationship: GroupRelationship, operate: (membership: Membership) => Reply): Handler<GraphRequest> {
    return (request, params) => {
      const id = params.get("groupId");
      const group = this.#directory.groups(request.caller.tenantId).get(id);
      return group ? operate({ request, params, group, relationship }) : objectNotFound(id);
    };
  }

  #list({ request, group, relationship }: Membership): Reply {
    const { tenantId } = request.caller;
    const members = this.#directory.memberships(tenantId).list(group, relationship);
    const entities = members.flatMap((member) => {
      const found = this.#directory.findObject(tenantId, member.id);
      return found ? [{ ...member, ...found.object }] : [];
    });
    return listReply(request, {
      entities,
      context: "directoryObjects",
      pageSize: this.#pageSize,
      defaultSelect: DEFAULT_USER_PROPERTIES,
    });
  }

  #add({ request, group, relationship }: Membership): Reply {
    const { tenantId } = request.caller;
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const reference = textOf(body.value, "@odata.id");
    if (reference === undefined) {
      return refuse(
        400,
        "Request_BadRequest",
        "The request body must contain an @odata.id of a directory object.",
      );
    }
    const id = referencedId(reference);
    const found = this.#directory.findObject(tenantId, id);
    if (!found) return objectNotFound(id);
    const memberships = this.#directory.memberships(tenantId);
    if (memberships.has(group, relationship, found.object.id)) {
      return refuse(
        400,
        "Request_BadRequest",
        `One or more added object references already exist for the following modified properties: '${relationship}'.`,
      );
    }
    memberships.add(group, relationship, { type: found.type, id: found.object.id });
    return empty(204);
  }

  #remove({ request, params, group, relationship }: Membership): Reply {
    const memberships = this.#directory.memberships(request.caller.tenantId);
    const id = params.get("id").toLowerCase();
    if (!memberships.has(group, relationship, id)) return objectNotFound(id);
    memberships.remove(group, relationship, id);
    return empty(204);
  }

  #memberOf(request: GraphRequest, params: PathParams): Reply {
    const { tenantId } = request.caller;
    const id = params.get("userId");
    const user = this.#directory.users(tenantId).get(id);
    if (!user) return objectNotFound(id);
    const entities = this.#directory
      .memberships(tenantId)
      .groupsOf(user.id)
      .map((group) => ({ "@odata.type": "#microsoft.graph.group", ...group }));
    return listReply(request, { entities, context: "directoryObjects", pageSize: this.#pageSize });
  }
}

/** The id at the end of an address such as `https://graph.microsoft.com/v1.0/directoryObjects/{id}`. */
export function referencedId(reference: string): string {
  return pathSegments(reference.replace(/^https?:\/\/[^/]*/i, "")).at(-1) ?? "";
}
