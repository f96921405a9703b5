/**
 * Conditions of a `LetterQuery`, for the rows that its step looks at; an absent one is null. A lane is spelled as
 * `laneOf` of core spells it.
 */
const LETTER = `
  origin_seq > :after and origin_seq <= :last
  and (:declaration is null or declaration = :declaration)
  and (:resourceKey is null or lane = declaration || ' ' || subscription_key || ' ' || :resourceKey)
  and (:ids is null or origin_seq in (select value from json_each(:ids)))
  and (:since is null or received_at >= :since)`;

/** What a step of `:limit` rows looks at: the last number and how many; and the greatest number there is. */
function stepOf(table: string, number: string, condition = "true"): string {
  return `
    select max(number) as last, count(*) as count,
      (select max(${number}) from ${table} where ${condition}) as greatest
    from (
      select ${number} as number from ${table}
      where ${condition} and ${number} > :after and ${number} <= :upTo order by ${number} limit :limit
    )`;
}

/** Rows of a tenant among those that a step looks at, told as `tenantIdOf` of core tells it. */
function ofTenant(number: string): string {
  return `
    ${number} > :after and ${number} <= :last and :tenantId = lower(
      case when json_type(body, '$.raw.tenantId') = 'text' and json_extract(body, '$.raw.tenantId') <> ''
        then json_extract(body, '$.raw.tenantId')
        else json_extract(body, '$.raw.organizationId') end)`;
}

export type StatementName =
  | "append"
  | "keepTokens"
  | "getTokens"
  | "know"
  | "remember"
  | "countLately"
  | "mergeSeen"
  | "clearLately"
  | "clearKnown"
  | "scanEnd"
  | "scan"
  | "extendLanes"
  | "noteLanes"
  | "loadLane"
  | "dueLanes"
  | "unpark"
  | "park"
  | "nextLane"
  | "finish"
  | "fail"
  | "bury"
  | "listUndeclared"
  | "stepOfInbox"
  | "listOld"
  | "unparkOld"
  | "keepHistory"
  | "stepOfDead"
  | "stepOfHistory"
  | "listDead"
  | "redrive"
  | "purgeDead"
  | "replay"
  | "stepOfAll"
  | "unparkTenant"
  | "purgeTenantInbox"
  | "purgeTenantDead"
  | "purgeTenantHistory"
  | "sweepSeen"
  | "sweepHistory"
  | "sweepTokens"
  | "keepMeta"
  | "getMeta"
  | "counts";

