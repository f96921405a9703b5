import type { ExpiredCertificatePolicy } from "../rich/encryption-certificate.ts";
import { DOCUMENTED_QUOTAS, type Quotas } from "./quotas.ts";

/** What Graph does with subscriptions, where its documentation is silent or users have seen something else. */
export interface SubscriptionOptions {
  /**
   * How many subscriptions there may be.
   * @default as documented
   */
  readonly quotas?: Partial<Quotas> | undefined;
  /**
   * How old a list of subscriptions is, in milliseconds of the simulator's clock: what was made or ended since is not
   * seen in it. Reading a single one is never stale.
   * @default 0
   */
  readonly staleListMs?: number | undefined;
  /**
   * Whether a deleted subscription is gone, or leaves a ghost: no request finds it, but it goes on notifying until its
   * time is over, and counts in quotas.
   * @default "end"
   */
  readonly deletes?: "end" | "leave-ghost" | undefined;
  /**
   * Longest life of an Outlook subscription in minutes: 10,070 is what the service grants, 10,080 what is documented.
   * @default 10_070
   */
  readonly outlookMaxMinutes?: 10_070 | 10_080 | undefined;
  /**
   * Kinds of resource that need a `lifecycleNotificationUrl` for more than an hour besides the documented ones, for
   * example `callRecord`.
   * @default none
   */
  readonly lifecycleUrlAlsoFor?: readonly string[] | undefined;
  /**
   * Whether both URLs of a subscription must have the same host, as was documented until 2021.
   * @default false
   */
  readonly lifecycleUrlSameHost?: boolean | undefined;
  /**
   * When endpoints are asked to prove themselves again, besides for a new `notificationUrl`.
   * @default never
   */
  readonly validateAgainOn?: readonly ("renewal" | "reauthorization")[] | undefined;
  /**
   * Whether an endpoint that does not prove itself keeps a subscription from being: users have got a 201 all the same.
   * @default "required"
   */
  readonly handshake?: "required" | "ineffective" | undefined;
  /**
   * The `code` of a refusal because of an endpoint; both have been seen, with the same messages.
   * @default "InvalidRequest"
   */
  readonly handshakeErrorCode?: "InvalidRequest" | "ValidationError" | undefined;
  /**
   * What becomes of an update with nothing but a new certificate: not documented.
   * @default "refuse"
   */
  readonly certificateAlone?: "refuse" | "allow" | undefined;
  /**
   * What becomes of properties in an update that cannot be updated.
   * @default "ignore"
   */
  readonly fixedProperties?: "ignore" | "refuse" | undefined;
  /** @default "accept" */
  readonly expiredCertificate?: ExpiredCertificatePolicy | undefined;
  /**
   * What an update and a reauthorization within 10 minutes do: the documentation only says that the state "can" become
   * inconsistent. With `lose-later` the later one is answered as done and is lost; with `refuse` it is answered 409.
   * @default "lose-later"
   */
  readonly updateAndReauthorize?: "lose-later" | "refuse" | "harmless" | undefined;
  /**
   * Whether a subscription is refused when its app or user may not read the resource.
   * @default false
   */
  readonly enforcePermissions?: boolean | undefined;
}

export type SubscriptionSettings = Required<{
  readonly [Name in keyof SubscriptionOptions]: NonNullable<SubscriptionOptions[Name]>;
}> & { readonly quotas: Quotas };

export function resolveSubscriptions(options: SubscriptionOptions = {}): SubscriptionSettings {
  return {
    quotas: { ...DOCUMENTED_QUOTAS, ...options.quotas },
    staleListMs: options.staleListMs ?? 0,
    deletes: options.deletes ?? "end",
    outlookMaxMinutes: options.outlookMaxMinutes ?? 10_070,
    lifecycleUrlAlsoFor: options.lifecycleUrlAlsoFor ?? [],
    lifecycleUrlSameHost: options.lifecycleUrlSameHost ?? false,
    validateAgainOn: options.validateAgainOn ?? [],
    handshake: options.handshake ?? "required",
    handshakeErrorCode: options.handshakeErrorCode ?? "InvalidRequest",
    certificateAlone: options.certificateAlone ?? "refuse",
    fixedProperties: options.fixedProperties ?? "ignore",
    expiredCertificate: options.expiredCertificate ?? "accept",
    updateAndReauthorize: options.updateAndReauthorize ?? "lose-later",
    enforcePermissions: options.enforcePermissions ?? false,
  };
}
