import type { Entity } from "../../entities/entity.ts";
import type { EntitySpace } from "../../entities/entity-set.ts";
import { LazyMap } from "../../entities/lazy-map.ts";
import type { JsonObject } from "../../http/json.ts";
import type { Random } from "../../random.ts";
import { DirectoryObjects, type DirectoryKind } from "./directory-objects.ts";
import { createGroup } from "./group.ts";
import { Memberships } from "./memberships.ts";
import { createUser, principalName, updateUser } from "./user.ts";

export interface DirectoryOptions {
  readonly space: EntitySpace;
  readonly random: Random;
  /** Whether notifications of a changed membership carry `members@delta`. */
  readonly tellsMembers: boolean;
  /** Called when a group is deleted: what hangs on it goes too. */
  readonly groupRemoved: (tenantId: string, groupId: string) => void;
}

/** A user that is there from the start. Being there is no change: nobody is notified. */
export interface UserSeed {
  readonly id: string;
  readonly tenantId: string;
  readonly properties: JsonObject;
}

/** The directories of all tenants. */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #users: LazyMap<string, DirectoryObjects>;
  readonly #groups: LazyMap<string, DirectoryObjects>;
  readonly #memberships: LazyMap<string, Memberships>;
  #sequenceNumber = 0;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    const { random, space } = options;
    const groupIds = random.fork("groups");
    this.#users = this.#objects({
      name: "User",
      path: "users",
      create: (values) => createUser(random.guid(), space.journal.now(), values),
      update: updateUser,
      alias: principalName,
    });
    this.#groups = this.#objects({
      name: "Group",
      path: "groups",
      create: (values) => createGroup(groupIds.guid(), space.journal.now(), values),
      update: (group, values) => ({ ...group, ...values }),
      removed: options.groupRemoved,
    });
    this.#memberships = new LazyMap(
      (tenantId) =>
        new Memberships({ space, groups: this.groups(tenantId), tellsMembers: options.tellsMembers }),
    );
  }

  users(tenantId: string): DirectoryObjects {
    return this.#users.of(tenantId);
  }

  groups(tenantId: string): DirectoryObjects {
    return this.#groups.of(tenantId);
  }

  memberships(tenantId: string): Memberships {
    return this.#memberships.of(tenantId);
  }

  /** A user or a group. */
  findObject(
    tenantId: string,
    id: string,
  ): { readonly type: "user" | "group"; readonly object: Entity } | undefined {
    const user = this.users(tenantId).get(id);
    if (user) return { type: "user", object: user };
    const group = this.groups(tenantId).get(id);
    return group && { type: "group", object: group };
  }

  seed({ id, tenantId, properties }: UserSeed): void {
    this.users(tenantId).set.seed(createUser(id, this.#options.space.journal.now(), properties));
  }

  clear(): void {
    this.#users.clear();
    this.#groups.clear();
    this.#memberships.clear();
  }

  #objects(kind: DirectoryKind): LazyMap<string, DirectoryObjects> {
    const { space } = this.#options;
    return new LazyMap(
      (tenantId) =>
        new DirectoryObjects({ space, kind, tenantId, nextSequenceNumber: () => ++this.#sequenceNumber }),
    );
  }
}
