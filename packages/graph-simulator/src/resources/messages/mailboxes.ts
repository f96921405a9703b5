import type { Clock } from "../../clock.ts";
import type { JsonObject } from "../../http/json.ts";
import type { EntityChange } from "../../notifications/publisher.ts";
import type { Random } from "../../random.ts";
import type { ChangeType } from "../../subscriptions/change-type.ts";
import type { User } from "../users/user.ts";
import { WELL_KNOWN_FOLDERS, type MailFolder, type WellKnownFolderName } from "./mail-folder.ts";
import { messageBody, messageEtag, type Message } from "./message.ts";
import { OutlookIds } from "./outlook-id.ts";

export interface MailboxesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly publish: (change: EntityChange) => void;
}

/** The mailboxes of all users. Every user has one. */
export class Mailboxes {
  readonly #options: MailboxesOptions;
  readonly #byUserId = new Map<string, Mailbox>();

  constructor(options: MailboxesOptions) {
    this.#options = options;
  }

  of(user: User): Mailbox {
    const mailbox = this.#byUserId.get(user.id) ?? new Mailbox(user, this.#options);
    this.#byUserId.set(user.id, mailbox);
    return mailbox;
  }

  clear(): void {
    this.#byUserId.clear();
  }
}

/** One user's folders and messages. Every change is published. */
export class Mailbox {
  readonly folders: readonly MailFolder[];
  readonly #owner: User;
  readonly #options: MailboxesOptions;
  readonly #random: Random;
  readonly #ids: OutlookIds;
  readonly #messages = new Map<string, Message>();

  constructor(owner: User, options: MailboxesOptions) {
    this.#owner = owner;
    this.#options = options;
    this.#random = options.random;
    this.#ids = new OutlookIds(this.#random.guid(), this.#random);
    this.folders = WELL_KNOWN_FOLDERS.map((folder) => ({ ...folder, id: this.#ids.folderId() }));
  }

  /** @param idOrName folder id, or well-known name in any case */
  findFolder(idOrName: string): MailFolder | undefined {
    const name = idOrName.toLowerCase();
    return this.folders.find((folder) => folder.id === idOrName || folder.wellKnownName === name);
  }

  wellKnownFolder(name: WellKnownFolderName): MailFolder {
    const folder = this.findFolder(name);
    if (!folder) throw new TypeError(`Expected every mailbox to have the folder ${name}`);
    return folder;
  }

  /** The newest first; of one folder, or of all. */
  list(folder?: MailFolder): readonly Message[] {
    return [...this.#messages.values()]
      .filter((message) => folder === undefined || message.folderId === folder.id)
      .toReversed();
  }

  find(id: string): Message | undefined {
    return this.#messages.get(id);
  }

  create(folder: MailFolder, properties: JsonObject): Message {
    const now = this.#options.clock.now();
    const message: Message = {
      id: this.#ids.messageId(),
      folderId: folder.id,
      changeKey: this.#ids.changeKey(),
      isDraft: folder.wellKnownName === "drafts",
      createdAt: now,
      modifiedAt: now,
      internetMessageId: `<${this.#random.guid()}@graph-simulator.example>`,
      conversationId: this.#ids.folderId(),
      properties,
    };
    this.#messages.set(message.id, message);
    this.#publish(message, "created");
    return message;
  }

  update(message: Message, properties: JsonObject): Message {
    const next: Message = {
      ...message,
      changeKey: this.#ids.changeKey(),
      modifiedAt: this.#options.clock.now(),
      properties: { ...message.properties, ...properties },
    };
    this.#messages.set(next.id, next);
    this.#publish(next, "updated");
    return next;
  }

  /** A move ends the message under its old id and makes it under a new one. */
  move(message: Message, folder: MailFolder): Message {
    this.remove(message);
    const moved: Message = {
      ...message,
      id: this.#ids.messageId(),
      folderId: folder.id,
      changeKey: this.#ids.changeKey(),
      modifiedAt: this.#options.clock.now(),
    };
    this.#messages.set(moved.id, moved);
    this.#publish(moved, "created");
    return moved;
  }

  remove(message: Message): void {
    this.#messages.delete(message.id);
    this.#publish(message, "deleted");
  }

  #publish(message: Message, changeType: ChangeType): void {
    const { id: userId, tenantId } = this.#owner;
    const resource = `Users/${userId}@${tenantId}/Messages/${message.id}`;
    this.#options.publish({
      tenantId,
      changeType,
      resource,
      entityId: message.id,
      topics: [`users/${userId}/messages`, `users/${userId}/mailFolders/${message.folderId}/messages`],
      resourceData: {
        "@odata.type": "#Microsoft.Graph.Message",
        "@odata.id": resource,
        "@odata.etag": messageEtag(message),
        id: message.id,
      },
      after: changeType === "deleted" ? undefined : messageBody(message),
    });
  }
}
