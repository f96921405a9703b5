import type { Entity } from "../../entities/entity.ts";
import type { EntityRules, EntitySpace, Telling } from "../../entities/entity-set.ts";
import type { JsonObject } from "../../http/json.ts";
import { formatSeconds } from "../../instant.ts";
import type { ChangeType } from "../../subscriptions/change-type.ts";
import type { OutlookIds } from "./outlook-id.ts";

/** The user whose mailbox it is. */
export interface MailboxOwner {
  readonly id: string;
  readonly tenantId: string;
}

/** What all items of a mailbox need. */
export interface MailboxSpace extends EntitySpace {
  readonly owner: MailboxOwner;
  readonly ids: OutlookIds;
}

/** What is particular about a kind of item. */
export interface OutlookKind {
  /** As notifications write it: `Message`. */
  readonly name: string;
  /** What an item has where nothing was written. */
  readonly defaults: JsonObject;
  /** What is made of the rest, at each write. */
  readonly derive?: ((item: JsonObject) => JsonObject) | undefined;
  /** The paths under which a change can be subscribed to. */
  readonly topics: readonly string[];
}

/**
 * Items of a mailbox. Each version has a change key of its own, which is its ETag.
 *
 * @param fixed what every new item has besides: its folder, for example
 * @see https://learn.microsoft.com/graph/api/resources/outlookitem
 */
export function outlookRules(
  space: MailboxSpace,
  kind: OutlookKind,
  fixed: () => JsonObject = () => ({}),
): EntityRules {
  const version = (item: Entity): Entity => {
    const changeKey = space.ids.changeKey();
    return {
      ...item,
      "@odata.etag": `W/"${changeKey}"`,
      changeKey,
      lastModifiedDateTime: formatSeconds(space.journal.now()),
      ...kind.derive?.(item),
    };
  };
  return {
    create: (values) => {
      const createdDateTime = formatSeconds(space.journal.now());
      const id = space.ids.itemId();
      return version({ "@odata.etag": "", id, createdDateTime, ...kind.defaults, ...fixed(), ...values });
    },
    update: (item, values) => version({ ...item, ...values }),
    tell: (changeType, item) => [outlookTelling(space.owner, { kind, changeType, item })],
  };
}

/** @see https://learn.microsoft.com/graph/outlook-change-notifications-overview */
function outlookTelling(
  { id: userId, tenantId }: MailboxOwner,
  { kind, changeType, item }: { kind: OutlookKind; changeType: ChangeType; item: Entity },
): Telling {
  const resource = `Users/${userId}@${tenantId}/${kind.name}s/${item.id}`;
  return {
    tenantId,
    changeType,
    resource,
    entityId: item.id,
    topics: kind.topics,
    resourceData: {
      "@odata.type": `#Microsoft.Graph.${kind.name}`,
      "@odata.id": resource,
      "@odata.etag": item["@odata.etag"],
      id: item.id,
    },
  };
}
