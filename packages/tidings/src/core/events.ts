import type { RecordFault } from "./forwarded.ts";
import type { LifecycleEvent } from "./notification.ts";
import type { EndpointVerdict } from "./ports/endpoint-probe.ts";
import type { RefusalReason } from "./route.ts";
import type { Gap, ParkedNeed } from "./subscription.ts";

/**
 * What the library tells of itself, by name. Metrics, the CLI and tests are built from these alone. Instants are
 * epoch milliseconds, durations milliseconds. No event carries a secret or a body.
 */
export interface TidingsEvents {
  /** Graph asked whether our endpoint is ours, and was answered. */
  "handshake:answered": { readonly path: string };
  /** A delivery is durable; Graph gets its 202. */
  "delivery:stored": {
    /** Items of the delivery. */
    readonly itemCount: number;
    /** Inbox rows written: one per notification and declaration. */
    readonly storedCount: number;
    readonly duplicateCount: number;
    readonly refusedCount: number;
    /** From the beginning of the request to its answer. */
    readonly tookMs: number;
  };
  /** Something that Graph never sends came to the endpoint, such as a body another parser had read already. */
  "delivery:unreadable": { readonly status: number };
  /** Items of one delivery were refused; Graph is answered as if they had not been. */
  "items:refused": { readonly reasons: Readonly<Partial<Record<RefusalReason, number>>> };
  /** A delivery could not be made durable; Graph is told to come again. */
  "delivery:failed": { readonly error: unknown; readonly tookMs: number };
  /**
   * Subscriptions that notifications came from, those about the subscription itself among them; at most every 10 s, or
   * with 10,000 of them, and when the app stops. A subscription is in it once. Only what carried our client state
   * counts, and was wanted; whether it could be stored does not matter.
   */
  "subscriptions:heard": { readonly heard: readonly HeardSubscription[] };
  /**
   * Our answers come half as late as makes Graph delay notifications (more than 5 % over 1.5 s, of 20 or more in ten
   * minutes), or drop them (more than 7.5 % over 5 s). Each is told once, until `endpoint:recovered`.
   *
   * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#throttling
   */
  "endpoint:slow": {
    /** Of the answers of the last ten minutes, how many in one took longer than `overMs`. */
    readonly share: number;
    readonly overMs: number;
    /** When the first of the two was told. */
    readonly since: number;
  };
  /** No more than 2.5 % of the answers of ten minutes took over 1.5 s. */
  "endpoint:recovered": {
    /** When it had become slow. */
    readonly since: number;
  };
  /** Our own public URL does not answer its handshake as Graph will want it. */
  "endpoint:unproved": {
    /** Without a query. */
    readonly url: string;
    /** `unreachable` is a warning: it may be this machine's network alone. `wrong`: Graph would refuse. */
    readonly kind: Exclude<EndpointVerdict["kind"], "proved">;
    /** For people: what is the matter, and what to do. */
    readonly sentence: string;
  };
  /** A handler returned. */
  "change:handled": ChangeOutcome;
  /** A handler threw; it will be called again. */
  "change:failed": ChangeOutcome & { readonly error: unknown; readonly retryAt: number };
  /** A change was given up and is kept as a dead letter. */
  "change:dead": ChangeOutcome & { readonly error: unknown };
  /** A declaration takes no more changes for now: many of its resources fail alike, or it was told to. */
  "declaration:paused": {
    readonly declaration: string;
    readonly by: "failures" | "user";
    readonly error: unknown;
  };
  /** Changes wait for a declaration that the app has no more; after 7 days they become dead letters. */
  "declaration:missing": {
    readonly declaration: string;
    readonly waiting: number;
    /** When the oldest was received. */
    readonly oldestAt: number;
    /** Given up just now. */
    readonly buried: number;
  };
  "declaration:resumed": { readonly declaration: string };
  /** The inbox takes nothing: deliveries get 503 at once until `inbox:recovered`. */
  "inbox:unreachable": { readonly error: unknown };
  "inbox:recovered": { readonly since: number };
  /** Records of a source are in the store, and need not be read again. */
  "records:stored": {
    readonly source: string;
    readonly recordCount: number;
    /** Inbox rows written: one per notification and declaration. */
    readonly storedCount: number;
    readonly duplicateCount: number;
  };
  /** A record was passed over. It stays where it is in its topic. */
  "record:refused": {
    readonly source: string;
    readonly topic: string;
    readonly partition: number;
    /** Decimal. */
    readonly offset: string;
    /** `unproved`: not signed with a secret of ours. `too-new`: of a later version of this library. */
    readonly reason: RecordFault;
  };
  /** A source cannot be read, or what was read cannot be stored; it is read on from the same place at `retryAt`. */
  "source:failed": { readonly source: string; readonly error: unknown; readonly retryAt: number };
  /** The disk failed in a way after which the process must end. */
  "store:broken": { readonly error: unknown };
  /** A lifecycle notification was acted on. */
  "lifecycle:received": { readonly event: LifecycleEvent; readonly subscriptionKey: string };
  "subscription:created": SubscriptionOutcome;
  /** One that was made before, and forgotten in a crash or with a store, was found at Graph. */
  "subscription:adopted": SubscriptionOutcome;
  "subscription:renewed": SubscriptionOutcome;
  /** Another took its place, since Graph cannot change it into what is wanted by now. */
  "subscription:replaced": SubscriptionOutcome & { readonly formerId: string; readonly drift: string };
  "subscription:removed": SubscriptionSubject & { readonly id: string };
  /** Graph has it no more; another is made. */
  "subscription:gone": SubscriptionSubject & { readonly id: string };
  /** It ended before it could be renewed; another is made. */
  "subscription:lapsed": SubscriptionOutcome;
  /** Changes since then may never have been told. */
  "subscription:gap": SubscriptionSubject & Gap;
  /** Graph refused, or could not be asked; tried again at `retryAt`. */
  "subscription:failed": SubscriptionSubject & {
    readonly action: string;
    readonly error: unknown;
    readonly retryAt: number;
  };
  /** Its renewal has failed several times; without one it ends at `expiresAt`. */
  "subscription:endangered": SubscriptionOutcome & { readonly error: unknown };
  /** Graph takes it only after a person has done something; tried again at `retryAt`, and with the next version of the app. */
  "subscription:parked": SubscriptionSubject & {
    readonly need: ParkedNeed;
    readonly error: unknown;
    readonly retryAt: number;
  };
  /** Graph encrypts for a certificate that the app does not have: its notifications wait until it has. Told once a day. */
  "certificate:missing": {
    readonly id: string;
    /** How many subscriptions refer to it; they are given the present one. */
    readonly subscriptions: number;
  };
  /**
   * The certificate that Graph encrypts for ends within 30 days, or has ended; no page says what Graph does then. Told
   * once a day.
   */
  "certificate:expiring": {
    readonly id: string;
    readonly notAfter: number;
    readonly isExpired: boolean;
  };
  /** More happened than could be told while the main thread was busy: so many events were left out. */
  "events:dropped": { readonly count: number };
  /** A loop of the library failed in a way nobody foresaw, and goes on. */
  "internal:error": { readonly where: string; readonly error: unknown };
}

