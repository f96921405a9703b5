import type { Entities, EntitySet } from "./entity-set.ts";

/** The same entities, listed with the newest first. */
export function newestFirst(set: EntitySet): Entities {
  return {
    kind: "entities",
    list: () => set.list().toReversed(),
    get: (id) => set.get(id),
    create: (values) => set.create(values),
    update: (entity, values) => set.update(entity, values),
    remove: (entity) => set.remove(entity),
  };
}
