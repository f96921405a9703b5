import type { Entity } from "../../entities/entity.ts";
import { EntityCollection } from "../../entities/entity-collection.ts";
import type { EntitySpace } from "../../entities/entity-set.ts";
import { LazyMap } from "../../entities/lazy-map.ts";
import type { JsonObject } from "../../http/json.ts";
import type { DirectoryObjects } from "./directory-objects.ts";
import type { GroupRelationship } from "./group.ts";

export interface MembershipsOptions {
  readonly space: EntitySpace;
  readonly groups: DirectoryObjects;
  /** Whether notifications of a changed membership carry `members@delta`. */
  readonly tellsMembers: boolean;
}

/** Who belongs to a group: the type and id of the object, no more. */
type Member = Entity & { readonly "@odata.type": string };

/** The members and owners of the groups of one tenant. A changed membership is a change of the group. */
export class Memberships {
  readonly #options: MembershipsOptions;
  readonly #byKey: LazyMap<string, EntityCollection>;

  constructor(options: MembershipsOptions) {
    this.#options = options;
    this.#byKey = new LazyMap(() => new EntityCollection(options.space.journal));
  }

  list(group: Entity, relationship: GroupRelationship): readonly Entity[] {
    return this.#of(group, relationship).list();
  }

  has(group: Entity, relationship: GroupRelationship, id: string): boolean {
    return this.#of(group, relationship).get(id) !== undefined;
  }

  /** The groups an object is a member of. */
  groupsOf(id: string): readonly Entity[] {
    return this.#options.groups.list().filter((group) => this.has(group, "members", id));
  }

  add(group: Entity, relationship: GroupRelationship, { type, id }: { type: string; id: string }): void {
    const member: Member = { "@odata.type": `#microsoft.graph.${type}`, id };
    this.#of(group, relationship).put(member);
    this.#touch(group, relationship, { id });
  }

  remove(group: Entity, relationship: GroupRelationship, id: string): void {
    this.#of(group, relationship).remove(id);
    this.#touch(group, relationship, { id, "@removed": "deleted" });
  }

  /** What changed in a relationship after a number, as a delta query writes it; `undefined` when nothing did. */
  delta(group: Entity, relationship: GroupRelationship, after: number): JsonObject[] | undefined {
    const changed = [...this.#of(group, relationship).changesAfter(after)];
    const changes = changed.flatMap(({ id, state, createdNumber }) => {
      if (state.kind === "present") return [{ ...state.entity }];
      return createdNumber <= after ? [{ id, "@removed": { reason: "deleted" } }] : [];
    });
    return changes.length > 0 ? changes : undefined;
  }

  #of(group: Entity, relationship: GroupRelationship): EntityCollection {
    return this.#byKey.of(`${group.id}/${relationship}`);
  }

  /** The group itself gets a new number, so that its delta query tells of it. */
  #touch(group: Entity, relationship: GroupRelationship, member: JsonObject): void {
    const { space, groups, tellsMembers } = this.#options;
    groups.set.collection.put(group);
    const more = tellsMembers ? { [`${relationship}@delta`]: [member] } : {};
    const telling = groups.telling("updated", group, more);
    space.publish({
      ...telling,
      topics: [...telling.topics, `groups/${group.id}/${relationship}`],
      before: group,
      after: group,
    });
  }
}
