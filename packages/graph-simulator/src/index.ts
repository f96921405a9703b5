/**
 * A model of Microsoft Graph change notifications: `import { startSimulator } from "@tidings/graph-simulator"`.
 *
 * @module
 */

export { startSimulator, type NewSubscription, type Simulator } from "./simulator.ts";
export type { AppOptions, DeliveryOptions, LoginOptions, SimulatorOptions, UserOptions } from "./options.ts";
export type { DeltaOptions } from "./delta/delta-options.ts";
export type { TokenExpiry } from "./delta/delta-token.ts";
export type { UnconfirmedOptions } from "./resources/unconfirmed.ts";
export type { AccessTokenVersion, Tenant } from "./tenancy.ts";
export type { ClockKind, SimulatorClock } from "./clock.ts";
export { CLOUDS, type Cloud, type CloudName } from "./cloud.ts";
export type { EndpointState, EndpointStatus } from "./delivery/endpoint-state.ts";
export { DOCUMENTED_LATENCY, type Latency, type LatencyTable } from "./delivery/latency.ts";
export type { Duration } from "./duration.ts";
export type { EndpointContext, EndpointHandler } from "./endpoints/endpoint-map.ts";
export type { ActiveFault, Failure, Fault, FaultKind, Service } from "./faults/fault.ts";
export type { SimulatorFaults } from "./faults/fault-board.ts";
export type { Fetch } from "./http/in-process.ts";
export type { LedgerFilter, LedgerPage, LedgerQuery } from "./ledger/ledger-query.ts";
export type { Scenario, ScenarioStep } from "./scenario/scenario.ts";
export { ShapeError } from "./shape.ts";
export type { ThrottlePolicy } from "./throttling/limits.ts";
export type { RetryAfterForm } from "./throttling/retry-after.ts";
export type { SimulatorTraffic, TrafficProgress, TrafficRun } from "./traffic/traffic.ts";
export type { TrafficKindName, TrafficMix } from "./traffic/traffic-kinds.ts";
export type { TrafficOptions } from "./traffic/traffic-options.ts";
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
export type { SimulatorEventName, SimulatorEvents, Unsubscribe } from "./events.ts";
export type {
  AttemptEntry,
  AttemptOutcome,
  ChangeEntry,
  HandshakeEntry,
  LedgerEntries,
  LedgerKind,
  LedgerTotals,
  LifecycleNotificationEntry,
  NotificationEntry,
  NotificationState,
} from "./ledger/ledger-entries.ts";
export type { SimulatorLedger } from "./ledger/ledger.ts";
export type { HandshakeOutcome, HandshakePurpose } from "./subscriptions/handshake-outcome.ts";
export type { ChangeType } from "./subscriptions/change-type.ts";
export type { DuplicatePolicy } from "./subscriptions/subscription-routes.ts";
export type { Subscription } from "./subscriptions/subscription.ts";
export type { SimulatorSubscriptions } from "./subscriptions/subscription-store.ts";
export type { Refusal } from "./http/reply.ts";
