import type { EndpointHealth } from "../core/endpoint-watch.ts";
import type { TidingsEventName, TidingsEvents } from "../core/events.ts";

/** What the admin API needs of an app: a running `Tidings` is one. Instants are epoch milliseconds. */
export interface AdminApp {
  readonly name: string;
  health(): Promise<AppHealth>;
  readonly subscriptions: { list(): Promise<readonly SubscriptionState[]> };
  readonly deadLetters: {
    /** In the order of their ids; `after` is the id of the last one seen. */
    list(filter: LetterFilter & { readonly after?: number | undefined }): AsyncIterable<DeadLetterState>;
    /** @returns how many */
    redrive(filter: LetterFilter): Promise<number>;
    /** @returns how many */
    purge(filter: LetterFilter): Promise<number>;
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
  readonly endpoint?: EndpointHealth;
}

export interface SubscriptionState {
  readonly key: string;
  /** Graph's id; undefined while Graph has none. */
  readonly id: string | undefined;
  readonly tenantId: string;
  readonly resource: string;
  readonly declarations: readonly string[];
  readonly changeTypes: readonly string[];
  readonly expiresAt: number | undefined;
  readonly failures: number;
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
