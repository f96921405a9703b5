/**
 * A model of Microsoft Graph change notifications: `import { startSimulator } from "@tidings/graph-simulator"`.
 *
 * @module
 */

export { startSimulator, type Simulator } from "./simulator.ts";
export type { AppOptions, DeliveryOptions, LoginOptions, SimulatorOptions, UserOptions } from "./options.ts";
export type { AccessTokenVersion, Tenant } from "./tenancy.ts";
export type { Cloud, CloudName } from "./cloud.ts";
export type { ServerTls } from "./http/server.ts";
export type { LifecycleEvent } from "./lifecycle/lifecycle-event.ts";
export type { SimulatorLifecycle } from "./lifecycle/lifecycle.ts";
export type { ChallengePolicy, LifecycleOptions } from "./lifecycle/lifecycle-options.ts";
export type { SignInRequest } from "./login/sign-in.ts";
export type { UnauthorizedDelivery } from "./notifications/authorization-gate.ts";
export type { ExpiredCertificatePolicy } from "./rich/encryption-certificate.ts";
export type {
  ContentTampering,
  ItemTampering,
  SimulatorTampering,
  Tampering,
  TamperingOrder,
  TokenTampering,
} from "./rich/tampering.ts";
export { TAMPERINGS } from "./rich/tampering.ts";
export type {
  CustomRefusal,
  KnownRefusalName,
  RefusalOrder,
  SimulatorRefusals,
  SubscriptionRequestName,
} from "./subscriptions/provoked-refusals.ts";
export type { Quotas } from "./subscriptions/quotas.ts";
export type { SubscriptionOptions } from "./subscriptions/subscription-options.ts";
export type { SimulatorClock } from "./clock.ts";
export type { SimulatorEventName, SimulatorEvents, Unsubscribe } from "./events.ts";
export type {
  AttemptEntry,
  AttemptOutcome,
  ChangeEntry,
  HandshakeEntry,
  LifecycleNotificationEntry,
  NotificationEntry,
  NotificationState,
  SimulatorLedger,
} from "./ledger.ts";
export type { HandshakeOutcome, HandshakePurpose } from "./subscriptions/handshake-outcome.ts";
export type { ChangeType } from "./subscriptions/change-type.ts";
export type { DuplicatePolicy } from "./subscriptions/subscription-routes.ts";
export type { Subscription } from "./subscriptions/subscription.ts";
export type { SimulatorSubscriptions } from "./subscriptions/subscription-store.ts";
export type { Refusal } from "./http/reply.ts";