export interface ChangeOutcome {
  readonly seq: number;
  readonly declaration: string;
  /** Graph's id of the notification. */
  readonly notificationId: string | undefined;
  readonly changeType: string | undefined;
  readonly resourceKey: string | undefined;
  /** 1 for the first. */
  readonly attempt: number;
  /** Notifications that this call stood for. */
  readonly mergedCount: number;
  /** Graph's ids of those beside `notificationId`. */
  readonly mergedNotificationIds: readonly string[];
}

/** A desired subscription. */
export interface SubscriptionSubject {
  readonly key: string;
  readonly tenantId: string;
  readonly resource: string;
}

export interface SubscriptionOutcome extends SubscriptionSubject {
  /** Graph's id. */
  readonly id: string;
  readonly expiresAt: number;
}

/**
 * What the latest notification of a subscription showed of it.
 *
 * @see https://learn.microsoft.com/graph/api/resources/changenotification#properties
 */
export interface HeardSubscription {
  /** Of the desired subscription. */
  readonly key: string;
  /** Graph's id of the one that sent it; after a replacement the old one may be heard for a while. */
  readonly id: string;
  readonly heardAt: number;
  /**
   * When it expires, as Graph knew when it made the notification: hours ago, if it is a late attempt of several.
   * Undefined when the notification does not say.
   */
  readonly expiresAt: number | undefined;
}

export type TidingsEventName = keyof TidingsEvents;

/** An event with its name, which belong together. */
export type Told = {
  [Name in TidingsEventName]: [name: Name, event: TidingsEvents[Name]];
}[TidingsEventName];

/** Tells that something happened. Never throws, whatever its listeners do. */
export type Report = (...told: Told) => void;
