import type { ClockKind } from "./clock.ts";
import type { Cloud, CloudName } from "./cloud.ts";
import type { LatencyTable } from "./delivery/latency.ts";
import type { DeltaOptions } from "./delta/delta-options.ts";
import type { EndpointHandler } from "./endpoints/endpoint-map.ts";
import type { ServerTls } from "./http/server.ts";
import type { LifecycleOptions } from "./lifecycle/lifecycle-options.ts";
import type { UnconfirmedOptions } from "./resources/unconfirmed.ts";
import type { SubscriptionOptions } from "./subscriptions/subscription-options.ts";
import type { DuplicatePolicy } from "./subscriptions/subscription-routes.ts";
import type { AccessTokenVersion, Tenant } from "./tenancy.ts";
import type { ThrottlePolicy } from "./throttling/limits.ts";
import type { RetryAfterForm } from "./throttling/retry-after.ts";

/** An app registration to start with. */
export interface AppOptions {
  /** GUID. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** @default the client id */
  readonly displayName?: string | undefined;
  /**
   * Ids of the tenants that have consented to the app.
   * @default all tenants
   */
  readonly tenantIds?: readonly string[] | undefined;
  /**
   * Application permissions, as the token shows them. They are not enforced.
   * @default `["User.ReadWrite.All", "Mail.ReadWrite"]`
   */
  readonly roles?: readonly string[] | undefined;
  /**
   * The version of the tokens that come with notifications with resource data, as the app registration has it.
   * @default 1
   */
  readonly requestedAccessTokenVersion?: AccessTokenVersion | undefined;
  /**
   * Whether only who was assigned a role gets tokens for the app: then its notifications come without any.
   * @default false
   */
  readonly appRoleAssignmentRequired?: boolean | undefined;
}

/** A user to start with, with an empty mailbox. */
export interface UserOptions {
  readonly displayName: string;
  readonly userPrincipalName: string;
  /**
   * GUID.
   * @default one that belongs to tenant and principal name: the same at each start
   */
  readonly id?: string | undefined;
  /** @default the first tenant */
  readonly tenantId?: string | undefined;
}

/** How notifications travel. */
export interface DeliveryOptions {
  /**
   * Most notifications in one POST, at least 1.
   * @default 20
   */
  readonly maxPerDelivery?: number | undefined;
  /**
   * How long the first notification waits for others to the same endpoint, in milliseconds of the simulator's clock.
   * @default 5
   */
  readonly collectMs?: number | undefined;
  /**
   * Most deliveries to one endpoint at a time, at least 1. With 1, notifications arrive in the order of the changes
   * while nothing fails; with more they only leave in it.
   * @default 1
   */
  readonly concurrency?: number | undefined;
  /**
   * How long an endpoint has to answer a first attempt, in real milliseconds.
   * @default 3 s, as documented
   */
  readonly firstTimeoutMs?: number | undefined;
  /**
   * How long an endpoint has to answer a later attempt, in real milliseconds.
   * @default 10 s, as documented
   */
  readonly retryTimeoutMs?: number | undefined;
  /**
   * Time from a failed first attempt to the second, in milliseconds of the simulator's clock. It doubles each time, up
   * to 30 minutes.
   * @default 10 s
   */
  readonly firstRetryDelayMs?: number | undefined;
  /**
   * How long after a change its notifications are still tried, in milliseconds of the simulator's clock.
   * @default 4 h, as documented
   */
  readonly retryWindowMs?: number | undefined;
  /**
   * How long after a change its notifications are sent, by Graph's name of the resource: drawn by the seed around the
   * documented averages and never beyond the documented maxima, by your own table, or at once.
   * @default "none"
   */
  readonly latency?: "none" | "documented" | LatencyTable | undefined;
  /**
   * Whether a host that answers slowly gets its notifications ten minutes late, or not at all, as documented.
   * @default "documented"
   */
  readonly endpointStates?: "documented" | "off" | undefined;
}

