import { addEntityRoutes, entityReply } from "../../entities/entity-routes.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import type { PathParams } from "../../http/path.ts";
import { refuse } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import type { ConversationMembers } from "./conversation-members.ts";
import { conversationNotFound } from "./thread-routes.ts";

const PAGE_SIZE = 100;

/**
 * Adds the members of a chat or team: list, add, get, change of roles and remove.
 *
 * @see https://learn.microsoft.com/graph/api/resources/conversationmember#methods
 */
export function addMemberOperations(
  router: Router<GraphRequest>,
  path: string,
  find: (tenantId: string, params: PathParams) => ConversationMembers | undefined,
): void {
  addEntityRoutes(router, {
    path,
    operations: ["list", "get", "update", "remove"],
    context: "members",
    type: { name: "microsoft.graph.conversationMember", writable: { roles: "array" }, readOnly: [] },
    pageSize: PAGE_SIZE,
    open: ({ caller }, params) => find(caller.tenantId, params)?.set ?? conversationNotFound(),
    notFound: conversationNotFound,
  });
  router.add("POST", path, (request, params) => {
    const members = find(request.caller.tenantId, params);
    if (!members) return conversationNotFound();
    const body = readJsonBody(request);
    if (body.kind === "refused") return body;
    const entity = members.add(body.value);
    if (!entity) return refuse(400, "BadRequest", "Bind requests expect an existing user.");
    return entityReply(201, request, { entity, context: "members" });
  });
}
