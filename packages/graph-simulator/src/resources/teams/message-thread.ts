import type { Entity } from "../../entities/entity.ts";
import { EntitySet, type EntitySpace } from "../../entities/entity-set.ts";
import type { EntityType } from "../../graph/entity-type.ts";
import type { JsonObject } from "../../http/json.ts";
import { teamsTelling } from "./teams-telling.ts";

/** @see https://learn.microsoft.com/graph/api/resources/chatmessage#properties */
export const CHAT_MESSAGE_TYPE: EntityType = {
  name: "microsoft.graph.chatMessage",
  writable: {
    attachments: "array",
    body: "object",
    from: "object",
    importance: "string",
    locale: "string",
    mentions: "array",
    policyViolation: "object",
    reactions: "array",
    subject: "string",
    summary: "string",
  },
  readOnly: [
    "id",
    "channelIdentity",
    "chatId",
    "createdDateTime",
    "deletedDateTime",
    "etag",
    "lastEditedDateTime",
    "lastModifiedDateTime",
    "messageType",
    "replyToId",
    "webUrl",
  ],
};

const DEFAULTS: JsonObject = {
  replyToId: null,
  messageType: "message",
  lastEditedDateTime: null,
  deletedDateTime: null,
  subject: null,
  summary: null,
  chatId: null,
  importance: "normal",
  locale: "en-us",
  webUrl: null,
  from: null,
  channelIdentity: null,
  body: { contentType: "text", content: "" },
  attachments: [],
  mentions: [],
  reactions: [],
};

export interface MessageThreadOptions {
  readonly space: EntitySpace;
  readonly tenantId: string;
  /** What notifications call the collection: `chats('19:…')/messages`. */
  readonly resource: string;
  /** What every message has: its chat, its channel, the message it replies to. */
  readonly fixed: JsonObject;
  /** The paths under which a message can be subscribed to, at the moment of the change. */
  readonly topics: () => readonly string[];
}

/**
 * The messages of a chat or a channel, or the replies to one.
 *
 * A message is never removed: deleting it sets `deletedDateTime` and empties its body, which is told as `deleted`.
 *
 * @see https://learn.microsoft.com/graph/api/resources/chatmessage
 */
export class MessageThread {
  readonly set: EntitySet;
  readonly #options: MessageThreadOptions;
  #lastId = 0;

  constructor(options: MessageThreadOptions) {
    this.#options = options;
    const { space, tenantId, resource, fixed, topics } = options;
    this.set = new EntitySet(space, {
      create: (values) => {
        const now = new Date(this.#nextId()).toISOString();
        const id = String(this.#lastId);
        const times = { createdDateTime: now, lastModifiedDateTime: now };
        return { ...DEFAULTS, id, etag: id, ...times, ...fixed, ...values };
      },
      update: (message, values) => {
        const now = space.journal.now();
        const lastModifiedDateTime = new Date(now).toISOString();
        const edited = "body" in values ? { lastEditedDateTime: lastModifiedDateTime } : {};
        return { ...message, etag: String(now), lastModifiedDateTime, ...edited, ...values };
      },
      tell: (changeType, message) => [
        teamsTelling({
          tenantId,
          changeType:
            changeType === "updated" && message["deletedDateTime"] !== null ? "deleted" : changeType,
          type: "chatMessage",
          resource: `${resource}('${message.id}')`,
          entity: message,
          topics: topics(),
        }),
      ],
    });
  }

  softDelete(message: Entity): void {
    const deletedDateTime = new Date(this.#options.space.journal.now()).toISOString();
    this.set.update(message, { deletedDateTime, body: { contentType: "text", content: "" } });
  }

  undoSoftDelete(message: Entity): void {
    this.set.update(message, { deletedDateTime: null });
  }

  /** Ids are the time of creation in milliseconds, and different. */
  #nextId(): number {
    this.#lastId = Math.max(this.#options.space.journal.now(), this.#lastId + 1);
    return this.#lastId;
  }
}
