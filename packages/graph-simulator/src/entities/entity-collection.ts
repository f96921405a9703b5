import type { Entity } from "./entity.ts";
import type { Journal } from "./journal.ts";

/** Why an entity is gone: `changed` when it could be restored, `deleted` when it could not. */
export type RemovalReason = "changed" | "deleted";

/** The latest a delta query may tell of an entity. */
export interface ChangedEntity {
  readonly id: string;
  /** Of the latest change. */
  readonly number: number;
  /** Of the change that made it. */
  readonly createdNumber: number;
  readonly state:
    | { readonly kind: "present"; readonly entity: Entity }
    | { readonly kind: "removed"; readonly reason: RemovalReason };
  /** For each property, the number of the change that last gave it another value. */
  readonly propertyNumbers: ReadonlyMap<string, number>;
}

/** Where a delta query reads from. */
export interface ChangeSource {
  /** What changed after a number, as far as it shows yet, in the order of the changes; each entity once. */
  changesAfter(number: number): readonly ChangedEntity[];
}

interface Version extends ChangedEntity {
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * Entities by id, and what changed when: the ground that listings and delta queries stand on.
 *
 * An entity is *present* from `put` until `remove`; a removed one is remembered, and may be put back. Versions are
 * kept only as long as the journal's lag hides the newest.
 */
export class EntityCollection implements ChangeSource {
  readonly #journal: Journal;
  /** In the order they were created. */
  readonly #present = new Map<string, Entity>();
  /** Versions of each entity, oldest first, never empty; in the order of their latest change. */
  readonly #versions = new Map<string, Version[]>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get size(): number {
    return this.#present.size;
  }

  /** In the order they were created. */
  list(): readonly Entity[] {
    return [...this.#present.values()];
  }

  get(id: string): Entity | undefined {
    return this.#present.get(id);
  }

  /** The number of the change that made it; 0 when it never was. */
  createdNumber(id: string): number {
    return this.#versions.get(id)?.at(-1)?.createdNumber ?? 0;
  }

  /** Adds an entity, or puts its next version in the place of the last. */
  put(entity: Entity): void {
    const number = this.#journal.next();
    const last = this.#versions.get(entity.id)?.at(-1);
    this.#present.set(entity.id, entity);
    this.#record({
      id: entity.id,
      number,
      createdNumber: last?.createdNumber ?? number,
      at: this.#journal.now(),
      state: { kind: "present", entity },
      propertyNumbers: propertyNumbers(entity, last, number),
    });
  }

  /** The change by which it went, or none when it was not there. */
  remove(id: string, reason: RemovalReason = "deleted"): void {
    const last = this.#versions.get(id)?.at(-1);
    if (!last) return;
    this.#present.delete(id);
    const number = this.#journal.next();
    this.#record({ ...last, number, at: this.#journal.now(), state: { kind: "removed", reason } });
  }

  changesAfter(number: number): readonly ChangedEntity[] {
    const shownUntil = this.#journal.shownUntil();
    const changes: ChangedEntity[] = [];
    for (const versions of this.#versions.values()) {
      const shown = versions.findLast((version) => version.at <= shownUntil);
      if (shown && shown.number > number) changes.push(shown);
    }
    return changes.toSorted((one, other) => one.number - other.number);
  }

  #record(version: Version): void {
    const versions = this.#versions.get(version.id) ?? [];
    const shownUntil = this.#journal.shownUntil();
    const firstNeeded = versions.findLastIndex((older) => older.at <= shownUntil);
    const kept = version.at <= shownUntil ? [] : versions.slice(Math.max(firstNeeded, 0));
    this.#versions.delete(version.id);
    this.#versions.set(version.id, [...kept, version]);
  }
}

function propertyNumbers(
  entity: Entity,
  last: Version | undefined,
  number: number,
): ReadonlyMap<string, number> {
  const before = last?.state.kind === "present" ? last.state.entity : undefined;
  // An update carries over the values it does not write, so another value is another object.
  return new Map(
    Object.entries(entity).map(([name, value]) => [
      name,
      before !== undefined && before[name] === value ? (last?.propertyNumbers.get(name) ?? number) : number,
    ]),
  );
}
