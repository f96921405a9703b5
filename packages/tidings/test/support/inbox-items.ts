import type { InboxItem, InboxRow } from "../../src/core/inbox.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { laneOf } from "../../src/core/lane.ts";

const RECEIVED_AT = Date.UTC(2026, 0, 1);
const SUBSCRIPTION_KEY = "subscription-key";

export interface ItemOptions {
  /** @default "users" */
  readonly declaration?: string;
  /** @default what its id says */
  readonly identity?: string | undefined;
  readonly raw?: JsonObject;
  readonly receivedAt?: number;
}

/** A notification of one user, accepted for a declaration. */
export function inboxItem(user: string, id: string, options: ItemOptions = {}): InboxItem {
  const { declaration = "users", raw = {}, receivedAt = RECEIVED_AT } = options;
  return {
    declaration,
    subscriptionKey: SUBSCRIPTION_KEY,
    lane: laneOf({ declaration, subscriptionKey: SUBSCRIPTION_KEY, resourceKey: `users/${user}` }),
    identity: "identity" in options ? options.identity : id,
    body: {
      raw: {
        id,
        subscriptionId: "76222963-cc7b-42d2-882d-8aaa69cb2ba3",
        changeType: "updated",
        tenantId: "84bd8158-6d4d-4958-8b9f-9d6445542f95",
        resource: `Users/${user}`,
        ...raw,
      },
      params: {},
    },
    receivedAt,
    source: "webhook",
    tokensKey: undefined,
  };
}

/** The same as a store would give it back. */
export function inboxRow(seq: number, item: InboxItem, changes: Partial<InboxRow> = {}): InboxRow {
  return { ...item, seq, originSeq: seq, failures: 0, comeback: undefined, ...changes };
}

export function idOf({ body }: InboxItem): string {
  const { id } = body.raw;
  return typeof id === "string" ? id : "";
}
