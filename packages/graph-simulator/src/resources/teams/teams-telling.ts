import type { Entity } from "../../entities/entity.ts";
import type { Telling } from "../../entities/entity-set.ts";
import type { ChangeType } from "../../subscriptions/change-type.ts";

/** A change of something in Teams. */
interface TeamsChange {
  readonly tenantId: string;
  readonly changeType: ChangeType;
  /** As notifications write it: `chatMessage`. */
  readonly type: string;
  /** For example `chats('19:…')/messages('1612289765949')`. */
  readonly resource: string;
  readonly entity: Entity;
  readonly topics: readonly string[];
}

/** @see https://learn.microsoft.com/graph/teams-change-notification-in-microsoft-teams-overview */
export function teamsTelling({ type, entity, ...change }: TeamsChange): Telling {
  return {
    ...change,
    entityId: entity.id,
    resourceData: {
      id: entity.id,
      "@odata.type": `#Microsoft.Graph.${type}`,
      "@odata.id": change.resource,
    },
  };
}
