import type { Entity } from "../../entities/entity.ts";
import { EntitySet, type EntitySpace } from "../../entities/entity-set.ts";
import { LazyMap } from "../../entities/lazy-map.ts";
import type { EntityType } from "../../graph/entity-type.ts";
import type { JsonObject } from "../../http/json.ts";
import type { Random } from "../../random.ts";
import type { Directory } from "../directory/directory.ts";
import { ConversationMembers } from "./conversation-members.ts";
import { MessageThread } from "./message-thread.ts";
import { teamsTelling } from "./teams-telling.ts";

/** @see https://learn.microsoft.com/graph/api/resources/chat#properties */
export const CHAT_TYPE: EntityType = {
  name: "microsoft.graph.chat",
  writable: { chatType: "string", topic: "string" },
  readOnly: ["id", "createdDateTime", "lastUpdatedDateTime", "members", "tenantId", "webUrl"],
};

export interface TeamsOptions {
  readonly space: EntitySpace;
  readonly random: Random;
  readonly directory: Directory;
}

/** The chats of one tenant, with their members and messages. */
export class Chats {
  readonly set: EntitySet;
  readonly #options: TeamsOptions;
  readonly #tenantId: string;
  readonly #members: LazyMap<string, ConversationMembers>;
  readonly #threads: LazyMap<string, MessageThread>;

  constructor(tenantId: string, options: TeamsOptions) {
    this.#tenantId = tenantId;
    this.#options = options;
    const { space, directory } = options;
    this.set = this.#createChats();
    this.#members = new LazyMap(
      (chatId) =>
        new ConversationMembers({
          space,
          directory,
          tenantId,
          resource: `chats('${chatId}')/members`,
          topics: ["chats/getAllMembers", `chats/${chatId}/members`],
        }),
    );
    this.#threads = new LazyMap(
      (chatId) =>
        new MessageThread({
          space,
          tenantId,
          resource: `chats('${chatId}')/messages`,
          fixed: { chatId },
          topics: () => [
            "chats/getAllMessages",
            `chats/${chatId}/messages`,
            ...this.membersOf(chatId).userIds.map((userId) => `users/${userId}/chats/getAllMessages`),
          ],
        }),
    );
  }

  /** @param userIds who takes part: two of them for a chat of the type `oneOnOne`, which is found when it is there */
  create(chatType: string, userIds: readonly string[], values: JsonObject): Entity {
    const { random } = this.#options;
    const hex = random.guid().replaceAll("-", "");
    const id =
      chatType === "oneOnOne" ? `19:${userIds.toSorted().join("_")}@unq.gbl.spaces` : `19:${hex}@thread.v2`;
    return this.set.get(id) ?? this.set.create({ ...values, chatType, id });
  }

  membersOf(chatId: string): ConversationMembers {
    return this.#members.of(chatId);
  }

  threadOf(chatId: string): MessageThread {
    return this.#threads.of(chatId);
  }

  /** The chats a user takes part in. */
  ofUser(userId: string): readonly Entity[] {
    return this.set.list().filter((chat) => this.membersOf(chat.id).userIds.includes(userId));
  }

  #createChats(): EntitySet {
    const tenantId = this.#tenantId;
    const { space } = this.#options;
    const now = (): string => new Date(space.journal.now()).toISOString();
    return new EntitySet(space, {
      create: (values) => {
        const times = { createdDateTime: now(), lastUpdatedDateTime: now() };
        return { id: "", topic: null, tenantId, ...times, ...values };
      },
      update: (chat, values) => ({ ...chat, ...values, lastUpdatedDateTime: now() }),
      tell: (changeType, chat) => [
        teamsTelling({
          tenantId,
          changeType,
          type: "chat",
          resource: `chats('${chat.id}')`,
          entity: chat,
          topics: [
            "chats",
            `chats/${chat.id}`,
            ...this.membersOf(chat.id).userIds.map((userId) => `users/${userId}/chats`),
          ],
        }),
      ],
    });
  }
}
