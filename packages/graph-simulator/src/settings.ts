import { randomInt } from "node:crypto";

import type { ClockOptions } from "./clock.ts";
import { CLOUDS, type Cloud, type CloudName } from "./cloud.ts";
import type { DeliverySettings } from "./delivery/endpoint-queue.ts";
import { DOCUMENTED_LATENCY, type LatencyTable } from "./delivery/latency.ts";
import { DEFAULT_FIRST_RETRY_DELAY_MS, DEFAULT_RETRY_WINDOW_MS } from "./delivery/retry-schedule.ts";
import { resolveDelta, type DeltaSettings } from "./delta/delta-options.ts";
import { DEMO_APP, DEMO_TENANT, DEMO_USERS } from "./demo.ts";
import type { EndpointHandler } from "./endpoints/endpoint-map.ts";
import type { ServerTls } from "./http/server.ts";
import { parseInstant } from "./instant.ts";
import { resolveLifecycle, type LifecycleSettings } from "./lifecycle/lifecycle-options.ts";
import { ACCESS_TOKEN_LIFETIME_S } from "./login/access-token.ts";
import { DEFAULT_KEY_ROTATION_MS } from "./login/signing-keys.ts";
import type { AppOptions, DeliveryOptions, SimulatorOptions, UserOptions } from "./options.ts";
import { guidFor } from "./random.ts";
import type { UserSeed } from "./resources/directory/directory.ts";
import { resolveUnconfirmed, type UnconfirmedSettings } from "./resources/unconfirmed.ts";
import { resolveSubscriptions, type SubscriptionSettings } from "./subscriptions/subscription-options.ts";
import type { DuplicatePolicy } from "./subscriptions/subscription-routes.ts";
import type { AppRegistration, Tenant } from "./tenancy.ts";
import type { ThrottlePolicy } from "./throttling/limits.ts";
import type { RetryAfterForm } from "./throttling/retry-after.ts";

/** Where a virtual clock starts when nobody says. */
const VIRTUAL_START = Date.UTC(2026, 0, 1);

/** The options with all defaults filled in. */
export interface SimulatorSettings {
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  /** At least one. */
  readonly tenants: readonly [Tenant, ...Tenant[]];
  /** At least one. */
  readonly apps: readonly [AppRegistration, ...AppRegistration[]];
  readonly users: readonly UserSeed[];
  readonly handshakeTimeoutMs: number;
  readonly duplicates: DuplicatePolicy;
  readonly pageSize: number;
  readonly deliver: DeliverySettings;
  readonly listen: boolean;
  readonly clock: Required<ClockOptions>;
  readonly endpoints: Readonly<Record<string, EndpointHandler>>;
  readonly cloud: Cloud;
  readonly throttle: ThrottlePolicy;
  readonly retryAfter: RetryAfterForm;
  readonly ledgerLimit: number;
  readonly tls: ServerTls | undefined;
  readonly delta: DeltaSettings;
  readonly updatesPerAction: number;
  readonly unconfirmed: UnconfirmedSettings;
  readonly trustedCertificates: readonly string[];
  readonly accessTokenLifetimeS: number;
  readonly keyRotationMs: number;
  readonly subscriptions: SubscriptionSettings;
  readonly lifecycle: LifecycleSettings;
}

/** @throws TypeError when there is no tenant or no app; RangeError when a number is out of its range */
export function resolveOptions(options: SimulatorOptions): SimulatorSettings {
  const tenants = atLeastOne("tenants", (options.tenants ?? [DEMO_TENANT]).map(toTenant));
  const apps = atLeastOne(
    "apps",
    (options.apps ?? [DEMO_APP]).map((app) => toApp(app, tenants)),
  );
  return {
    port: options.port ?? 0,
    host: options.host ?? "127.0.0.1",
    seed: options.seed ?? randomInt(2 ** 32),
    tenants,
    apps,
    users: (options.users ?? DEMO_USERS).map((user) => toUserSeed(user, tenants[0])),
    handshakeTimeoutMs: atLeast("handshakeTimeoutMs", options.handshakeTimeoutMs ?? 10_000, 1),
    duplicates: options.duplicates ?? "refuse",
    pageSize: atLeast("pageSize", options.pageSize ?? 100, 1),
    deliver: resolveDelivery(options.deliver ?? {}),
    listen: options.listen ?? true,
    clock: resolveClock(options),
    endpoints: options.endpoints ?? {},
    cloud: resolveCloud(options.cloud ?? "global"),
    throttle: options.throttle ?? "documented",
    retryAfter: options.retryAfter ?? "seconds",
    ledgerLimit:
      options.ledgerLimit === undefined ? Infinity : atLeast("ledgerLimit", options.ledgerLimit, 1),
    tls: options.tls,
    delta: resolveDelta(options.delta ?? {}),
    updatesPerAction: atLeast("updatesPerAction", options.updatesPerAction ?? 1, 1),
    unconfirmed: resolveUnconfirmed(options.unconfirmed ?? {}),
    trustedCertificates: options.trustedCertificates ?? [],
    accessTokenLifetimeS: atLeast(
      "login.accessTokenLifetimeS",
      options.login?.accessTokenLifetimeS ?? ACCESS_TOKEN_LIFETIME_S,
      1,
    ),
    keyRotationMs: atLeast("login.keyRotationMs", options.login?.keyRotationMs ?? DEFAULT_KEY_ROTATION_MS, 1),
    subscriptions: resolveSubscriptions(options.subscriptions),
    lifecycle: resolveLifecycle(options.lifecycle),
  };
}

