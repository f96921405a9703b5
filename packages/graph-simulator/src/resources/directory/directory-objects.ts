import type { Entity } from "../../entities/entity.ts";
import { EntitySet, type Entities, type EntitySpace, type Telling } from "../../entities/entity-set.ts";
import type { JsonObject } from "../../http/json.ts";
import { formatTicks } from "../../instant.ts";
import type { ChangeType } from "../../subscriptions/change-type.ts";

/** What differs between users and groups. */
export interface DirectoryKind {
  /** As notifications write it: `User`. */
  readonly name: string;
  /** Beginning of the resource paths, in lower case: `users`. */
  readonly path: string;
  /** A new object of what was written. */
  readonly create: (values: JsonObject) => Entity;
  readonly update: (object: Entity, values: JsonObject) => Entity;
  /** Called when an object is deleted, softly. */
  readonly removed?: (tenantId: string, id: string) => void;
  /** A name, in lower case, that the object can be addressed by in place of its id. */
  readonly alias?: (object: Entity) => string;
}

export interface DirectoryObjectsOptions {
  readonly space: EntitySpace;
  readonly kind: DirectoryKind;
  readonly tenantId: string;
  /** The `sequenceNumber` of the next notification. */
  readonly nextSequenceNumber: () => number;
}

/**
 * The users, or the groups, of one tenant.
 *
 * An object is *active* from `create`; `remove` makes it *deleted*: gone from every listing, but kept; from there
 * `restore` makes it active again and `purge` ends it. All of them are told as `updated`, as Entra does; only the end
 * is `deleted`.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-overview
 */
export class DirectoryObjects implements Entities {
  readonly kind = "entities" as const;
  readonly set: EntitySet;
  readonly #options: DirectoryObjectsOptions;
  readonly #deleted = new Map<string, Entity>();

  constructor(options: DirectoryObjectsOptions) {
    this.#options = options;
    const { create, update } = options.kind;
    this.set = new EntitySet(options.space, {
      create,
      update,
      tell: (changeType, object, reason) => [
        this.telling(changeType === "deleted" && reason === "deleted" ? "deleted" : "updated", object),
      ],
    });
  }

  /** How many are active. */
  get size(): number {
    return this.set.collection.size;
  }

  list(): readonly Entity[] {
    return this.set.list();
  }

  /** @param idOrAlias in any case */
  get(idOrAlias: string): Entity | undefined {
    const wanted = idOrAlias.toLowerCase();
    const { alias } = this.#options.kind;
    return this.set.get(wanted) ?? (alias && this.list().find((object) => alias(object) === wanted));
  }

  getDeleted(id: string): Entity | undefined {
    return this.#deleted.get(id.toLowerCase());
  }

  listDeleted(): readonly Entity[] {
    return [...this.#deleted.values()];
  }

  create(values: JsonObject): Entity {
    return this.set.create(values);
  }

  update(object: Entity, values: JsonObject): Entity {
    return this.set.update(object, values);
  }

  /** Soft delete. */
  remove(object: Entity): void {
    this.#deleted.set(object.id, object);
    this.set.remove(object, "changed");
    this.#options.kind.removed?.(this.#options.tenantId, object.id);
  }

  restore(object: Entity): Entity {
    this.#deleted.delete(object.id);
    return this.set.add(object);
  }

  /** Permanent delete, of a deleted object. */
  purge(object: Entity): void {
    this.#deleted.delete(object.id);
    this.set.remove(object, "deleted");
  }

  /** What a notification of the object says. @param more further properties of its `resourceData` */
  telling(changeType: ChangeType, object: Entity, more: JsonObject = {}): Telling {
    const { kind, tenantId, space, nextSequenceNumber } = this.#options;
    const resource = `${kind.name}s/${object.id}`;
    return {
      tenantId,
      changeType,
      resource,
      entityId: object.id,
      topics: [kind.path, `${kind.path}/${object.id}`],
      resourceData: {
        "@odata.type": `#Microsoft.Graph.${kind.name}`,
        "@odata.id": resource,
        id: object.id,
        organizationId: tenantId,
        eventTime: formatTicks(space.journal.now()),
        sequenceNumber: nextSequenceNumber(),
        ...more,
      },
    };
  }
}
