import type { EndpointState, EndpointStatus } from "./delivery/endpoint-state.ts";
import type { ActiveFault } from "./faults/fault.ts";
import type { Refusal } from "./http/reply.ts";
import type {
  AttemptEntry,
  ChangeEntry,
  HandshakeEntry,
  LifecycleNotificationEntry,
  NotificationEntry,
} from "./ledger/ledger-entries.ts";
import type { Subscription } from "./subscriptions/subscription.ts";

/** What the simulator tells while it runs, by name. Instants are epoch milliseconds of the simulator's clock. */
export interface SimulatorEvents {
  /** An app got an access token. */
  "token:issued": { readonly tenantId: string; readonly clientId: string };
  /** A Graph request was refused. */
  "request:refused": { readonly method: string; readonly path: string; readonly refusal: Refusal };
  "subscription:created": { readonly subscription: Subscription };
  /** A PATCH was accepted: expiry, notification URL, or both. */
  "subscription:renewed": { readonly subscription: Subscription; readonly previous: Subscription };
  "subscription:deleted": { readonly subscription: Subscription };
  /** Its time ran out without a renewal. */
  "subscription:expired": { readonly subscription: Subscription };
  /** The app authorized it again, without a renewal. */
  "subscription:reauthorized": { readonly subscription: Subscription };
  /** An update and a reauthorization came within 10 minutes: the later was answered as if it were done, and is lost. */
  "subscription:update-lost": { readonly subscription: Subscription };
  /** Graph removed it. */
  "subscription:removed": { readonly subscription: Subscription };
  /** The app must be told of something that happened to a subscription. */
  "lifecycle:owed": { readonly notification: LifecycleNotificationEntry };
  /** The endpoint proved itself. */
  "handshake:answered": { readonly handshake: HandshakeEntry };
  /** The endpoint did not; the request that asked for it is refused. */
  "handshake:failed": { readonly handshake: HandshakeEntry };
  /** An entity changed; `notifiedCount` notifications are owed for it. */
  "change:made": { readonly change: ChangeEntry; readonly notifiedCount: number };
  /** An endpoint took notifications with a 2xx. */
  "delivery:succeeded": { readonly attempt: AttemptEntry };
  /** An endpoint did not; `retryAt` is `null` when the retry window is over. */
  "delivery:failed": { readonly attempt: AttemptEntry; readonly retryAt: number | null };
  /** A notification was given up and will never arrive. */
  "notification:expired": { readonly notification: NotificationEntry };
  /** An endpoint's host answers slowly, or well again. */
  "endpoint:changed": { readonly endpoint: EndpointStatus; readonly previous: EndpointState };
  "fault:started": { readonly fault: ActiveFault };
  "fault:ended": { readonly fault: ActiveFault };
  /** A notification was not even sent: the endpoint is too slow, or a fault had it so. */
  "notification:withheld": { readonly notification: NotificationEntry };
  /** A step of a scenario was done; `at` is milliseconds after its start. */
  "scenario:step": { readonly step: string; readonly at: number; readonly outcome: string };
  "clock:advanced": { readonly advanceMs: number; readonly now: number };
  /** Everything is as at the start, but for the clock. */
  "simulator:reset": { readonly at: number };
}

export type SimulatorEventName = keyof SimulatorEvents;

/** Ends a listener. May be called again without effect. */
export type Unsubscribe = () => void;

type Listener<Name extends SimulatorEventName> = (event: SimulatorEvents[Name]) => void;
type Listeners = { readonly [Name in SimulatorEventName]: Set<Listener<Name>> };

/** The typed event feed. Listeners are called at once, in the order they came. */
export class EventFeed {
  readonly #listeners: Listeners = {
    "token:issued": new Set(),
    "request:refused": new Set(),
    "subscription:created": new Set(),
    "subscription:renewed": new Set(),
    "subscription:deleted": new Set(),
    "subscription:expired": new Set(),
    "subscription:reauthorized": new Set(),
    "subscription:update-lost": new Set(),
    "subscription:removed": new Set(),
    "lifecycle:owed": new Set(),
    "handshake:answered": new Set(),
    "handshake:failed": new Set(),
    "change:made": new Set(),
    "delivery:succeeded": new Set(),
    "delivery:failed": new Set(),
    "notification:expired": new Set(),
    "endpoint:changed": new Set(),
    "fault:started": new Set(),
    "fault:ended": new Set(),
    "notification:withheld": new Set(),
    "scenario:step": new Set(),
    "clock:advanced": new Set(),
    "simulator:reset": new Set(),
  };

  /** Calls `listener` for each later event of that name. What it throws is an uncaught exception, not ours. */
  on<Name extends SimulatorEventName>(
    name: Name,
    listener: (event: SimulatorEvents[Name]) => void,
  ): Unsubscribe {
    const listeners: Set<Listener<Name>> = this.#listeners[name];
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  emit<Name extends SimulatorEventName>(name: Name, event: SimulatorEvents[Name]): void {
    const listeners: Set<Listener<Name>> = this.#listeners[name];
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        // A wrong listener must neither break the simulation nor be hidden.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
