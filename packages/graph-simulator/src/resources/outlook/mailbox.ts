import type { Entity } from "../../entities/entity.ts";
import { EntitySet, type EntitySpace } from "../../entities/entity-set.ts";
import { formatSeconds } from "../../instant.ts";
import type { JsonObject } from "../../http/json.ts";
import type { Random } from "../../random.ts";
import { contactKind } from "./contact.ts";
import { eventKind } from "./event.ts";
import { ItemFolders } from "./item-folders.ts";
import { MailFolders } from "./mail-folders.ts";
import { messageKind } from "./message.ts";
import { OutlookIds } from "./outlook-id.ts";
import { outlookRules, type MailboxOwner, type MailboxSpace } from "./outlook-item.ts";
import { TodoLists } from "../todo/todo-lists.ts";

/** The mailboxes of all users. Every user has one. */
export class Mailboxes {
  readonly #space: EntitySpace;
  readonly #random: Random;
  readonly #byUserId = new Map<string, Mailbox>();

  constructor(space: EntitySpace, random: Random) {
    this.#space = space;
    this.#random = random;
  }

  of(tenantId: string, user: { readonly id: string }): Mailbox {
    const known = this.#byUserId.get(user.id);
    if (known) return known;
    const owner = { id: user.id, tenantId };
    const ids = new OutlookIds(this.#random.guid(), this.#random);
    const mailbox = new Mailbox({ ...this.#space, owner, ids }, this.#random);
    this.#byUserId.set(user.id, mailbox);
    return mailbox;
  }

  clear(): void {
    this.#byUserId.clear();
  }
}

/** One user's messages, events, contacts and tasks. */
export class Mailbox {
  readonly owner: MailboxOwner;
  readonly folders: MailFolders;
  readonly messages: ItemFolders;
  readonly events: EntitySet;
  readonly contactFolders: EntitySet;
  readonly contacts: ItemFolders;
  readonly todo: TodoLists;
  /** The folder a contact lies in when no other is named; it is not listed among the folders. */
  readonly defaultContactFolderId: string;

  constructor(space: MailboxSpace, random: Random) {
    const { owner, ids } = space;
    this.owner = owner;
    this.folders = new MailFolders(space, () => this.messages);
    const drafts = this.folders.wellKnownId("drafts");
    this.messages = new ItemFolders(
      drafts,
      (folderId) =>
        new EntitySet(
          space,
          outlookRules(space, messageKind(owner.id, folderId), () => ({
            ...received(formatSeconds(space.journal.now()), random),
            conversationId: ids.folderId(),
            parentFolderId: folderId,
            isDraft: folderId === drafts,
          })),
        ),
    );
    this.events = new EntitySet(
      space,
      outlookRules(space, eventKind(owner.id), () => ({ iCalUId: ids.folderId() })),
    );
    this.defaultContactFolderId = ids.folderId();
    this.contactFolders = new EntitySet(space, {
      create: (values) => ({ id: ids.folderId(), parentFolderId: this.defaultContactFolderId, ...values }),
      update: (folder, values) => ({ ...folder, ...values }),
      tell: () => [],
    });
    this.contacts = new ItemFolders(this.defaultContactFolderId, (folderId) => {
      const isDefault = folderId === this.defaultContactFolderId;
      const kind = contactKind(owner.id, { id: folderId, isDefault });
      return new EntitySet(
        space,
        outlookRules(space, kind, () => ({ parentFolderId: folderId })),
      );
    });
    this.todo = new TodoLists(space);
  }

  hasContactFolder(id: string): boolean {
    return id === this.defaultContactFolderId || this.contactFolders.get(id) !== undefined;
  }

  /** A move ends the message under its old id and makes it under a new one. */
  moveMessage(message: Entity, folderId: string): Entity {
    this.messages.remove(message);
    const { id: _id, changeKey: _changeKey, "@odata.etag": _etag, ...content } = message;
    const isDraft = folderId === this.folders.wellKnownId("drafts");
    return this.messages.inFolder(folderId).create({ ...content, parentFolderId: folderId, isDraft });
  }
}

function received(dateTime: string, random: Random): JsonObject {
  return {
    receivedDateTime: dateTime,
    sentDateTime: dateTime,
    internetMessageId: `<${random.guid()}@graph-simulator.example>`,
  };
}
