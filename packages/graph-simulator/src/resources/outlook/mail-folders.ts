import type { Entity } from "../../entities/entity.ts";
import { EntitySet, type Entities } from "../../entities/entity-set.ts";
import type { JsonObject } from "../../http/json.ts";
import type { ItemFolders } from "./item-folders.ts";
import { WELL_KNOWN_FOLDERS, type WellKnownFolderName } from "./mail-folder.ts";
import type { MailboxSpace } from "./outlook-item.ts";

/**
 * The folders of a mailbox. Nobody can subscribe to a folder itself, so no change is told; delta queries show them.
 *
 * @see https://learn.microsoft.com/graph/api/resources/mailfolder
 */
export class MailFolders {
  readonly set: EntitySet;
  /** The folder all others are in. */
  readonly rootId: string;
  readonly #messages: () => ItemFolders;
  readonly #idsByName = new Map<string, string>();

  /** @param messages the messages of the mailbox; asked for later, as they need a folder to begin with */
  constructor(space: MailboxSpace, messages: () => ItemFolders) {
    this.#messages = messages;
    this.rootId = space.ids.folderId();
    this.set = new EntitySet(space, {
      create: (values) => this.#folder(space.ids.folderId(), values),
      update: (folder, values) => ({ ...folder, ...values }),
      tell: () => [],
    });
    for (const { wellKnownName, displayName } of WELL_KNOWN_FOLDERS) {
      const folder = this.set.seed(this.#folder(space.ids.folderId(), { displayName }));
      this.#idsByName.set(wellKnownName, folder.id);
    }
  }

  /** @param idOrName folder id, or well-known name in any case */
  get(idOrName: string): Entity | undefined {
    return this.set.get(this.#idsByName.get(idOrName.toLowerCase()) ?? idOrName);
  }

  wellKnownId(name: WellKnownFolderName): string {
    const id = this.#idsByName.get(name);
    if (id === undefined) throw new TypeError(`Expected every mailbox to have the folder ${name}`);
    return id;
  }

  /** The folders directly in one of them, or in the root. */
  childrenOf(parentFolderId: string): Entities {
    return {
      kind: "entities",
      list: () => this.#children(parentFolderId).map((folder) => this.counted(folder)),
      get: (id) => {
        const folder = this.get(id);
        return folder && this.counted(folder);
      },
      create: (values) => this.set.create({ ...values, parentFolderId }),
      update: (folder, values) => this.counted(this.set.update(folder, values)),
      remove: (folder) => this.#remove(folder),
    };
  }

  /** With the counts it is answered with: they take a look at every message in it. */
  counted(folder: Entity): Entity {
    const messages = this.#messages().inFolder(folder.id).list();
    return {
      ...folder,
      childFolderCount: this.#children(folder.id).length,
      unreadItemCount: messages.filter((message) => message["isRead"] === false).length,
      totalItemCount: messages.length,
    };
  }

  #folder(id: string, values: JsonObject): Entity {
    return { id, displayName: "", parentFolderId: this.rootId, isHidden: false, ...values };
  }

  #children(parentFolderId: string): readonly Entity[] {
    return this.set.list().filter((folder) => folder["parentFolderId"] === parentFolderId);
  }

  /** With everything in it. */
  #remove(folder: Entity): void {
    for (const child of this.#children(folder.id)) this.#remove(child);
    const messages = this.#messages().inFolder(folder.id);
    for (const message of messages.list()) messages.remove(message);
    this.set.remove(folder);
  }
}
