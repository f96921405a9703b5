import type { DatabaseSync } from "node:sqlite";
import { StoreTooNewError } from "../../core/errors.ts";

/**
 * The steps that made the schema what it is, in order; the file's `user_version` counts those it has seen. A step is
 * never edited once released: change the schema by adding one.
 */
const MIGRATIONS: readonly string[] = [
  `
  -- Accepted and unfinished. A finished row is deleted, so the table is as long as the work that waits.
  create table inbox (
    seq integer primary key autoincrement,
    -- The number it was first accepted under; null for seq itself.
    origin_seq integer,
    declaration text not null,
    subscription_key text not null,
    lane text not null,
    identity text,
    body text not null,
    received_at integer not null,
    source text not null,
    failures integer not null default 0,
    comeback text
  ) strict;
  -- Both end in seq, which SQLite adds to every index.
  create index inbox_declaration on inbox (declaration);
  create index inbox_lane on inbox (lane);

  -- Lanes that nobody holds until their time: their rows are passed over by scans.
  create table parked_lane (
    lane text primary key,
    declaration text not null,
    until integer not null
  ) strict, without rowid;
  create index parked_lane_due on parked_lane (declaration, until);

  -- What was accepted before, finished or not: a second copy is dropped.
  create table seen (
    declaration text not null,
    identity text not null,
    at integer not null,
    primary key (declaration, identity)
  ) strict, without rowid;
  create index seen_at on seen (at);

  create table dead (
    origin_seq integer primary key,
    declaration text not null,
    subscription_key text not null,
    lane text not null,
    identity text,
    body text not null,
    received_at integer not null,
    source text not null,
    failures integer not null,
    comeback text,
    died_at integer not null,
    error text not null
  ) strict;

  -- Finished rows, when an app keeps them for replay.
  create table history (
    origin_seq integer primary key,
    declaration text not null,
    subscription_key text not null,
    lane text not null,
    identity text,
    body text not null,
    received_at integer not null,
    source text not null,
    ended_at integer not null
  ) strict;
  create index history_ended on history (ended_at);

  create table subscription (
    key text primary key,
    version integer not null,
    next_action_at integer not null,
    state text not null
  ) strict, without rowid;
  create index subscription_due on subscription (next_action_at);

  create table meta (name text primary key, value text not null) strict, without rowid;
  `,
];

/** @throws StoreTooNewError for a file with steps this version does not know */
export function migrate(database: DatabaseSync, where: string): void {
  const found = Number(database.prepare("pragma user_version").get()?.["user_version"]);
  if (found > MIGRATIONS.length) throw new StoreTooNewError(where, found, MIGRATIONS.length);
  for (const [step, sql] of MIGRATIONS.entries()) {
    if (step < found) continue;
    database.exec(`begin immediate; ${sql}; pragma user_version = ${step + 1}; commit`);
  }
}
