import type { Clock } from "../../clock.ts";
import type { JsonObject } from "../../http/json.ts";
import { formatTicks } from "../../instant.ts";
import type { EntityChange } from "../../notifications/publisher.ts";
import type { Random } from "../../random.ts";
import type { ChangeType } from "../../subscriptions/change-type.ts";
import { principalName, type User } from "./user.ts";

export interface DirectoryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly publish: (change: EntityChange) => void;
}

/** A user that is there from the start. Being there is no change: nobody is notified. */
export interface UserSeed {
  readonly id: string;
  readonly tenantId: string;
  readonly properties: JsonObject;
}

/**
 * The users of all tenants.
 *
 * A user is *active* from `create`; `remove` makes it *deleted*: gone from every listing, but kept; `purge` ends it.
 * Creating, changing and removing are all published as `updated`, as Entra does; only the end is `deleted`.
 *
 * @see https://learn.microsoft.com/graph/change-notifications-overview
 */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #active = new Map<string, User>();
  readonly #deleted = new Map<string, User>();
  #sequenceNumber = 0;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** In the order they were created. */
  list(tenantId: string): readonly User[] {
    return [...this.#active.values()].filter((user) => user.tenantId === tenantId);
  }

  /** @param idOrName object id or user principal name, in any case */
  find(tenantId: string, idOrName: string): User | undefined {
    const wanted = idOrName.toLowerCase();
    const user = this.#active.get(wanted);
    if (user) return user.tenantId === tenantId ? user : undefined;
    return this.list(tenantId).find((candidate) => principalName(candidate) === wanted);
  }

  findDeleted(tenantId: string, id: string): User | undefined {
    const user = this.#deleted.get(id.toLowerCase());
    return user?.tenantId === tenantId ? user : undefined;
  }

  seed(seed: UserSeed): void {
    this.#active.set(seed.id, { ...seed, createdAt: this.#options.clock.now() });
  }

  create(tenantId: string, properties: JsonObject): User {
    const { clock, random } = this.#options;
    const user: User = { id: random.guid(), tenantId, createdAt: clock.now(), properties };
    this.#active.set(user.id, user);
    this.#publish(user, "updated");
    return user;
  }

  update(user: User, properties: JsonObject): User {
    const next: User = { ...user, properties: { ...user.properties, ...properties } };
    this.#active.set(user.id, next);
    this.#publish(next, "updated");
    return next;
  }

  /** Soft delete. */
  remove(user: User): void {
    this.#active.delete(user.id);
    this.#deleted.set(user.id, user);
    this.#publish(user, "updated");
  }

  /** Permanent delete, of a deleted user. */
  purge(user: User): void {
    this.#deleted.delete(user.id);
    this.#publish(user, "deleted");
  }

  clear(): void {
    this.#active.clear();
    this.#deleted.clear();
  }

  #publish(user: User, changeType: ChangeType): void {
    const resource = `Users/${user.id}`;
    this.#options.publish({
      tenantId: user.tenantId,
      changeType,
      resource,
      entityId: user.id,
      topics: ["users", `users/${user.id}`],
      resourceData: {
        "@odata.type": "#Microsoft.Graph.User",
        "@odata.id": resource,
        id: user.id,
        organizationId: user.tenantId,
        eventTime: formatTicks(this.#options.clock.now()),
        sequenceNumber: ++this.#sequenceNumber,
      },
    });
  }
}
