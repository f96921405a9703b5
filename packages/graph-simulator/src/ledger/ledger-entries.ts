import type { LifecycleEvent } from "../lifecycle/lifecycle-event.ts";
import type { Tampering } from "../rich/tampering.ts";
import type { ChangeType } from "../subscriptions/change-type.ts";
import type { HandshakeOutcome, HandshakePurpose } from "../subscriptions/handshake-outcome.ts";

/** Something that happened to an entity, whether or not anybody subscribed to it. */
export interface ChangeEntry {
  /** Counts from 1 in the order the changes were made. */
  readonly seq: number;
  /** Epoch milliseconds of the simulator's clock. */
  readonly at: number;
  readonly tenantId: string;
  /** As notifications write it, for example `Users/{guid}`. */
  readonly resource: string;
  readonly entityId: string;
  readonly changeType: ChangeType;
}

/**
 * `pending` from the moment it is owed; `delivered` once an attempt was answered 2xx; `expired` when the last attempt
 * within the retry window failed; `dropped` when the endpoint was too slow to be sent anything; `lost` when a fault had
 * it so. All but the first are final.
 */
export const NOTIFICATION_STATES = ["pending", "delivered", "expired", "dropped", "lost"] as const;

export type NotificationState = (typeof NOTIFICATION_STATES)[number];

/** One notification owed to one subscription because of one change. */
export interface NotificationEntry {
  /** Counts from 1 in the order they were owed. */
  readonly seq: number;
  /** The `id` on the wire. */
  readonly id: string;
  /** The `seq` of the change it tells of. */
  readonly changeSeq: number;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly changeType: ChangeType;
  readonly resource: string;
  /** Where it is delivered: the subscription's URL when the change was made. */
  readonly notificationUrl: string;
  /** Epoch milliseconds. */
  readonly owedAt: number;
  readonly state: NotificationState;
  /** Epoch milliseconds, `null` while pending. */
  readonly settledAt: number | null;
  /** What was made wrong with it, because a test asked for it. */
  readonly tampering: Tampering | null;
}

/** One notification owed because of what happened to a subscription itself. */
export interface LifecycleNotificationEntry {
  /** Counts from 1 in the order they were owed. */
  readonly seq: number;
  /** Only in the ledger; on the wire it has none. */
  readonly id: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly lifecycleEvent: LifecycleEvent;
  /** Where it is delivered. */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly owedAt: number;
  readonly state: NotificationState;
  /** Epoch milliseconds, `null` while pending. */
  readonly settledAt: number | null;
}

/** How a delivery went. Only an answer with a 2xx status delivers. */
export type AttemptOutcome =
  | { readonly kind: "answered"; readonly status: number }
  | { readonly kind: "timed-out" }
  | { readonly kind: "unreachable"; readonly error: string };

/** One POST of one or more notifications. */
export interface AttemptEntry {
  /** Counts from 1 in the order the attempts ended. */
  readonly seq: number;
  readonly url: string;
  /** In the order of the `value` array. */
  readonly notificationIds: readonly string[];
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Epoch milliseconds of the simulator's clock. */
  readonly startedAt: number;
  /** Milliseconds, without the jumps of the clock. */
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
}

/** One validation request to an endpoint. */
export interface HandshakeEntry {
  /** Counts from 1 in the order the handshakes ended. */
  readonly seq: number;
  readonly subscriptionId: string;
  readonly purpose: HandshakePurpose;
  /** Without the validation token. */
  readonly url: string;
  /** Epoch milliseconds of the simulator's clock. */
  readonly startedAt: number;
  /** Milliseconds, without the jumps of the clock. */
  readonly durationMs: number;
  readonly outcome: HandshakeOutcome;
}

/** The kinds of entries, and what they are. */
export interface LedgerEntries {
  readonly changes: ChangeEntry;
  readonly notifications: NotificationEntry;
  readonly lifecycle: LifecycleNotificationEntry;
  readonly attempts: AttemptEntry;
  readonly handshakes: HandshakeEntry;
}

export const LEDGER_KINDS = ["changes", "notifications", "lifecycle", "attempts", "handshakes"] as const;

export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** How many there have been since the start or the last reset, forgotten ones too. */
export interface LedgerTotals {
  readonly changes: number;
  readonly notifications: Readonly<Record<NotificationState, number>>;
  readonly lifecycle: Readonly<Record<NotificationState, number>>;
  readonly attempts: number;
  readonly handshakes: number;
}
