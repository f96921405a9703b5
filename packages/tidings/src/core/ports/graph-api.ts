import type { ChangeType } from "../change-type.ts";
import type { EncryptionCertificate } from "./certificates.ts";

/** What a subscription is created with. */
export interface NewGraphSubscription {
  readonly resource: string;
  readonly changeTypes: readonly ChangeType[];
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string;
  readonly clientState: string;
  /** Values of the `Prefer` header. */
  readonly prefer?: string | undefined;
  /** What Graph is to encrypt resource data for. Absent: notifications include none. */
  readonly certificate?: EncryptionCertificate | undefined;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** A subscription as Graph describes it. */
export interface RemoteSubscription {
  readonly id: string;
  readonly resource: string;
  readonly changeTypes: readonly ChangeType[];
  readonly notificationUrl: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Our label of the certificate Graph encrypts for. Absent where it encrypts nothing, or does not say. */
  readonly certificateId?: string | undefined;
}

/** What a renewal changes. */
export interface Renewal {
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Takes the place of the one Graph encrypts for. Absent: that stays. */
  readonly certificate?: EncryptionCertificate | undefined;
}

/** A call in one tenant's name. */
export interface GraphScope {
  readonly tenantId: string;
  /** Who is signed in; absent: the app itself. */
  readonly userId?: string | undefined;
  /** When it matters, epoch milliseconds: of calls that wait for one budget the soonest goes first. @default now */
  readonly dueAt?: number | undefined;
  /** Most time to wait for a budget, in milliseconds. @default 60 s */
  readonly maxWaitMs?: number | undefined;
  /** Gives the call up; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Graph, as far as the engines need it. Methods reject with `GraphRefusedError`, `GraphUnreachableError`,
 * `GraphAnswerError`, `GraphThrottledError` or `CredentialError`; what is expected (gone) is a value.
 */
export interface GraphApi {
  createSubscription(scope: GraphScope, subscription: NewGraphSubscription): Promise<RemoteSubscription>;
  /** @returns undefined when Graph has no such subscription any more */
  renewSubscription(scope: GraphScope, id: string, renewal: Renewal): Promise<RemoteSubscription | undefined>;
  /** @returns false when it was gone already */
  deleteSubscription(scope: GraphScope, id: string): Promise<boolean>;
  /** All of this app's subscriptions in the tenant, of one user where one is named. A hint: Graph's list may be stale. */
  listSubscriptions(scope: GraphScope): Promise<RemoteSubscription[]>;
  /** Reads an entity, together with others that are asked for at the same time. @returns undefined when it is gone */
  getEntity(scope: GraphScope, path: string): Promise<unknown>;
}
