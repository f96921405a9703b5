import type { JsonObject } from "../http/json.ts";
import type { EntityChange } from "../notifications/entity-change.ts";
import type { ChangeType } from "../subscriptions/change-type.ts";
import type { Entity } from "./entity.ts";
import { EntityCollection, type RemovalReason } from "./entity-collection.ts";
import type { Journal } from "./journal.ts";

/** How a change is told to those who subscribed: everything but the entity itself. */
export type Telling = Omit<EntityChange, "before" | "after">;

/** What is particular about a kind of entity. */
export interface EntityRules {
  /** The entity that is made of what was written. */
  readonly create: (values: JsonObject) => Entity;
  /** Its next version; what was not written stays. */
  readonly update: (entity: Entity, values: JsonObject) => Entity;
  /** How a change is told; of several things when it is one of each, of none when nobody can hear of it. */
  readonly tell: (changeType: ChangeType, entity: Entity, reason?: RemovalReason) => readonly Telling[];
}

/** Entities as requests see them. */
export interface Entities {
  readonly kind: "entities";
  list(): readonly Entity[];
  get(id: string): Entity | undefined;
  create(values: JsonObject): Entity;
  update(entity: Entity, values: JsonObject): Entity;
  remove(entity: Entity): void;
}

/** What all sets share. */
export interface EntitySpace {
  readonly journal: Journal;
  readonly publish: (change: EntityChange) => void;
  /**
   * How often one update is made, and told. More than once is what users see: a single action in Outlook may yield
   * several `updated` notifications, each of another version.
   */
  readonly updatesPerAction: number;
}

/** The entities of one container: each change is kept for delta queries and published to subscriptions. */
export class EntitySet implements Entities {
  readonly kind = "entities" as const;
  readonly collection: EntityCollection;
  readonly #space: EntitySpace;
  readonly #rules: EntityRules;

  constructor(space: EntitySpace, rules: EntityRules) {
    this.#space = space;
    this.#rules = rules;
    this.collection = new EntityCollection(space.journal);
  }

  list(): readonly Entity[] {
    return this.collection.list();
  }

  get(id: string): Entity | undefined {
    return this.collection.get(id);
  }

  create(values: JsonObject): Entity {
    return this.add(this.#rules.create(values));
  }

  /** Takes in an entity that is there from the start: being there is no change. */
  seed(entity: Entity): Entity {
    this.collection.put(entity);
    return entity;
  }

  /** Takes an entity in as it is, and tells of its creation. */
  add(entity: Entity): Entity {
    this.collection.put(entity);
    this.#tell("created", { before: undefined, after: entity });
    return entity;
  }

  update(entity: Entity, values: JsonObject): Entity {
    let latest = entity;
    for (let count = 0; count < this.#space.updatesPerAction; count += 1) {
      const before = latest;
      latest = this.#rules.update(before, values);
      this.collection.put(latest);
      this.#tell("updated", { before, after: latest });
    }
    return latest;
  }

  /** @param reason why it is gone: `changed` when it could be restored */
  remove(entity: Entity, reason: RemovalReason = "deleted"): void {
    this.collection.remove(entity.id, reason);
    this.#tell("deleted", { before: entity, after: undefined, reason });
  }

  #tell(
    changeType: ChangeType,
    change: { before: Entity | undefined; after: Entity | undefined; reason?: RemovalReason },
  ): void {
    const { before, after, reason } = change;
    const entity = after ?? before;
    if (!entity) return;
    for (const telling of this.#rules.tell(changeType, entity, reason)) {
      this.#space.publish({ ...telling, before, after });
    }
  }
}