function resolveDelivery(options: DeliveryOptions): DeliverySettings {
  return {
    maxPerDelivery: atLeast("deliver.maxPerDelivery", options.maxPerDelivery ?? 20, 1),
    collectMs: atLeast("deliver.collectMs", options.collectMs ?? 5, 0),
    concurrency: atLeast("deliver.concurrency", options.concurrency ?? 1, 1),
    firstTimeoutMs: atLeast("deliver.firstTimeoutMs", options.firstTimeoutMs ?? 3_000, 1),
    retryTimeoutMs: atLeast("deliver.retryTimeoutMs", options.retryTimeoutMs ?? 10_000, 1),
    firstRetryDelayMs: atLeast(
      "deliver.firstRetryDelayMs",
      options.firstRetryDelayMs ?? DEFAULT_FIRST_RETRY_DELAY_MS,
      0,
    ),
    retryWindowMs: atLeast("deliver.retryWindowMs", options.retryWindowMs ?? DEFAULT_RETRY_WINDOW_MS, 0),
    latency: resolveLatency(options.latency ?? "none"),
    hasEndpointStates: (options.endpointStates ?? "documented") === "documented",
  };
}

function resolveLatency(latency: NonNullable<DeliveryOptions["latency"]>): LatencyTable {
  if (latency === "none") return {};
  return latency === "documented" ? DOCUMENTED_LATENCY : latency;
}

function resolveClock({ clock: kind = "real", startAt }: SimulatorOptions): Required<ClockOptions> {
  if (startAt === undefined) return { kind, startAt: kind === "real" ? Date.now() : VIRTUAL_START };
  const instant = typeof startAt === "number" ? startAt : parseInstant(startAt);
  if (instant === undefined || !Number.isFinite(instant)) {
    throw new RangeError(`Expected \`startAt\` to be a date and time with its zone, got '${startAt}'`);
  }
  return { kind, startAt: instant };
}

function resolveCloud(cloud: CloudName | Cloud): Cloud {
  if (typeof cloud !== "string") return cloud;
  if (Object.hasOwn(CLOUDS, cloud)) return CLOUDS[cloud];
  throw new RangeError(
    `Expected \`cloud\` to be one of ${Object.keys(CLOUDS).join(", ")}, or a cloud, got '${cloud}'`,
  );
}

function toTenant(tenant: Tenant): Tenant {
  return { ...tenant, id: tenant.id.toLowerCase() };
}

function toApp(app: AppOptions, tenants: readonly Tenant[]): AppRegistration {
  return {
    clientId: app.clientId.toLowerCase(),
    clientSecret: app.clientSecret,
    displayName: app.displayName ?? app.clientId,
    tenantIds: (app.tenantIds ?? tenants.map((tenant) => tenant.id)).map((id) => id.toLowerCase()),
    roles: app.roles ?? ["User.ReadWrite.All", "Mail.ReadWrite"],
    requestedAccessTokenVersion: app.requestedAccessTokenVersion ?? 1,
    appRoleAssignmentRequired: app.appRoleAssignmentRequired ?? false,
  };
}

function toUserSeed(user: UserOptions, firstTenant: Tenant): UserSeed {
  const tenantId = (user.tenantId ?? firstTenant.id).toLowerCase();
  const { displayName, userPrincipalName } = user;
  return {
    id: (user.id ?? guidFor(`user ${userPrincipalName} of ${tenantId}`)).toLowerCase(),
    tenantId,
    properties: {
      accountEnabled: true,
      displayName,
      mail: userPrincipalName,
      mailNickname: userPrincipalName.replace(/@.*/, ""),
      userPrincipalName,
    },
  };
}

function atLeastOne<Item>(name: string, items: readonly Item[]): readonly [Item, ...Item[]] {
  const [first, ...rest] = items;
  if (first === undefined) throw new TypeError(`Expected \`${name}\` to have at least one entry, got none`);
  return [first, ...rest];
}

function atLeast(name: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new RangeError(`Expected \`${name}\` to be a number >= ${least}, got ${value}`);
}
