import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { InboxItem, InboxRow } from "../../core/inbox.ts";
import type { SubscriptionRow } from "../../core/subscription.ts";

/** A row as SQLite gives it. The schema is STRICT, so a column has the type its table declares. */
export type Row = Readonly<Record<string, SQLOutputValue>>;
export type Parameters = Record<string, SQLInputValue>;

export function toInboxParameters(item: InboxItem): Parameters {
  return {
    kind: item.kind,
    declaration: item.declaration,
    subscriptionKey: item.subscriptionKey,
    lane: item.lane,
    identity: item.identity ?? null,
    body: JSON.stringify(item.body),
    receivedAt: item.receivedAt,
    source: item.source,
  };
}

export function fromInboxRow(row: Row): InboxRow {
  const identity = row["identity"];
  return {
    seq: Number(row["seq"]),
    kind: row["kind"] === "lifecycle" ? "lifecycle" : "notification",
    declaration: String(row["declaration"]),
    subscriptionKey: String(row["subscription_key"]),
    lane: String(row["lane"]),
    identity: typeof identity === "string" ? identity : undefined,
    body: JSON.parse(String(row["body"])),
    receivedAt: Number(row["received_at"]),
    source: String(row["source"]),
    failures: Number(row["failures"]),
    notBefore: Number(row["not_before"]),
  };
}

/** What a query needs is in columns; the rest of the row is one JSON text, so that it can grow without a migration. */
export function toSubscriptionParameters(row: SubscriptionRow): Parameters {
  const { key, nextActionAt, version: _, ...state } = row;
  return { key, nextActionAt, state: JSON.stringify(state) };
}

export function fromSubscriptionRow(row: Row): SubscriptionRow {
  return {
    ...JSON.parse(String(row["state"])),
    key: String(row["key"]),
    version: Number(row["version"]),
    nextActionAt: Number(row["next_action_at"]),
  };
}
