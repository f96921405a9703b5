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
  /** The `resourceData` of notifications. */
  readonly resourceData: JsonObject;
  /** The entity after the change, as a GET answers it: what resource data is taken from. Absent when it is gone. */
  readonly after?: JsonObject | undefined;
}
