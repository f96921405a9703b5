/** A row as it is: what was claimed since it was written is beside it. Aliased as `row`. */
const ROWS = `
  select row.id, row.key, coalesce(claim.version, row.version) as version,
    (select text from common where id = row.tenant) as tenant,
    (select text from common where id = row.form) as form,
    row.state, row.deadline, row.heard_at as heardAt, coalesce(row.next_action_at, row.due_at) as nextActionAt,
    coalesce(claim.until, row.claimed_until) as claimedUntil
  from subscription as row left join subscription_claim as claim on claim.id = row.id`;

/** Those a process is at work on. */
const CLAIMED = `select id from subscription_claim where until > :now`;

export type SubscriptionStatementName =
  | "getSubscription"
  | "listSubscriptions"
  | "listOfTenant"
  | "countDue"
  | "sortDue"
  | "walkDue"
  | "getById"
  | "claim"
  | "unclaim"
  | "forgetClaims"
  | "freeClaimed"
  | "nextSubscription"
  | "findSubscription"
  | "getCommon"
  | "addCommon"
  | "insertSubscription"
  | "updateSubscription"
  | "moveSubscription"
  | "deleteSubscription"
  | "noteHeard"
  | "countSubscriptions"
  | "putNote"
  | "listNotes"
  | "deleteNote";

/** The SQL of desired subscriptions, and of the notes beside them. */
export const SUBSCRIPTION_STATEMENTS: Readonly<Record<SubscriptionStatementName, string>> = {
  getSubscription: `${ROWS} where row.key = :key`,

  listSubscriptions: `${ROWS} where row.key > :after order by row.key limit :limit`,

  listOfTenant: `
    ${ROWS} where row.tenant = (select id from common where text = :tenantId)
      and substr(row.key, 1, 4) >= substr(:after, 1, 4) and row.key > :after
    order by substr(row.key, 1, 4), row.key limit :limit`,

  /** How many are due, claimed ones too, `:most` at most. */
  countDue: `select count(*) as count from (select 1 from subscription where due_at <= :now limit :most)`,

  /** Reads all that are due. */
  sortDue: `
    select id from subscription indexed by subscription_due
    where due_at <= :now and id not in (${CLAIMED}) order by deadline limit :limit`,

  /** Reads all whose deadline is sooner than that of the last it gives. */
  walkDue: `
    select id from subscription indexed by subscription_deadline
    where due_at <= :now and id not in (${CLAIMED}) order by deadline limit :limit`,

  getById: `${ROWS} where row.id = :id`,

  claim: `
    insert into subscription_claim (id, until, version) values (:id, :until, :version)
    on conflict (id) do update set until = excluded.until, version = excluded.version`,

  unclaim: `delete from subscription_claim where id = :id`,

  forgetClaims: `delete from subscription_claim`,

  freeClaimed: `
    update subscription set claimed_until = 0, due_at = coalesce(next_action_at, due_at), next_action_at = null
    where claimed_until > 0`,

  /** A cross join, since SQLite would look for the claim of each row otherwise, of which there are many more. */
  nextSubscription: `
    select min(at) as at from (
      select * from (
        select due_at as at from subscription where id not in (select id from subscription_claim)
        order by due_at limit 1)
      union all
      select max(row.due_at, claim.until)
      from subscription_claim as claim cross join subscription as row on row.id = claim.id
    )`,

  findSubscription: `
    select row.id, coalesce(claim.version, row.version) as version, row.heard_at as heardAt, row.tenant,
      claim.id is not null as isClaimed
    from subscription as row left join subscription_claim as claim on claim.id = row.id
    where row.key = :key`,

  getCommon: `select id from common where text = :text`,

  addCommon: `insert into common (text) values (:text) returning id`,

  insertSubscription: `
    insert into subscription (key, version, tenant, form, state, next_action_at, claimed_until, due_at, deadline,
      is_missing, is_parked)
    values (:key, 1, :tenant, :form, :state, :nextActionAt, :claimedUntil, :dueAt, :deadline, :isMissing, :isParked)`,

  /** But for the tenant, which hardly ever changes and has an index, that would be written each time. */
  updateSubscription: `
    update subscription set version = :version + 1, form = :form, state = :state, next_action_at = :nextActionAt,
      claimed_until = :claimedUntil, due_at = :dueAt, deadline = :deadline, is_missing = :isMissing,
      is_parked = :isParked
    where id = :id`,

  moveSubscription: `update subscription set tenant = :tenant where id = :id`,

  deleteSubscription: `delete from subscription where id = :id`,

  noteHeard: `
    update subscription set heard_at = :heardAt where key = :key and coalesce(heard_at, 0) < :heardAt`,

  countSubscriptions: `
    select (select count(*) from subscription) as total,
      (select count(*) from subscription where is_missing = 1) as missing,
      (select count(*) from subscription where is_parked = 1) as parked`,

  putNote: `
    insert into note (kind, key, value) values (:kind, :key, :value)
    on conflict (kind, key) do update set value = excluded.value`,

  listNotes: `select kind, key, value from note where kind = :kind order by key`,

  deleteNote: `delete from note where kind = :kind and key = :key`,
};
