/** What Graph allows of one kind of request, in one scope. */
export interface BudgetLimit {
  /** At most `units` in any `windowMs`, wherever the window begins; absent when no such limit is known. */
  readonly pace?: { readonly units: number; readonly windowMs: number } | undefined;
  /** Most requests under way at once; absent when no such limit is known. */
  readonly places?: number | undefined;
}

/** How much of a limit is spent. A new value at each step; times are epoch milliseconds. */
export interface Budget {
  readonly limit: BudgetLimit;
  /** Units that may be spent at once, as of `asOf`. */
  readonly level: number;
  readonly asOf: number;
  /** Share of the pace that is used, more than 0 and at most 1: less after Graph refused, rising again with time. */
  readonly share: number;
  /** Nothing is spent before; 0 when it never was parked. */
  readonly parkedUntil: number;
  readonly underWay: number;
  /** When `share` last fell. */
  readonly slowedAt: number;
}

/** From nothing to the full pace. guess: Graph says nothing of when a load that was too high is welcome again. */
const FULL_RISE_MS = 5 * 60_000;
const MIN_SHARE = 1 / 64;
/** What sums of fractions may be off by; far less than flows in within a millisecond. */
const ROUNDING_MS = 1e-6;
/** Wait after the first refusal that did not say for how long; doubles with each halving of the share. */
const FIRST_PARK_MS = 1_000;

export function freshBudget(limit: BudgetLimit, now: number): Budget {
  return { limit, level: burstOf(limit), asOf: now, share: 1, parkedUntil: 0, underWay: 0, slowedAt: now };
}

/**
 * When `cost` units may be spent.
 *
 * @returns epoch milliseconds, at most `now` when they may be at once; Infinity when a place must become free first
 */
export function readyAt(budget: Budget, cost: number, now: number): number {
  const { limit, underWay, level, share, parkedUntil } = refilled(budget, now);
  if (limit.places !== undefined && underWay >= limit.places) return Infinity;
  // What costs more than the bucket holds would wait for ever; it waits for a full one.
  const missing = Math.min(cost, burstOf(limit)) - level;
  const flowsFrom = Math.max(now, parkedUntil);
  if (missing <= 0) return flowsFrom;
  return flowsFrom + Math.ceil(missing / (ratePerMs(limit) * share) - ROUNDING_MS);
}

/** Spends `cost` units and takes a place. */
export function spend(budget: Budget, cost: number, now: number): Budget {
  const full = refilled(budget, now);
  return { ...full, level: full.level - cost, underWay: full.underWay + 1 };
}

/** Gives the place back; what was spent stays spent. */
export function leave(budget: Budget): Budget {
  return { ...budget, underWay: Math.max(0, budget.underWay - 1) };
}

/** Spends nothing for `forMs`, and begins with a trickle then: those who waited must not come back as a herd. */
export function park(budget: Budget, forMs: number, now: number): Budget {
  const full = refilled(budget, now);
  const parkedUntil = Math.max(full.parkedUntil, now + forMs);
  return { ...full, parkedUntil, level: Math.min(full.level, 1) };
}

/**
 * Halves the pace, and parks for as long as the pace has become slow: Graph refused without saying for how long.
 *
 * @param sentAt when the refused request was sent: those under way together are one refusal, not many
 */
export function slowDown(budget: Budget, sentAt: number, now: number): Budget {
  if (sentAt < budget.slowedAt) return budget;
  const full = refilled(budget, now);
  const share = Math.max(MIN_SHARE, full.share / 2);
  return park({ ...full, share, slowedAt: now }, Math.ceil(FIRST_PARK_MS / share), now);
}

/** True when a fresh one would say the same, so that this one may be forgotten. */
export function isUnspent(budget: Budget, now: number): boolean {
  const { limit, level, share, parkedUntil, underWay } = refilled(budget, now);
  return underWay === 0 && share === 1 && parkedUntil <= now && level >= burstOf(limit);
}

/**
 * As of `now`. A clock that was set back must not stop everything until it has caught up, so what was parked is parked
 * for as long as before.
 */
function refilled(budget: Budget, now: number): Budget {
  const passedMs = Math.max(0, now - budget.asOf);
  const parkedUntil = budget.parkedUntil - Math.max(0, budget.asOf - now);
  // Nothing flows in while it is parked.
  const flownMs = Math.min(passedMs, Math.max(0, now - parkedUntil));
  // An endless pace times no time at all is not a number.
  const flown = flownMs === 0 ? 0 : flownMs * ratePerMs(budget.limit) * budget.share;
  return {
    ...budget,
    level: Math.min(burstOf(budget.limit), budget.level + flown),
    share: Math.min(1, budget.share + passedMs / FULL_RISE_MS),
    parkedUntil,
    slowedAt: Math.min(budget.slowedAt, now),
    asOf: now,
  };
}

/**
 * What may be spent at once: a tenth, so that the rest of the window is spread over it. Where that is next to nothing, a
 * few: two requests in a row should not wait for seconds.
 */
function burstOf({ pace }: BudgetLimit): number {
  if (pace === undefined) return Infinity;
  return Math.max(Math.min(4, Math.ceil(pace.units / 4)), Math.floor(pace.units / 10));
}

/**
 * Any window spends less than the burst at its beginning and what flows in meanwhile: `burst + windowMs * rate`, which
 * is `units + 1`. Of whole units that is at most `units`.
 */
function ratePerMs(limit: BudgetLimit): number {
  const { pace } = limit;
  return pace === undefined ? Infinity : (pace.units + 1 - burstOf(limit)) / pace.windowMs;
}
