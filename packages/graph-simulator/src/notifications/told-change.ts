import type { Entity } from "../entities/entity.ts";
import { matchesFilter, type Filter } from "../odata/filter.ts";
import type { ChangeType } from "../subscriptions/change-type.ts";
import type { EntityChange } from "./entity-change.ts";

/** What a subscription asks for: the kinds of change, and a filter its entities must match. */
export interface Wish {
  /** As the app wrote it. */
  readonly resource: string;
  readonly changeTypes: readonly ChangeType[];
  readonly filter: Filter | null;
}

/**
 * The kind of change a subscription is told of, or `undefined` when it is told of none.
 *
 * With a filter, an entity that comes to match it is created, and one that ceases to is deleted.
 *
 * @see https://learn.microsoft.com/graph/outlook-change-notifications-overview
 */
export function toldChangeType(change: EntityChange, wish: Wish): ChangeType | undefined {
  const told = wish.filter ? throughFilter(change, wish.filter) : change.changeType;
  return told !== undefined && wish.changeTypes.includes(told) ? told : undefined;
}

/** The `resource` a subscription is told of. */
export function toldResource(change: EntityChange, wish: Wish): string {
  return change.resourceData ? change.resource : wish.resource;
}

function throughFilter({ changeType, before, after }: EntityChange, filter: Filter): ChangeType | undefined {
  const matches = (entity: Entity | undefined): boolean =>
    entity !== undefined && matchesFilter(entity, filter);
  const did = matches(before);
  const does = matches(after);
  if (did && does) return changeType;
  if (does) return "created";
  return did ? "deleted" : undefined;
}
