import { uniteChangeTypes, type ChangeType } from "./change-type.ts";
import type { Hash } from "./ports/hash.ts";
import { canonicalResource } from "./resource-key.ts";
import type { Params } from "./resource-template.ts";

/** What one declaration wants of a desired subscription. */
export interface Want {
  readonly declaration: string;
  readonly changeTypes: readonly ChangeType[];
  /** How long a life it asks for, in milliseconds. Absent: as long as Graph grants. */
  readonly lifetimeMs?: number | undefined;
  /** Values the declaration's template was expanded with; the handler sees them. */
  readonly params: Params;
}

/** What is to be subscribed to, whoever wants it: two declarations on one target share one subscription. */
export interface SubscriptionTarget {
  /** GUID, lower case. */
  readonly tenantId: string;
  /** Path below the version root, as declared, expanded. */
  readonly path: string;
  /** OData query without `?`; empty when there is none. */
  readonly query: string;
}

/** What Graph granted, as far as we know. */
export interface GraphSubscription {
  readonly id: string;
  /** As asked for, or as found. What Graph echoes may be spelled another way, and is compared with nothing. */
  readonly changeTypes: readonly ChangeType[];
  /** As asked for, or as found. */
  readonly notificationUrl: string;
  /** When it was created or last renewed, epoch milliseconds. */
  readonly grantedAt: number;
  /** Epoch milliseconds, as Graph answered. */
  readonly expiresAt: number;
  /** Graph asked for it before it is due. */
  readonly isRenewalAsked: boolean;
}

/**
 * One desired subscription and what became of it: a row of the store. Two processes that desire the same thing have
 * the same key, so the row is one; `version` makes their writes take turns.
 */
export interface SubscriptionRow extends SubscriptionTarget {
  /** {@link subscriptionKeyOf} its target. */
  readonly key: string;
  readonly wants: readonly Want[];
  readonly graph: GraphSubscription | null;
  /** Set before Graph is asked to create, cleared with the answer; while set, one may exist that we do not know. */
  readonly createStartedAt: number | null;
  /** When it needs a look again, epoch milliseconds. */
  readonly nextActionAt: number;
  /** Failures in a row of the present action. */
  readonly failures: number;
  /** 0 for a row not stored yet. */
  readonly version: number;
}

/**
 * The key of a desired subscription: 128 bits of a hash over the app and the target, as 22 characters of base64url.
 * Derived rather than drawn, so that every process, and a store begun anew, gives one target one key.
 */
export function subscriptionKeyOf(app: string, target: SubscriptionTarget, hash: Hash): string {
  const { tenantId, path, query } = target;
  return hash(
    JSON.stringify(["tidings subscription", app, tenantId, canonicalResource(path), query, "basic"]),
  ).slice(0, 22);
}

/**
 * The row of a target that nothing is known of yet.
 *
 * @param lookFirst since when one may exist that a lost store knew of; null when there cannot
 */
export function newSubscriptionRow(
  key: string,
  target: SubscriptionTarget,
  now: number,
  lookFirst: number | null = null,
): SubscriptionRow {
  return {
    ...target,
    key,
    wants: [],
    graph: null,
    createStartedAt: lookFirst,
    nextActionAt: now,
    failures: 0,
    version: 0,
  };
}

/** The row with `want` in place of what its declaration wanted before, due at once if that changes anything. */
export function withWant(row: SubscriptionRow, want: Want, now: number): SubscriptionRow {
  const others = row.wants.filter(({ declaration }) => declaration !== want.declaration);
  return withWants(row, [...others, want], now);
}

/** The row without what `declaration` wanted. */
export function withoutWant(row: SubscriptionRow, declaration: string, now: number): SubscriptionRow {
  return withWants(
    row,
    row.wants.filter((want) => want.declaration !== declaration),
    now,
  );
}

function withWants(row: SubscriptionRow, wants: readonly Want[], now: number): SubscriptionRow {
  const sorted = wants.toSorted((a, b) => (a.declaration < b.declaration ? -1 : 1));
  return JSON.stringify(sorted) === JSON.stringify(row.wants)
    ? row
    : { ...row, wants: sorted, nextActionAt: now, failures: 0 };
}

/** The change types that the declarations want together. */
export function wantedChangeTypes(row: SubscriptionRow): ChangeType[] {
  return uniteChangeTypes(row.wants.map((want) => want.changeTypes));
}

/** The lives that declarations ask for, in milliseconds. */
export function wantedLifetimes(row: SubscriptionRow): number[] {
  return row.wants.flatMap(({ lifetimeMs = [] }) => lifetimeMs);
}

/** The `resource` Graph is given. */
export function resourceOf({ path, query }: SubscriptionTarget): string {
  return query === "" ? path : `${path}?${query}`;
}
