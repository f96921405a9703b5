import type { Entity } from "../entities/entity.ts";
import type { JsonObject } from "../http/json.ts";
import type { ChangeType } from "../subscriptions/change-type.ts";

/** A change of an entity, as its resource tells it. */
export interface EntityChange {
  readonly tenantId: string;
  readonly changeType: ChangeType;
  /** The `resource` of notifications, for example `Users/{guid}`. */
  readonly resource: string;
  readonly entityId: string;
  /** The paths, in their one spelling, under which the change can be subscribed to. */
  readonly topics: readonly string[];
  /**
   * The `resourceData` of notifications. Without it, a notification says only that something changed in what was
   * subscribed to, under the name it was subscribed to with: so do drives and lists.
   */
  readonly resourceData?: JsonObject | undefined;
  /** The entity before the change; absent when it is new, or when nobody can filter it. */
  readonly before?: Entity | undefined;
  /** The entity after the change; absent when it is gone. */
  readonly after?: Entity | undefined;
}
