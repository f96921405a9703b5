import type { Duration } from "../duration.ts";
import type { JsonValue } from "../http/json.ts";
import { Shape } from "../shape.ts";

/** The two services an app talks to. */
export const SERVICES = ["graph", "login"] as const;

export type Service = (typeof SERVICES)[number];

/** How a request fails: with a status, without any answer, or with a connection that is cut. */
export const FAILURES = [429, 500, 502, 503, 504, "timeout", "reset"] as const;

export type Failure = (typeof FAILURES)[number];

interface AnyFault {
  /**
   * The part of what it could hit that it does hit, from 0 to 1, by the seed.
   * @default 1
   */
  readonly share?: number | undefined;
  /** @default until it is stopped */
  readonly for?: Duration | undefined;
}

/** What happens to notifications on their way. */
interface NotificationFault extends AnyFault {
  /** Beginning of the notification URL. */
  readonly url?: string | undefined;
  readonly subscriptionId?: string | undefined;
}

/** What happens to requests of an app. */
interface RequestFault extends AnyFault {
  readonly service: Service;
  /** @default any */
  readonly method?: string | undefined;
  /** Beginning of the path, for example `/v1.0/subscriptions`. */
  readonly path?: string | undefined;
}

/** Something that goes wrong for a while. */
export type Fault =
  /** Owed, and never sent. */
  | (NotificationFault & { readonly kind: "lose-notifications" })
  /** Sent `copies` more times (1 if not said), each up to `delay` later (10 s if not said). */
  | (NotificationFault & {
      readonly kind: "duplicate-notifications";
      readonly copies?: number | undefined;
      readonly delay?: Duration | undefined;
    })
  /** Sent so much later. */
  | (NotificationFault & { readonly kind: "delay-notifications"; readonly delay: Duration })
  /** Each sent at some moment `within` that time, so that later ones pass earlier ones. */
  | (NotificationFault & { readonly kind: "reorder-notifications"; readonly within: Duration })
  /** No connection to the endpoint can be made: neither deliveries nor handshakes reach it. */
  | (AnyFault & { readonly kind: "cut-off-endpoint"; readonly url?: string | undefined })
  /** `retryAfter` is for what has a status. */
  | (RequestFault & {
      readonly kind: "fail-requests";
      readonly how: Failure;
      readonly retryAfter?: Duration | undefined;
    })
  | (RequestFault & { readonly kind: "slow-requests"; readonly delay: Duration });

export type FaultKind = Fault["kind"];

/** A fault with all defaults filled in. */
export interface ParsedFault {
  readonly kind: FaultKind;
  readonly share: number;
  /** `null` is until it is stopped. */
  readonly forMs: number | null;
  readonly url?: string;
  readonly subscriptionId?: string;
  readonly copies?: number;
  readonly delayMs?: number;
  readonly service?: Service;
  readonly method?: string;
  readonly path?: string;
  readonly how?: Failure;
  readonly retryAfterMs?: number;
}

/** A fault that goes on. */
export interface ActiveFault extends ParsedFault {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Epoch milliseconds, `null` when it goes on until it is stopped. */
  readonly endsAt: number | null;
}

type Reader = (shape: Shape) => Partial<ParsedFault>;

const onNotifications: Reader = (shape) => ({
  ...(shape.has("url") ? { url: shape.text("url") } : {}),
  ...(shape.has("subscriptionId") ? { subscriptionId: shape.text("subscriptionId").toLowerCase() } : {}),
});

const onRequests: Reader = (shape) => ({
  service: shape.choice("service", SERVICES),
  ...(shape.has("method") ? { method: shape.text("method").toUpperCase() } : {}),
  ...(shape.has("path") ? { path: shape.text("path") } : {}),
});

const READERS: Readonly<Record<FaultKind, Reader>> = {
  "lose-notifications": onNotifications,
  "duplicate-notifications": (shape) => ({
    ...onNotifications(shape),
    copies: shape.has("copies") ? shape.number("copies", { min: 1, max: 100 }) : 1,
    delayMs: shape.has("delay") ? shape.durationMs("delay") : 10_000,
  }),
  "delay-notifications": (shape) => ({ ...onNotifications(shape), delayMs: shape.durationMs("delay") }),
  "reorder-notifications": (shape) => ({ ...onNotifications(shape), delayMs: shape.durationMs("within") }),
  "cut-off-endpoint": (shape) => (shape.has("url") ? { url: shape.text("url") } : {}),
  "fail-requests": (shape) => ({
    ...onRequests(shape),
    how: shape.choice("how", FAILURES),
    ...(shape.has("retryAfter") ? { retryAfterMs: shape.durationMs("retryAfter") } : {}),
  }),
  "slow-requests": (shape) => ({ ...onRequests(shape), delayMs: shape.durationMs("delay") }),
};

const FAULT_KINDS: readonly FaultKind[] = [
  "lose-notifications",
  "duplicate-notifications",
  "delay-notifications",
  "reorder-notifications",
  "cut-off-endpoint",
  "fail-requests",
  "slow-requests",
];

/**
 * Reads a fault as JSON has it.
 *
 * @param where names the place in messages
 * @throws ShapeError
 */
export function parseFault(value: JsonValue | undefined, where: string): ParsedFault {
  const shape = new Shape(value, where);
  const kind = shape.choice("kind", FAULT_KINDS);
  const fault = {
    kind,
    share: shape.has("share") ? shape.number("share", { max: 1 }) : 1,
    forMs: shape.has("for") ? shape.durationMs("for") : null,
    ...READERS[kind](shape),
  };
  shape.end();
  return fault;
}
