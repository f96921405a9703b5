/** The store's SQL. `:name` are parameters. */
export const STATEMENTS = {
  append: `
  insert into inbox (kind, declaration, subscription_key, lane, identity, body, received_at, source)
  values (:kind, :declaration, :subscriptionKey, :lane, :identity, :body, :receivedAt, :source)`,

  /** Changes one row when the identity is new to the declaration, none when it was seen before. */
  remember: `
  insert into seen (declaration, identity, at) values (:declaration, :identity, :at) on conflict do nothing`,

  /** `:except` is a JSON array of sequence numbers. */
  load: `
  select * from inbox where seq not in (select value from json_each(:except)) order by seq limit :limit`,

  finish: `delete from inbox where seq = :seq`,

  retry: `update inbox set failures = :failures, not_before = :notBefore where seq = :seq`,

  bury: `
  insert into dead (seq, kind, declaration, subscription_key, lane, identity, body, received_at, source, failures, died_at, error)
  select seq, kind, declaration, subscription_key, lane, identity, body, received_at, source, failures + 1, :diedAt, :error
  from inbox where seq = :seq`,

  getSubscription: `select * from subscription where key = :key`,

  listSubscriptions: `select * from subscription order by key`,

  dueSubscriptions: `
  select * from subscription where next_action_at <= :now order by next_action_at limit :limit`,

  nextSubscription: `select min(next_action_at) as at from subscription`,

  insertSubscription: `
  insert into subscription (key, version, next_action_at, state)
  values (:key, 1, :nextActionAt, :state) on conflict do nothing`,

  updateSubscription: `
  update subscription set version = version + 1, next_action_at = :nextActionAt, state = :state
  where key = :key and version = :version`,

  deleteSubscription: `delete from subscription where key = :key and version = :version`,

  keepMeta: `insert into meta (name, value) values (:name, :value) on conflict do nothing`,

  getMeta: `select value from meta where name = :name`,

  counts: `select (select count(*) from inbox) as waiting, (select count(*) from dead) as dead`,
} as const;
