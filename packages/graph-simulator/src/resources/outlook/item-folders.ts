import type { ChangedEntity, ChangeSource } from "../../entities/entity-collection.ts";
import type { Entity } from "../../entities/entity.ts";
import type { Entities, EntitySet } from "../../entities/entity-set.ts";
import { LazyMap } from "../../entities/lazy-map.ts";
import type { JsonObject } from "../../http/json.ts";

/**
 * Items that lie in folders: one set for each folder, and all of them as one.
 *
 * As one, the newest come first and a new item goes to the default folder.
 */
export class ItemFolders implements Entities, ChangeSource {
  readonly kind = "entities" as const;
  readonly #sets: LazyMap<string, EntitySet>;
  readonly #defaultFolderId: string;

  constructor(defaultFolderId: string, createSet: (folderId: string) => EntitySet) {
    this.#defaultFolderId = defaultFolderId;
    this.#sets = new LazyMap(createSet);
  }

  inFolder(folderId: string): EntitySet {
    return this.#sets.of(folderId);
  }

  list(): readonly Entity[] {
    return this.#sets
      .values()
      .flatMap(({ collection }) =>
        collection.list().map((item) => ({ item, number: collection.createdNumber(item.id) })),
      )
      .toSorted((one, other) => other.number - one.number)
      .map(({ item }) => item);
  }

  changesAfter(number: number): readonly ChangedEntity[] {
    return this.#sets
      .values()
      .flatMap(({ collection }) => [...collection.changesAfter(number)])
      .toSorted((one, other) => one.number - other.number);
  }

  get(id: string): Entity | undefined {
    return this.#holderOf(id)?.get(id);
  }

  create(values: JsonObject): Entity {
    return this.inFolder(this.#defaultFolderId).create(values);
  }

  update(item: Entity, values: JsonObject): Entity {
    return this.#holderOf(item.id)?.update(item, values) ?? item;
  }

  remove(item: Entity): void {
    this.#holderOf(item.id)?.remove(item);
  }

  #holderOf(id: string): EntitySet | undefined {
    return this.#sets.values().find((set) => set.get(id) !== undefined);
  }
}
