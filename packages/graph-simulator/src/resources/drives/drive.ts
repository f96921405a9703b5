import { createHash } from "node:crypto";

import type { Entity } from "../../entities/entity.ts";
import { EntityCollection } from "../../entities/entity-collection.ts";
import type { EntitySpace } from "../../entities/entity-set.ts";
import { isJsonObject, textOf, type JsonObject } from "../../http/json.ts";
import { formatSeconds } from "../../instant.ts";
import type { Random } from "../../random.ts";

export interface DriveOptions {
  readonly id: string;
  readonly tenantId: string;
  readonly space: EntitySpace;
  readonly random: Random;
}

/** What is uploaded, or made of nothing. */
export interface FileContent {
  readonly text: string;
  readonly mimeType: string;
}

/**
 * A drive: a tree of folders and files under a root.
 *
 * Each action on an item gives the folders above it a new size and `cTag`, so that a delta query tells of them too,
 * and is told to subscriptions once: as `updated`, of the root, without saying what changed.
 *
 * @see https://learn.microsoft.com/graph/api/resources/driveitem
 */
export class Drive {
  readonly id: string;
  readonly tenantId: string;
  readonly items: EntityCollection;
  readonly rootId: string;
  readonly #options: DriveOptions;

  constructor(options: DriveOptions) {
    this.#options = options;
    this.id = options.id;
    this.tenantId = options.tenantId;
    this.items = new EntityCollection(options.space.journal);
    this.rootId = this.#newId();
    this.items.put({
      ...this.#newItem({ id: this.rootId, name: "root" }),
      root: {},
      folder: { childCount: 0 },
    });
  }

  get root(): Entity {
    return this.items.get(this.rootId) ?? { id: this.rootId };
  }

  childrenOf(folder: Entity): readonly Entity[] {
    return this.items.list().filter((item) => parentIdOf(item) === folder.id);
  }

  /** Follows names, in any case, from the root. */
  at(path: string): Entity | undefined {
    let found: Entity | undefined = this.root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      found = found && this.childNamed(found, name);
    }
    return found;
  }

  childNamed(folder: Entity, name: string): Entity | undefined {
    const wanted = name.toLowerCase();
    return this.childrenOf(folder).find((item) => textOf(item, "name")?.toLowerCase() === wanted);
  }

  createFolder(parent: Entity, name: string): Entity {
    const folder = this.#newItem({ id: this.#newId(), name, parent });
    return this.#act(() => this.#put({ ...folder, folder: { childCount: 0 } }));
  }

  createFile(parent: Entity, name: string, content: FileContent): Entity {
    const file = this.#newItem({ id: this.#newId(), name, parent });
    return this.#act(() => this.#put({ ...file, ...contentOf(content) }));
  }

  replaceContent(file: Entity, content: FileContent): Entity {
    return this.#act(() => this.#put(this.#next({ ...file, ...contentOf(content) })));
  }

  /** Renames, moves, or changes other properties. */
  update(item: Entity, values: JsonObject, parent?: Entity): Entity {
    return this.#act(() => {
      const next = this.#next({
        ...item,
        ...values,
        ...(parent && { parentReference: this.#reference(parent) }),
      });
      this.#put(next, parent ? 1 : 0);
      this.#refreshPaths(next);
      // The folder it left is counted once it is gone from there.
      if (parent) this.#count(this.items.get(parentIdOf(item) ?? ""), -1);
      return next;
    });
  }

  /** With everything below it. */
  remove(item: Entity): void {
    this.#act(() => {
      const parent = this.items.get(parentIdOf(item) ?? "");
      this.#removeTree(item);
      this.#count(parent, -1);
      return item;
    });
  }

  /** Does something to the tree, and tells of it once. */
  #act(change: () => Entity): Entity {
    const item = change();
    const { space, tenantId, id } = this.#options;
    const root = `drives/${id}/root`;
    space.publish({
      tenantId,
      changeType: "updated",
      resource: root,
      entityId: item.id,
      topics: [root, ...this.#topFolder(item).map((name) => `${root}/${name}`)],
      before: undefined,
      after: this.items.get(item.id),
    });
    return this.items.get(item.id) ?? item;
  }

  #put(item: Entity, countChange = this.items.get(item.id) ? 0 : 1): Entity {
    this.items.put(item);
    this.#count(this.items.get(parentIdOf(item) ?? ""), countChange);
    return item;
  }

  /** A folder and those above it have other content: another size, another `cTag`. */
  #count(folder: Entity | undefined, childCountChange: number): void {
    if (!folder) return;
    const children = this.childrenOf(folder);
    const size = children.reduce((sum, child) => sum + sizeOf(child), 0);
    const before = isJsonObject(folder["folder"]) ? folder["folder"]["childCount"] : 0;
    const childCount = (typeof before === "number" ? before : 0) + childCountChange;
    this.items.put({ ...this.#next(folder), size, folder: { childCount } });
    this.#count(this.items.get(parentIdOf(folder) ?? ""), 0);
  }

  #removeTree(item: Entity): void {
    for (const child of this.childrenOf(item)) this.#removeTree(child);
    this.items.remove(item.id);
  }

  /** The paths of what lies below a renamed or moved folder. */
  #refreshPaths(folder: Entity): void {
    for (const child of this.childrenOf(folder)) {
      const next = { ...child, parentReference: this.#reference(folder) };
      this.items.put(next);
      this.#refreshPaths(next);
    }
  }

  #newItem({ id, name, parent }: { id: string; name: string; parent?: Entity }): Entity {
    const now = formatSeconds(this.#options.space.journal.now());
    const parentReference = parent ? this.#reference(parent) : { driveType: "business", driveId: this.id };
    return this.#next({ id, name, size: 0, createdDateTime: now, parentReference });
  }

  /** The next version of an item. */
  #next(item: Entity): Entity {
    const { space, random } = this.#options;
    const guid = random.guid().toUpperCase();
    return {
      ...item,
      eTag: `"{${guid}},1"`,
      cTag: `"c:{${guid}},1"`,
      lastModifiedDateTime: formatSeconds(space.journal.now()),
    };
  }

  #reference(parent: Entity): JsonObject {
    return {
      driveType: "business",
      driveId: this.id,
      id: parent.id,
      path: `/drives/${this.id}/root:${this.#pathOf(parent)}`,
    };
  }

  #pathOf(item: Entity): string {
    const parent = this.items.get(parentIdOf(item) ?? "");
    return parent ? `${this.#pathOf(parent)}/${textOf(item, "name") ?? ""}` : "";
  }

  /** The name of the folder directly below the root that an item is in, if it is in one. */
  #topFolder(item: Entity): readonly string[] {
    const parent = this.items.get(parentIdOf(item) ?? "");
    if (!parent || parent.id === this.rootId) return [];
    return parentIdOf(parent) === this.rootId ? [textOf(parent, "name") ?? ""] : this.#topFolder(parent);
  }

  #newId(): string {
    return `01${this.#options.random.bytes(32).toString("hex").toUpperCase().slice(0, 32)}`;
  }
}

/** The id of the folder an item is in; none for the root. */
export function parentIdOf(item: Entity): string | undefined {
  const reference = item["parentReference"];
  return isJsonObject(reference) ? textOf(reference, "id") : undefined;
}

function sizeOf(item: Entity): number {
  return typeof item["size"] === "number" ? item["size"] : 0;
}

function contentOf({ text, mimeType }: FileContent): JsonObject {
  const sha256Hash = createHash("sha256").update(text).digest("hex").toUpperCase();
  return { size: Buffer.byteLength(text), file: { mimeType, hashes: { sha256Hash } } };
}
