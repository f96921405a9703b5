import { uniteChangeTypes, type ChangeType } from "./change-type.ts";
import type { DeclarationSpec } from "./declaration.ts";
import type { Hash } from "./ports/hash.ts";
import { canonicalResource } from "./resource-key.ts";
import type { PersonNeed } from "./refusal-verdict.ts";
import type { Params } from "./resource-template.ts";

/** What one declaration wants of a desired subscription. */
export interface Want {
  readonly declaration: string;
  /**
   * {@link definitionOf} the declaration as it was when it wanted this. While a new version of an app takes the place
   * of an old one, a row may have the wants of both.
   */
  readonly definition: string;
  readonly changeTypes: readonly ChangeType[];
  /** How long a life it asks for, in milliseconds. Absent: as long as Graph grants. */
  readonly lifetimeMs?: number | undefined;
  /** Values the declaration's template was expanded with; the handler sees them. */
  readonly params: Params;
  /** The later definition of the declaration that has taken this over: what is told of from now on is told there. */
  readonly supersededBy?: string | undefined;
}

/** What is to be subscribed to, whoever wants it: two declarations on one target share one subscription. */
export interface SubscriptionTarget {
  /** GUID, lower case. */
  readonly tenantId: string;
  /** Who is signed in, for `me`; absent: the app itself. */
  readonly userId?: string | undefined;
  /** Path below the version root, as declared, expanded. */
  readonly path: string;
  /** OData query without `?`; empty when there is none. */
  readonly query: string;
  /** Values of the `Prefer` header it is created with, which change what Graph tells. Absent: none. */
  readonly prefer?: string | undefined;
  /** Notifications include the changed resource, encrypted. */
  readonly isRich?: true | undefined;
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
  /** Graph asked for it before it is due, or somebody did. */
  readonly isRenewalAsked: boolean;
  /** The certificate Graph was last given to encrypt for. Undefined where it encrypts nothing, or when it is not known. */
  readonly certificateId?: string | undefined;
}

/** Why changes may have been lost. */
export type GapReason = "missed" | "removed" | "lapsed" | "gone" | "replaced" | "paused";

/** Changes since then may never have been told: catch-up begins there. */
export interface Gap {
  /** Epoch milliseconds. */
  readonly since: number;
  readonly reason: GapReason;
}

/** Graph takes it only after a person has done something. It is tried again now and then. */
export interface Parking {
  readonly need: ParkedNeed;
  /** Epoch milliseconds. */
  readonly since: number;
  /** What Graph said, for people. */
  readonly message: string;
}

/**
 * What a person must see to: `consent`, `quota`, `sign-in` and `payment` at Microsoft, `request` and `resource` in the
 * declaration, `conflict` a subscription to the same thing that is not known to be ours.
 */
export type ParkedNeed = PersonNeed | "request" | "resource" | "conflict";

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
  /** Ids it had at Graph before, the latest first, {@link FORMER_IDS} at most: a stale list may still have them. */
  readonly formerIds: readonly string[];
  /** Since when Graph has had none that is alive, epoch milliseconds; null while it has one. */
  readonly missingSince: number | null;
  /** Null when nothing is known to be missing. */
  readonly gap: Gap | null;
  readonly parked: Parking | null;
  /** When Graph last sent something for it, epoch milliseconds, about; null before. Written by the store's `noteHeard` alone. */
  readonly heardAt: number | null;
  /** When it needs a look again, epoch milliseconds. */
  readonly nextActionAt: number;
  /** Until then a process is at work on it and no other may be, epoch milliseconds; 0 when none is. */
  readonly claimedUntil: number;
  /** Failures in a row of the present action. */
  readonly failures: number;
  /** 0 for a row not stored yet. */
  readonly version: number;
}

export const FORMER_IDS = 4;

/** Ends of a subscription that differ by no more are the same: Graph and we round an instant differently. */
export const SAME_INSTANT_MS = 60_000;

/** A new one is as urgent as one that ends so soon. */
const CREATE_WITHIN_MS = 15 * 60_000;

/**
 * By when Graph should have been asked, epoch milliseconds: of those that are due, the soonest goes first. For a
 * subscription its end; for one there is none of yet, a while after it was wanted, so that many new ones do not keep
 * others from being renewed in time.
 */
