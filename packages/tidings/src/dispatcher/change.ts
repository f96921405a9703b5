import { uniteChangeTypes } from "../core/change-type.ts";
import type { Change } from "../core/change.ts";
import { parseItem } from "../core/delivery.ts";
import { etagOf } from "../core/identity.ts";
import type { InboxRow } from "../core/inbox.ts";
import type { JsonObject } from "../core/json.ts";
import type { Notification } from "../core/notification.ts";
import type { GraphApi } from "../core/ports/graph-api.ts";
import type { Hash } from "../core/ports/hash.ts";
import { resourceKeyOf } from "../core/resource-key.ts";

export interface ChangeParts {
  readonly graph: Pick<GraphApi, "getEntity">;
  readonly hash: Hash;
}

/**
 * Builds what a handler receives from the rows that one call stands for: the newest speaks for all.
 *
 * @param data what the newest includes of the resource, opened
 * @throws Error when a row does not hold a notification: the store was changed by something else
 */
export function createChange(
  rows: readonly [InboxRow, ...InboxRow[]],
  data: JsonObject | undefined,
  { graph, hash }: ChangeParts,
): Change {
  const row = rows.at(-1) ?? rows[0];
  const notifications = rows.map((each) => notificationOf(each));
  const item = notificationOf(row);
  const { tenantId, resource, resourceData } = item;
  const resourceKey = resourceKeyOf(item);
  const path = resourceKey ?? resource;
  const resourceType = resourceData?.["@odata.type"];
  return {
    id: String(row.originSeq),
    idempotencyKey: idempotencyKeyOf(row, hash),
    changeType: item.changeType,
    resource,
    resourceKey,
    resourceType: typeof resourceType === "string" ? resourceType : undefined,
    params: row.body.params,
    tenantId,
    subscriptionId: item.subscriptionId,
    subscriptionKey: row.subscriptionKey,
    etag: etagOf(resourceData),
    data,
    raw: item.raw,
    receivedAt: row.receivedAt,
    source: row.source,
    attempt: Math.max(...rows.map(({ failures }) => failures)) + 1,
    redriven: row.comeback !== undefined,
    mergedCount: rows.length,
    changeTypes: uniteChangeTypes([notifications.map(({ changeType }) => changeType)]),
    fetch: async () =>
      path === undefined ? undefined : graph.getEntity({ tenantId, userId: row.body.userId }, path),
  };
}

function notificationOf({ body, seq }: InboxRow): Notification {
  const item = parseItem(body.raw);
  if (item.kind !== "notification") throw new Error(`Inbox row ${seq} holds no notification`);
  return item;
}

/**
 * Without an identity the number it was accepted under is all there is, with its time in case the store begins anew.
 * A replay is meant to be done again, so its key carries the run; a redrive finishes what was begun, a replay too.
 */
function idempotencyKeyOf(row: InboxRow, hash: Hash): string {
  const { declaration, identity, originSeq, receivedAt, comeback } = row;
  const run = comeback === undefined || comeback === REDRIVE ? [] : [comeback];
  const what = identity === undefined ? [originSeq, receivedAt] : [identity];
  return hash(JSON.stringify([declaration, ...what, ...run]));
}

const REDRIVE = "redrive";
