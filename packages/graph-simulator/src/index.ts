/**
 * A model of Microsoft Graph change notifications: `import { startSimulator } from "@tidings/graph-simulator"`.
 *
 * @module
 */

export { startSimulator, type Simulator } from "./simulator.ts";
export type { AppOptions, DeliveryOptions, SimulatorOptions, UserOptions } from "./options.ts";
export type { DeltaOptions } from "./delta/delta-settings.ts";
export type { TokenExpiry } from "./delta/delta-token.ts";
export type { UnconfirmedOptions } from "./resources/unconfirmed.ts";
export type { Tenant } from "./tenancy.ts";
export type { SimulatorClock } from "./clock.ts";
export type { SimulatorEventName, SimulatorEvents, Unsubscribe } from "./events.ts";
export type {
  AttemptEntry,
  AttemptOutcome,
  ChangeEntry,
  HandshakeEntry,
  NotificationEntry,
  NotificationState,
  SimulatorLedger,
} from "./ledger.ts";
export type { HandshakeOutcome, HandshakePurpose } from "./subscriptions/handshake-outcome.ts";
export type { ChangeType } from "./subscriptions/change-type.ts";
export type { DuplicatePolicy } from "./subscriptions/subscription-routes.ts";
export type { Subscription } from "./subscriptions/subscription.ts";
export type { SimulatorSubscriptions } from "./subscriptions/subscription-store.ts";
export type { ServerTls } from "./http/server.ts";
export type { Refusal } from "./http/reply.ts";
