import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { DeadLetter, InboxItem, InboxRow } from "../../core/inbox.ts";
import type { LetterQuery } from "../../core/ports/store.ts";

/** A row as SQLite gives it. The schema is STRICT, so a column has the type its table declares. */
export type Row = Readonly<Record<string, SQLOutputValue>>;
export type Parameters = Record<string, SQLInputValue>;

/** What `append` writes, in the order of its placeholders: flat, so that the way between threads costs little. */
export type InboxValues = readonly [
  declaration: string,
  subscriptionKey: string,
  lane: string,
  identity: string | null,
  body: string,
  receivedAt: number,
  source: string,
  tokensKey: string | null,
];

export function toInboxValues(item: InboxItem): InboxValues {
  const { declaration, subscriptionKey, lane, identity = null, body, receivedAt, source } = item;
  const { tokensKey = null } = item;
  return [declaration, subscriptionKey, lane, identity, JSON.stringify(body), receivedAt, source, tokensKey];
}

export function fromInboxRow(row: Row): InboxRow {
  const seq = Number(row["seq"]);
  return {
    seq,
    originSeq: Number(row["origin_seq"] ?? seq),
    declaration: String(row["declaration"]),
    subscriptionKey: String(row["subscription_key"]),
    lane: String(row["lane"]),
    identity: textOf(row["identity"]),
    body: JSON.parse(String(row["body"])),
    receivedAt: Number(row["received_at"]),
    source: String(row["source"]),
    tokensKey: textOf(row["tokens_key"]),
    failures: Number(row["failures"]),
    comeback: textOf(row["comeback"]),
  };
}

export function fromDeadRow(row: Row): DeadLetter {
  return { ...fromInboxRow(row), diedAt: Number(row["died_at"]), error: String(row["error"]) };
}

/** @param last number that the step looks at */
export function toLetterParameters(query: LetterQuery, last: number): Parameters {
  const { declaration, resourceKey, ids, since, after } = query;
  return {
    declaration: declaration ?? null,
    resourceKey: resourceKey ?? null,
    ids: ids === undefined ? null : JSON.stringify(ids),
    since: since ?? null,
    after: after ?? 0,
    last,
  };
}

function textOf(value: SQLOutputValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