/** What a simulator starts with. Everything has a default. */
export interface SimulatorOptions {
  /**
   * TCP port; 0 for any free one.
   * @default 0
   */
  readonly port?: number | undefined;
  /**
   * Address to listen on. The control API asks for no token: keep it to this machine.
   * @default "127.0.0.1"
   */
  readonly host?: string | undefined;
  /**
   * Makes ids repeatable: the same seed and the same requests give the same ids.
   * @default a random number
   */
  readonly seed?: number | undefined;
  /** @default one tenant, `contoso.onmicrosoft.com`; see the README */
  readonly tenants?: readonly Tenant[] | undefined;
  /** @default one app, in all tenants; see the README */
  readonly apps?: readonly AppOptions[] | undefined;
  /** @default three users in the first tenant; see the README */
  readonly users?: readonly UserOptions[] | undefined;
  /**
   * How long an endpoint has to prove itself, in real milliseconds.
   * @default 10 s, as documented
   */
  readonly handshakeTimeoutMs?: number | undefined;
  /**
   * What becomes of a second subscription of an app for the same change types, resource and notification URL: 409 as
   * documented, 201 as users have seen, or either.
   * @default "refuse"
   */
  readonly duplicates?: DuplicatePolicy | undefined;
  /**
   * Items on a page of users and subscriptions.
   * @default 100
   */
  readonly pageSize?: number | undefined;
  readonly deliver?: DeliveryOptions | undefined;
  /**
   * Whether there is a server. Without one, requests come through `fetch` of the simulator only.
   * @default true
   */
  readonly listen?: boolean | undefined;
  /**
   * What makes the time pass: `virtual` stands still until `clock.run` or `clock.advance` is called.
   * @default "real"
   */
  readonly clock?: ClockKind | undefined;
  /**
   * Where the clock starts: epoch milliseconds, or a date and time with its zone.
   * @default now; of a virtual clock 2026-01-01T00:00:00Z, so that runs can be repeated
   */
  readonly startAt?: number | string | undefined;
  /** Endpoints within the process, by the beginning of their URL; more can be set later. */
  readonly endpoints?: Readonly<Record<string, EndpointHandler>> | undefined;
  /**
   * Which of Microsoft's clouds is played: a name, or a description of your own.
   * @default "global"
   */
  readonly cloud?: CloudName | Cloud | undefined;
  /**
   * Whether requests beyond the documented limits are answered 429. What the simulator itself does, such as traffic, is
   * not limited.
   * @default "documented"
   */
  readonly throttle?: ThrottlePolicy | undefined;
  /**
   * How a 429 says when to come back. All four have been seen.
   * @default "seconds"
   */
  readonly retryAfter?: RetryAfterForm | undefined;
  /**
   * How many entries of each kind the ledger keeps, the latest; what is pending is kept in any case.
   * @default all
   */
  readonly ledgerLimit?: number | undefined;
  /**
   * Makes the simulator speak HTTPS: a key and a certificate, both PEM.
   * @default plain HTTP
   */
  readonly tls?: ServerTls | undefined;
  /** How delta queries behave. */
  readonly delta?: DeltaOptions | undefined;
  /**
   * How many versions one update makes, each with a notification of its own, at least 1. Users have seen a single
   * action yield several `updated` notifications.
   * @default 1
   */
  readonly updatesPerAction?: number | undefined;
  /** What no present page of the documentation confirms. */
  readonly unconfirmed?: UnconfirmedOptions | undefined;
  /**
   * Certificates (PEM) of authorities that endpoints may be signed by, besides the usual ones.
   * @default none
   */
  readonly trustedCertificates?: readonly string[] | undefined;
  readonly login?: LoginOptions | undefined;
  readonly subscriptions?: SubscriptionOptions | undefined;
  readonly lifecycle?: LifecycleOptions | undefined;
}

/** How the login service gives tokens. */
export interface LoginOptions {
  /**
   * Life of an access token in seconds.
   * @default 3599
   */
  readonly accessTokenLifetimeS?: number | undefined;
  /**
   * How long a key signs before the next does, in milliseconds of the simulator's clock.
   * @default 24 h
   */
  readonly keyRotationMs?: number | undefined;
}
