import type { Entity } from "../../entities/entity.ts";
import { EntitySet, type EntitySpace } from "../../entities/entity-set.ts";
import { LazyMap } from "../../entities/lazy-map.ts";
import type { JsonObject } from "../../http/json.ts";

/**
 * Whether users are there, and what they do. A user nobody set anything for is offline.
 *
 * @see https://learn.microsoft.com/graph/api/resources/presence
 */
export class Presences {
  readonly #space: EntitySpace;
  readonly #byTenant: LazyMap<string, EntitySet>;

  constructor(space: EntitySpace) {
    this.#space = space;
    this.#byTenant = new LazyMap((tenantId) => this.#createSet(tenantId));
  }

  of(tenantId: string, user: { readonly id: string }): Entity {
    const set = this.#byTenant.of(tenantId);
    return (
      set.get(user.id) ??
      set.seed({ id: user.id, availability: "Offline", activity: "Offline", statusMessage: null })
    );
  }

  set(tenantId: string, user: { readonly id: string }, values: JsonObject): Entity {
    return this.#byTenant.of(tenantId).update(this.of(tenantId, user), values);
  }

  clear(): void {
    this.#byTenant.clear();
  }

  /** @see https://learn.microsoft.com/graph/changenotifications-for-presence */
  #createSet(tenantId: string): EntitySet {
    return new EntitySet(this.#space, {
      create: (values) => ({ id: "", ...values }),
      update: (presence, values) => ({ ...presence, ...values }),
      tell: (changeType, presence) => [
        {
          tenantId,
          changeType,
          resource: `communications/presences/${presence.id}`,
          entityId: presence.id,
          topics: ["communications/presences", `communications/presences/${presence.id}`],
          resourceData: {
            "@odata.id": `users/${presence.id}/presence`,
            "@odata.type": "#microsoft.graph.presence",
            id: presence.id,
          },
        },
      ],
    });
  }
}
