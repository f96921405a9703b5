import type { Applied, ApplyProgress } from "../core/applied.ts";
import type { EndpointHealth } from "../core/endpoint-watch.ts";
import type { PlannedSubscription } from "../core/planned-subscription.ts";
import type { TidingsEventName, TidingsEvents } from "../core/events.ts";

/** What the admin API needs of an app: a running `Tidings` is one. Instants are epoch milliseconds. */
export interface AdminApp {
  readonly name: string;
  health(): Promise<AppHealth>;
  readonly subscriptions: {
    /** In the order of their keys; `after` is the key of the last one seen. */
    pages(filter: SubscriptionFilter): AsyncIterable<readonly SubscriptionState[]>;
    /** @returns false when there is none with this key, or id of Graph's */
    renew(id: string): Promise<boolean>;
    plan(options: { readonly prune: boolean }): AsyncIterable<PlannedSubscription>;
    apply(options: ApplyOptions): Promise<Applied>;
  };
  readonly deadLetters: {
    /** In the order of their ids; `after` is the id of the last one seen. */
    list(filter: LetterFilter & { readonly after?: number | undefined }): AsyncIterable<DeadLetterState>;
    /** @returns how many */
    redrive(filter: LetterFilter): Promise<number>;
    /** @returns how many */
    purge(filter: LetterFilter): Promise<number>;
  };
  readonly keys: {
    list(): Promise<KeysState>;
    /** @returns id of the certificate that encrypts from now on; undefined for an app that has none */
    reload(): Promise<string | undefined>;
    rotateSecret(options: { readonly force: boolean }): Promise<SecretRotation>;
  };
  readonly tenants: {
    /** Ends its subscriptions and throws away what is held of it. */
    purge(tenantId: string): Promise<TenantPurgeOutcome>;
  };
  /** @throws TypeError when the app keeps no history */
  replay(filter: HistoryFilter): Promise<ReplayOutcome>;
  readonly events: {
    on<Name extends TidingsEventName>(name: Name, listener: (event: TidingsEvents[Name]) => void): () => void;
  };
}

export interface AppHealth {
  readonly state: string;
  /** Only while it runs. */
  readonly inbox?: { readonly waiting: number; readonly dead: number };
  /** Only while it runs. */
  readonly subscriptions?: { readonly total: number; readonly missing: number; readonly parked: number };
  /** Only while it runs. */
  readonly endpoint?: EndpointHealth;
  /** The one that Graph is to encrypt for. Only while it runs, and has one. */
  readonly certificate?: { readonly id: string; readonly notAfter: number };
}

/** The keys an app has, and how many of its subscriptions refer to each. */
export interface KeysState {
  /** The one that encrypts first. */
  readonly certificates: readonly CertificateState[];
  /** The one that signs first. */
  readonly secrets: readonly SecretState[];
  /** Subscriptions with resource data that are alive. */
  readonly richSubscriptions: number;
  /** Of which nobody can say by now what they refer to. */
  readonly unknownSubscriptions: number;
}

export interface CertificateState {
  readonly id: string;
  readonly role: "encrypts" | "decrypts" | "missing";
  readonly notAfter: number | undefined;
  readonly subscriptions: number;
  readonly unusedSince: number | undefined;
  readonly isRemovable: boolean;
}

export interface SecretState {
  readonly keyId: string;
  readonly role: "signs" | "verifies" | "unknown";
  readonly source: "given" | "store" | undefined;
  readonly subscriptions: number;
  readonly isRetired: boolean;
  readonly unusedSince: number | undefined;
  readonly isRemovable: boolean;
}

export interface SecretRotation {
  readonly keyId: string;
  /** False where the secret is given. */
  readonly isMade: boolean;
  readonly isForced: boolean;
}

/** What a subscription can be. */
export const STATES = ["alive", "missing", "failing", "parked", "ending"] as const;

/** Which subscriptions: all given conditions hold. */
export interface SubscriptionFilter {
  readonly state?: (typeof STATES)[number] | undefined;
  readonly tenantId?: string | undefined;
  readonly resource?: string | undefined;
  /** Its key, or Graph's id. */
  readonly id?: string | undefined;
  readonly after?: string | undefined;
}

export interface SubscriptionState {
  readonly key: string;
  readonly state: (typeof STATES)[number];
  /** Graph's id; undefined while Graph has none. */
  readonly id: string | undefined;
  readonly tenantId: string;
  /** Who is signed in, for `me`. */
  readonly userId: string | undefined;
  readonly resource: string;
  readonly declarations: readonly string[];
  readonly changeTypes: readonly string[];
  readonly expiresAt: number | undefined;
  /** When Graph last sent something for it. */
  readonly heardAt: number | undefined;
  /** When it is looked at again. */
  readonly nextActionAt: number;
  readonly failures: number;
  /** What a person must see to. */
  readonly parked: { readonly need: string; readonly since: number; readonly message: string } | undefined;
  /** Changes since then may never have been told. */
  readonly gap: { readonly since: number; readonly reason: string } | undefined;
}

export interface ApplyOptions {
  readonly prune: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ApplyProgress) => void;
}

export interface DeadLetterState {
  readonly id: string;
  readonly declaration: string;
  readonly resourceKey: string | undefined;
  readonly attempts: number;
  /** Name and message of the last error. */
  readonly error: string;
  readonly receivedAt: number;
  readonly diedAt: number;
}

/** Which dead letters: all given conditions hold. */
export interface LetterFilter {
  readonly declaration?: string | undefined;
  /** Canonical path. */
  readonly resourceKey?: string | undefined;
  readonly ids?: readonly number[] | undefined;
  /** Received at or after. */
  readonly since?: number | undefined;
}

/** How many of each; subscriptions end as soon as Graph is asked. */
export interface TenantPurgeOutcome {
  readonly subscriptions: number;
  readonly waiting: number;
  readonly dead: number;
  readonly history: number;
}

/** Which finished changes: all given conditions hold. */
export interface HistoryFilter {
  readonly declaration?: string | undefined;
  readonly resource?: string | undefined;
  /** Received at or after. */
  readonly since?: number | undefined;
}

export interface ReplayOutcome {
  readonly runId: string;
  readonly count: number;
}
