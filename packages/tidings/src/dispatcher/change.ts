import type { Change } from "../core/change.ts";
import { parseItem } from "../core/delivery.ts";
import { etagOf } from "../core/identity.ts";
import type { InboxRow } from "../core/inbox.ts";
import type { GraphApi } from "../core/ports/graph-api.ts";
import type { Hash } from "../core/ports/hash.ts";
import { resourceKeyOf } from "../core/resource-key.ts";

export interface ChangeParts {
  readonly graph: Pick<GraphApi, "getEntity">;
  readonly hash: Hash;
}

/**
 * Builds what a handler receives from what the inbox kept.
 *
 * @throws Error when the row does not hold a notification: the store was changed by something else
 */
export function createChange(row: InboxRow, { graph, hash }: ChangeParts): Change {
  const item = parseItem(row.body.raw);
  if (item.kind !== "notification") throw new Error(`Inbox row ${row.seq} holds no notification`);
  const { tenantId, resource, resourceData } = item;
  const resourceKey = resourceKeyOf(item);
  const path = resourceKey ?? resource;
  const resourceType = resourceData?.["@odata.type"];
  return {
    id: String(row.seq),
    idempotencyKey: idempotencyKeyOf(row, hash),
    changeType: item.changeType,
    resource,
    resourceKey,
    resourceType: typeof resourceType === "string" ? resourceType : undefined,
    params: row.body.params,
    tenantId,
    subscriptionId: item.subscriptionId,
    etag: etagOf(resourceData),
    raw: item.raw,
    receivedAt: row.receivedAt,
    source: row.source,
    attempt: row.failures + 1,
    fetch: async () => (path === undefined ? undefined : graph.getEntity({ tenantId }, path)),
  };
}

/** Without an identity the row itself is all there is: its number, and its time in case the store begins anew. */
function idempotencyKeyOf({ declaration, identity, seq, receivedAt }: InboxRow, hash: Hash): string {
  return hash(
    JSON.stringify(identity === undefined ? [declaration, seq, receivedAt] : [declaration, identity]),
  );
}
