import type { DatabaseSync } from "node:sqlite";
import { StoreTooNewError } from "../../core/errors.ts";

/**
 * The steps that made the schema what it is, in order; the file's `user_version` counts those it has seen. A step is
 * never edited once released: change the schema by adding one.
 */
const MIGRATIONS: readonly string[] = [
  `
  create table inbox (
    seq integer primary key autoincrement,
    kind text not null,
    declaration text not null,
    subscription_key text not null,
    lane text not null,
    identity text,
    body text not null,
    received_at integer not null,
    source text not null,
    failures integer not null default 0,
    not_before integer not null default 0
  ) strict;

  -- What was accepted before, finished or not: a second copy is dropped.
  create table seen (
    declaration text not null,
    identity text not null,
    at integer not null,
    primary key (declaration, identity)
  ) strict, without rowid;

  create table dead (
    seq integer primary key,
    kind text not null,
    declaration text not null,
    subscription_key text not null,
    lane text not null,
    identity text,
    body text not null,
    received_at integer not null,
    source text not null,
    failures integer not null,
    died_at integer not null,
    error text not null
  ) strict;

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
