import { addEntityRoutes } from "../../entities/entity-routes.ts";
import { newestFirst } from "../../entities/newest-first.ts";
import type { Entity } from "../../entities/entity.ts";
import type { GraphRequest } from "../../graph/graph-request.ts";
import type { PathParams } from "../../http/path.ts";
import { empty, refuse, type Refusal, type Reply } from "../../http/reply.ts";
import type { Handler, Router } from "../../http/router.ts";
import { CHAT_MESSAGE_TYPE, type MessageThread } from "./message-thread.ts";

/** @see https://learn.microsoft.com/graph/api/chat-list-messages#optional-query-parameters */
const PAGE_SIZE = 20;
const MAX_TOP = 50;

/** Finds the messages a path leads to; `undefined` when the chat, channel or message is not there. */
export type FindThread = (tenantId: string, params: PathParams) => MessageThread | undefined;

/**
 * Adds the messages of chats, channels, or replies: list, send, get, edit and delete.
 *
 * @see https://learn.microsoft.com/graph/api/resources/chatmessage#methods
 */
export function addThreadRoutes(router: Router<GraphRequest>, path: string, find: FindThread): void {
  addEntityRoutes(router, {
    path,
    operations: ["list", "create", "get", "update"],
    context: "messages",
    type: CHAT_MESSAGE_TYPE,
    pageSize: PAGE_SIZE,
    maxTop: MAX_TOP,
    updateStatus: 204,
    open: ({ caller }, params) => {
      const thread = find(caller.tenantId, params);
      return thread ? newestFirst(thread.set) : conversationNotFound();
    },
    notFound: conversationNotFound,
  });
  const onMessage =
    (operate: (thread: MessageThread, message: Entity) => void): Handler<GraphRequest> =>
    ({ caller }, params): Reply => {
      const thread = find(caller.tenantId, params);
      const message = thread?.set.get(params.get("id"));
      if (!thread || !message) return conversationNotFound();
      operate(thread, message);
      return empty(204);
    };
  router
    .add(
      "POST",
      `${path}/{id}/softDelete`,
      onMessage((thread, message) => thread.softDelete(message)),
    )
    .add(
      "POST",
      `${path}/{id}/undoSoftDelete`,
      onMessage((thread, message) => thread.undoSoftDelete(message)),
    );
}

/** What Teams says of something it does not have. */
export function conversationNotFound(): Refusal {
  return refuse(404, "NotFound", "NotFound");
}
