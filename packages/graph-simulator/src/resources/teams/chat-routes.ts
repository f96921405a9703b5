import type { DeltaQueries } from "../../delta/delta-query.ts";
import { addEntityRoutes, entityReply } from "../../entities/entity-routes.ts";
import { readJsonBody, type GraphRequest } from "../../graph/graph-request.ts";
import { listReply } from "../../graph/list-reply.ts";
import { textOf } from "../../http/json.ts";
import type { PathParams } from "../../http/path.ts";
import { refuse, type Reply } from "../../http/reply.ts";
import type { Router } from "../../http/router.ts";
import type { Directory } from "../directory/directory.ts";
import type { UnconfirmedSettings } from "../unconfirmed.ts";
import { CHAT_TYPE, type Chats } from "./chats.ts";
import { readMember } from "./conversation-members.ts";
import { addMemberOperations } from "./member-operations.ts";
import { threadDelta } from "./thread-delta.ts";
import { addThreadRoutes, conversationNotFound, type FindThread } from "./thread-routes.ts";

const PAGE_SIZE = 20;
const MAX_TOP = 50;

const CHAT = "chats/{chatId}";

export interface ChatRoutesOptions {
  readonly directory: Directory;
  readonly delta: DeltaQueries;
  readonly chatsOf: (tenantId: string) => Chats;
  readonly unconfirmed: UnconfirmedSettings;
}

/**
 * Adds `/chats`, with members and messages, and `/users/{id}/chats`.
 *
 * @see https://learn.microsoft.com/graph/api/resources/chat#methods
 */
export function addChatRoutes(router: Router<GraphRequest>, options: ChatRoutesOptions): void {
  const { directory, delta, chatsOf, unconfirmed } = options;
  const threadOf: FindThread = (tenantId, params) => {
    const chats = chatsOf(tenantId);
    const chat = chats.set.get(params.get("chatId"));
    return chat && chats.threadOf(chat.id);
  };
  addEntityRoutes(router, {
    path: "chats",
    operations: ["list", "get", "update", "remove"],
    context: "chats",
    type: CHAT_TYPE,
    pageSize: PAGE_SIZE,
    maxTop: MAX_TOP,
    open: ({ caller }) => chatsOf(caller.tenantId).set,
    notFound: conversationNotFound,
  });
  router.add("POST", "chats", (request) => createChat(request, chatsOf(request.caller.tenantId), directory));
  addMemberOperations(router, `${CHAT}/members`, (tenantId, params) => {
    const chats = chatsOf(tenantId);
    const chat = chats.set.get(params.get("chatId"));
    return chat && chats.membersOf(chat.id);
  });
  addThreadRoutes(router, `${CHAT}/messages`, threadOf);
  if (unconfirmed.chatMessagesDelta) delta.addTo(router, `${CHAT}/messages`, threadDelta(threadOf));
  const ofUser =
    (operate: (request: GraphRequest, chats: Chats, userId: string) => Reply) =>
    (request: GraphRequest, params: PathParams): Reply => {
      const { tenantId } = request.caller;
      const user = directory.users(tenantId).get(params.get("userId"));
      return user ? operate(request, chatsOf(tenantId), user.id) : conversationNotFound();
    };
  router
    .add(
      "GET",
      "users/{userId}/chats",
      ofUser((request, chats, userId) =>
        listReply(request, {
          entities: chats.ofUser(userId),
          context: "chats",
          pageSize: PAGE_SIZE,
          maxTop: MAX_TOP,
        }),
      ),
    )
    .add(
      "GET",
      "users/{userId}/chats/getAllMessages",
      ofUser((request, chats, userId) =>
        listReply(request, {
          entities: chats.ofUser(userId).flatMap((chat) => chats.threadOf(chat.id).set.list()),
          context: "Collection(chatMessage)",
          pageSize: PAGE_SIZE,
          maxTop: MAX_TOP,
        }),
      ),
    );
}

function createChat(request: GraphRequest, chats: Chats, directory: Directory): Reply {
  const body = readJsonBody(request);
  if (body.kind === "refused") return body;
  const chatType = textOf(body.value, "chatType");
  const members = body.value["members"];
  const topic = body.value["topic"] ?? null;
  if ((chatType !== "oneOnOne" && chatType !== "group") || !Array.isArray(members)) {
    return refuse(400, "BadRequest", "A chat needs a chatType of oneOnOne or group, and members.");
  }
  const { tenantId } = request.caller;
  const userIds = members.flatMap((member) => {
    const user = readMember(directory, tenantId, member);
    return (user && textOf(user, "userId")) ?? [];
  });
  if (userIds.length !== members.length || (chatType === "oneOnOne" && userIds.length !== 2)) {
    return refuse(400, "BadRequest", "Members must be existing users, two of them in a oneOnOne chat.");
  }
  const chat = chats.create(chatType, userIds, { topic });
  for (const member of members) chats.membersOf(chat.id).add(member);
  return entityReply(201, request, { entity: chat, context: "chats" });
}