export function deadlineOf({ graph, missingSince, nextActionAt }: SubscriptionRow): number {
  return graph?.expiresAt ?? (missingSince ?? nextActionAt) + CREATE_WITHIN_MS;
}

/** When it is to be looked at: not while a process works on it. Epoch milliseconds. */
export function dueAtOf({
  nextActionAt,
  claimedUntil,
}: Pick<SubscriptionRow, "nextActionAt" | "claimedUntil">): number {
  return Math.max(nextActionAt, claimedUntil);
}

/**
 * The key of a desired subscription: 128 bits of a hash over the app and the target, as 22 characters of base64url.
 * Derived rather than drawn, so that every process, and a store begun anew, gives one target one key.
 */
export function subscriptionKeyOf(app: string, target: SubscriptionTarget, hash: Hash): string {
  const { tenantId, userId = "", path, query, prefer = "", isRich } = target;
  const kind = isRich ? "rich" : "basic";
  const parts = [app, tenantId, userId, canonicalResource(path), query, prefer, kind];
  return hash(JSON.stringify(["tidings subscription", ...parts])).slice(0, 22);
}

/** A short name for all that a declaration says of its subscriptions, so that an edited one is told from what it was. */
export function definitionOf(
  { name, template, query, prefer, changeTypes, lifetimeMs, isRich }: Definition,
  hash: Hash,
): string {
  const said = [name, template.path, query, prefer, changeTypes, lifetimeMs, ...(isRich ? ["rich"] : [])];
  return hash(JSON.stringify(said)).slice(0, 11);
}

type Definition = Pick<
  DeclarationSpec,
  "name" | "template" | "query" | "prefer" | "changeTypes" | "lifetimeMs" | "isRich"
>;

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
    formerIds: [],
    missingSince: now,
    gap: null,
    parked: null,
    heardAt: null,
    nextActionAt: now,
    claimedUntil: 0,
    failures: 0,
    version: 0,
  };
}

/** The row with `want` in place of what that definition wanted before, due at once if that changes anything. */
export function withWant(row: SubscriptionRow, want: Want, now: number): SubscriptionRow {
  const others = row.wants.filter(({ definition }) => definition !== want.definition);
  return withWants(row, [...others, want], now);
}

/** The row without the wants that `isOver` picks. */
export function withoutWants(
  row: SubscriptionRow,
  isOver: (want: Want) => boolean,
  now: number,
): SubscriptionRow {
  return withWants(
    row,
    row.wants.filter((want) => !isOver(want)),
    now,
  );
}

/** The row without what these definitions want. What they had taken over counts again: they were not to last. */
export function withoutDefinitions(
  row: SubscriptionRow,
  over: ReadonlySet<string>,
  now: number,
): SubscriptionRow {
  const left = row.wants.filter(({ definition }) => !over.has(definition));
  const wants = left.map(({ supersededBy, ...want }) =>
    supersededBy === undefined || over.has(supersededBy) ? want : { ...want, supersededBy },
  );
  return withWants(row, wants, now);
}

function withWants(row: SubscriptionRow, wants: readonly Want[], now: number): SubscriptionRow {
  const sorted = wants.toSorted((a, b) => (a.definition < b.definition ? -1 : 1));
  return JSON.stringify(sorted) === JSON.stringify(row.wants)
    ? row
    : { ...row, wants: sorted, parked: null, nextActionAt: now, failures: 0 };
}

/** The row with its subscription known to be no more. */
export function withoutGraph(row: SubscriptionRow, reason: GapReason, now: number): SubscriptionRow {
  if (row.graph === null) return row;
  const { id, expiresAt } = row.graph;
  return {
    ...withGap(row, { since: lastProvenAt(row), reason }),
    graph: null,
    missingSince: Math.min(now, expiresAt),
    formerIds: [id, ...row.formerIds.filter((former) => former !== id)].slice(0, FORMER_IDS),
    nextActionAt: now,
    failures: 0,
  };
}

/** When Graph last showed that it tells of changes: by telling of one, or by granting it. Epoch milliseconds. */
export function lastProvenAt({ heardAt, graph, missingSince }: SubscriptionRow): number {
  return Math.max(heardAt ?? 0, graph?.grantedAt ?? missingSince ?? 0);
}

/** The row with a gap, or with the earlier of two. */
export function withGap(row: SubscriptionRow, gap: Gap): SubscriptionRow {
  return row.gap !== null && row.gap.since <= gap.since ? row : { ...row, gap };
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