/** The store's SQL. `:name` are parameters, `?` those that are given by place. */
export const STATEMENTS: Readonly<Record<StatementName, string>> = {
  /** By place, since it is the one that is run for every row. */
  append: `
    insert into inbox (declaration, subscription_key, lane, identity, body, received_at, source, tokens_key)
    values (?, ?, ?, ?, ?, ?, ?, ?)`,

  keepTokens: `insert into tokens (key, tokens) values (:key, :tokens) on conflict do nothing`,

  getTokens: `select tokens from tokens where key = :key`,

  /** Changes one row when the key is new, none when it was seen before. */
  know: `
    insert into known_lately (key) select ?1 where not exists (select 1 from seen where key = ?1)
    on conflict do nothing`,

  remember: `insert into seen_lately (key, at) values (?, ?)`,

  countLately: `select count(*) as count from seen_lately`,

  mergeSeen: `insert into seen (key, at) select key, at from seen_lately order by id`,

  clearLately: `delete from seen_lately`,

  clearKnown: `delete from known_lately`,

  /** The last number a scan of `:limit` rows looks at, and how many it looks at. */
  scanEnd: `
    select max(seq) as last, count(*) as count from
      (select seq from inbox where declaration = :declaration and seq > :after order by seq limit :limit)`,

  scan: `
    select * from inbox
    where declaration = :declaration and seq > :after and seq <= :last
      and not exists (select 1 from parked_lane where parked_lane.lane = inbox.lane)
    order by seq`,

  /** Takes what was accepted since the last time, up to `:upTo`, into the index of lanes. */
  extendLanes: `
    update inbox set in_lane = 1
    where declaration = :declaration and seq <= :upTo
      and seq > coalesce((select up_to from lane_index where declaration = :declaration), 0)`,

  noteLanes: `
    insert into lane_index (declaration, up_to)
    select declaration, seq from inbox where declaration = :declaration and seq <= :upTo order by seq desc limit 1
    on conflict (declaration) do update set up_to = excluded.up_to where excluded.up_to > up_to`,

  loadLane: `
    select * from inbox where lane = :lane and in_lane = 1 and seq > :after and seq <= :upTo order by seq limit :limit`,

  dueLanes: `
    select lane, declaration from parked_lane
    where declaration in (select value from json_each(:declarations)) and (until <= :now or parked_at > :now)
    order by until limit :limit`,

  unpark: `delete from parked_lane where lane = :lane`,

  park: `
    insert into parked_lane (lane, declaration, parked_at, until) values (:lane, :declaration, :parkedAt, :until)
    on conflict (lane) do update set parked_at = excluded.parked_at, until = excluded.until`,

  nextLane: `
    select min(until) as at from parked_lane where declaration in (select value from json_each(:declarations))`,

  finish: `delete from inbox where seq = :seq`,

  fail: `update inbox set failures = :failures where seq = :seq`,

  /** A row that dies in two replays has one letter still. */
  bury: `
    insert or replace into dead (origin_seq, declaration, subscription_key, lane, identity, body, received_at, source,
      failures, comeback, tokens_key, died_at, error)
    select coalesce(origin_seq, seq), declaration, subscription_key, lane, identity, body, received_at, source,
      :failures, comeback, tokens_key, :endedAt, :error
    from inbox where seq = :seq`,

  /** Steps from name to name, so that a long inbox costs no more than its names. */
  listUndeclared: `
    with recursive name (declaration) as (
      select min(declaration) from inbox
      union all
      select (select min(declaration) from inbox where declaration > name.declaration) from name
      where name.declaration is not null
    )
    select declaration, count(*) as waiting, min(received_at) as oldest_at from inbox
    where declaration in
      (select declaration from name where declaration not in (select value from json_each(:declared)))
    group by declaration order by declaration`,

  stepOfInbox: stepOf("inbox", "seq", "declaration = :declaration"),

  listOld: `
    select seq, failures from inbox
    where declaration = :declaration and seq > :after and seq <= :last and received_at < :receivedBefore
    order by seq`,

  unparkOld: `delete from parked_lane where declaration = :declaration and until < :before`,

  /** A replayed row is there already: a replay that finds its own copies would never end. */
  keepHistory: `
    insert or ignore into history (origin_seq, declaration, subscription_key, lane, identity, body, received_at, source,
      tokens_key, ended_at)
    select coalesce(origin_seq, seq), declaration, subscription_key, lane, identity, body, received_at, source,
      tokens_key, :endedAt
    from inbox where seq = :seq`,

  stepOfDead: stepOf("dead", "origin_seq"),

  stepOfHistory: stepOf("history", "origin_seq"),

  listDead: `select *, origin_seq as seq from dead where ${LETTER} order by origin_seq`,

  redrive: `
    insert into inbox (origin_seq, declaration, subscription_key, lane, identity, body, received_at, source, tokens_key,
      comeback)
    select origin_seq, declaration, subscription_key, lane, identity, body, received_at, source, tokens_key,
      coalesce(comeback, 'redrive') from dead
    where ${LETTER} order by origin_seq`,

  purgeDead: `delete from dead where ${LETTER}`,

  replay: `
    insert into inbox (origin_seq, declaration, subscription_key, lane, identity, body, received_at, source, tokens_key,
      comeback)
    select origin_seq, declaration, subscription_key, lane, identity, body, received_at, source, tokens_key,
      :runId from history
    where ${LETTER} order by origin_seq`,

  stepOfAll: stepOf("inbox", "seq"),

  unparkTenant: `delete from parked_lane where lane in (select lane from inbox where ${ofTenant("seq")})`,

  purgeTenantInbox: `delete from inbox where ${ofTenant("seq")}`,

  purgeTenantDead: `delete from dead where ${ofTenant("origin_seq")}`,

  purgeTenantHistory: `delete from history where ${ofTenant("origin_seq")}`,

  /** Looks at the oldest `:limit` only: rows are in the order of acceptance, so the old ones are among them. */
  sweepSeen: `
    delete from seen where id in
      (select id from (select id, at from seen order by id limit :limit) where at < :before)`,

  sweepHistory: `
    delete from history where origin_seq in
      (select origin_seq from history where ended_at < :before order by ended_at limit :limit)`,

  sweepTokens: `
    delete from tokens where key in
      (select key from tokens
       where not exists (select 1 from inbox where tokens_key = tokens.key)
         and not exists (select 1 from dead where tokens_key = tokens.key)
         and not exists (select 1 from history where tokens_key = tokens.key)
       limit :limit)`,

  keepMeta: `insert into meta (name, value) values (:name, :value) on conflict do nothing`,

  getMeta: `select value from meta where name = :name`,

  counts: `select (select count(*) from inbox) as waiting, (select count(*) from dead) as dead`,
};
