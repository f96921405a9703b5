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
    comeback text,
    -- Of tokens.
    tokens_key text,
    -- 1 once it can be found through its lane.
    in_lane integer not null default 0
  ) strict;
  -- Both end in seq, which SQLite adds to every index.
  create index inbox_declaration on inbox (declaration);
  -- Most rows are handled without it: what failed, and what waits behind it, is found through its lane. So a row is
  -- taken in when a lane is asked for, not when it is accepted.
  create index inbox_lane on inbox (lane) where in_lane = 1;
  create index inbox_tokens on inbox (tokens_key) where tokens_key is not null;

  -- The validation tokens of deliveries, as JSON, for as long as a row names them.
  create table tokens (key text primary key, tokens text not null) strict, without rowid;

  -- The last row of each declaration that was taken in.
  create table lane_index (declaration text primary key, up_to integer not null) strict, without rowid;

  -- Lanes that nobody holds until their time: their rows are passed over by scans.
  create table parked_lane (
    lane text primary key,
    declaration text not null,
    parked_at integer not null,
    until integer not null
  ) strict, without rowid;
  create index parked_lane_due on parked_lane (declaration, until);
  create index parked_lane_ahead on parked_lane (declaration, parked_at);

  -- What was accepted before, finished or not: a second copy is dropped. In the order of acceptance, so that the old
  -- ones are the first. A key is 128 bits of a hash over declaration and identity, so its index is written at random
  -- places; that is done for many at once, and what was seen since is in a table that is only added to.
  create table seen (id integer primary key, key blob not null unique, at integer not null) strict;
  create table seen_lately (id integer primary key, key blob not null, at integer not null) strict;

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
    tokens_key text,
    died_at integer not null,
    error text not null
  ) strict;
  create index dead_tokens on dead (tokens_key) where tokens_key is not null;

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
    tokens_key text,
    ended_at integer not null
  ) strict;
  create index history_tokens on history (tokens_key) where tokens_key is not null;
  create index history_ended on history (ended_at);

  -- What many desired subscriptions have in common. It grows with what is declared, and with tenants, not with rows.
  create table common (id integer primary key, text text not null unique) strict;

  create table subscription (
    id integer primary key,
    key text not null unique,
    version integer not null,
    -- Both in common.
    tenant integer not null,
    form integer not null,
    -- Null when it is due_at.
    next_action_at integer,
    claimed_until integer not null,
    due_at integer not null,
    deadline integer not null,
    heard_at integer,
    is_missing integer not null,
    is_parked integer not null,
    state text not null
  ) strict;
  -- The beginning of a key is enough to find its place, and half as long in all.
  create index subscription_tenant on subscription (tenant, substr(key, 1, 4));
  -- Few that are due are found by the first and sorted; many are found by the second, in their order.
  create index subscription_due on subscription (due_at, deadline);
  create index subscription_deadline on subscription (deadline, due_at);
  create index subscription_missing on subscription (is_missing) where is_missing = 1;
  create index subscription_parked on subscription (is_parked) where is_parked = 1;
  create index subscription_claimed on subscription (claimed_until) where claimed_until > 0;
  -- Rows that were claimed since they were written. They are written again soon, and once is enough: a row is in a
  -- page of its own, nearly, and in two indexes.
  create table subscription_claim (id integer primary key, until integer not null, version integer not null) strict;

  create table note (
    kind text not null,
    key text not null,
    value text not null,
    primary key (kind, key)
  ) strict, without rowid;

  create table meta (name text primary key, value text not null) strict, without rowid;
  `,
];

/**
 * The keys of `seen_lately` again, in memory, where they can be looked up. As a table it belongs to the transaction, so
 * that what is rolled back was never seen.
 */
export const SEEN_IN_MEMORY = `
  pragma temp_store = memory;
  create table temp.known_lately (key blob primary key) strict, without rowid;
  insert into temp.known_lately select key from seen_lately;
`;

/** @throws StoreTooNewError for a file with steps this version does not know */
export function migrate(database: DatabaseSync, where: string): void {
  const found = Number(database.prepare("pragma user_version").get()?.["user_version"]);
  if (found > MIGRATIONS.length) throw new StoreTooNewError(where, found, MIGRATIONS.length);
  for (const [step, sql] of MIGRATIONS.entries()) {
    if (step < found) continue;
    database.exec(`begin immediate; ${sql}; pragma user_version = ${step + 1}; commit`);
  }
}
