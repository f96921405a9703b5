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
  /** For each property that had another value at first, the number of the change that gave it the present one. */
  readonly propertyNumbers: ReadonlyMap<string, number>;
}

/** Where a delta query reads from. */
export interface ChangeSource {
  /** What changed after a number, as far as it shows yet, in the order of the changes; each entity once. */
  changesAfter(number: number): Iterable<ChangedEntity>;
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
  /** Versions of each entity, oldest first, never empty. */
  readonly #versions = new Map<string, Version[]>();
  /** All changes in their order; those of versions no longer kept go when there are too many. */
  #log: { readonly number: number; readonly id: string }[] = [];

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

  *changesAfter(number: number): Iterable<ChangedEntity> {
    const shownUntil = this.#journal.shownUntil();
    for (let index = this.#firstAfter(number); index < this.#log.length; index += 1) {
      const entry = this.#log[index];
      const shown = entry && this.#versions.get(entry.id)?.findLast((version) => version.at <= shownUntil);
      // An entity has its place where the version that shows came to be.
      if (shown && shown.number === entry.number) yield shown;
    }
  }

  #record(version: Version): void {
    const { id, number } = version;
    const versions = this.#versions.get(id) ?? [];
    const shownUntil = this.#journal.shownUntil();
    const firstNeeded = versions.findLastIndex((older) => older.at <= shownUntil);
    const kept = version.at <= shownUntil ? [] : versions.slice(Math.max(firstNeeded, 0));
    this.#versions.set(id, [...kept, version]);
    this.#log.push({ number, id });
    if (this.#log.length > 2 * this.#versions.size + MIN_LOG_LENGTH) this.#forget();
  }

  /** Drops what no version is left of. */
  #forget(): void {
    this.#log = this.#log.filter(({ number, id }) =>
      this.#versions.get(id)?.some((version) => version.number === number),
    );
  }

  /** Index of the first change after a number; the log is sorted. */
  #firstAfter(number: number): number {
    let low = 0;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#log[middle]?.number ?? Infinity) > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** A log shorter than this is not worth shortening. */
const MIN_LOG_LENGTH = 100;

const NO_NUMBERS: ReadonlyMap<string, number> = new Map();

function propertyNumbers(
  entity: Entity,
  last: Version | undefined,
  number: number,
): ReadonlyMap<string, number> {
  if (!last) return NO_NUMBERS;
  const { state } = last;
  // An update carries over the values it does not write, so another value is another object.
  const changed = Object.keys(entity).filter(
    (name) => state.kind === "removed" || state.entity[name] !== entity[name],
  );
  return new Map([...last.propertyNumbers, ...changed.map((name) => [name, number] as const)]);
}
