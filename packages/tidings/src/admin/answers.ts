import type { PlannedAction, PlannedSubscription } from "../core/planned-subscription.ts";
import type { Applied, ApplyProgress } from "../core/applied.ts";
import type {
  AppHealth,
  DeadLetterState,
  KeysState,
  ReplayOutcome,
  SecretRotation,
  SubscriptionState,
  TenantPurgeOutcome,
} from "./admin-app.ts";

/** `GET /health` */
export interface HealthAnswer extends AppHealth {
  readonly app: string;
}

/** `GET /subscriptions` */
export interface SubscriptionsAnswer {
  readonly subscriptions: readonly SubscriptionState[];
  /** The `after` of the next page; null on the last. */
  readonly next: string | null;
}

/** `POST /subscriptions/renew` */
export interface RenewAnswer {
  /** Graph is asked as soon as its limits allow. */
  readonly asked: true;
}

/** `GET /keys` */
export type KeysAnswer = KeysState;

/** `POST /keys/reload` */
export interface ReloadKeysAnswer {
  /** Id of the certificate that encrypts from now on; null for an app that has none. */
  readonly encrypts: string | null;
}

/** `POST /keys/rotate-secret` */
export type RotateSecretAnswer = SecretRotation;

/** One line of `GET /plan`; the last has the counts. */
export type PlanLine =
  | { readonly planned: PlannedSubscription }
  | { readonly counts: Readonly<Record<PlannedAction, number>> };

/** One line of `POST /apply`; the last has what was done. */
export type ApplyLine = { readonly progress: ApplyProgress } | { readonly applied: Applied };

/** `GET /dead` */
export interface DeadAnswer {
  readonly dead: readonly DeadLetterState[];
  /** The `after` of the next page; null on the last. */
  readonly next: string | null;
}

/** `POST /dead/redrive` */
export interface RedriveAnswer {
  readonly redriven: number;
}

/** `POST /dead/purge` */
export interface PurgeAnswer {
  readonly purged: number;
}

/** `POST /tenants/purge` */
export type PurgeTenantAnswer = TenantPurgeOutcome;

/** `POST /replay` */
export type ReplayAnswer = ReplayOutcome;

/** One event of `GET /events`. */
export interface ToldEvent {
  readonly name: string;
  /** When it was told, epoch milliseconds. */
  readonly at: number;
  /** As the library's event of that name, its error as name and message only. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** Every answer that is no success. */
export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}
