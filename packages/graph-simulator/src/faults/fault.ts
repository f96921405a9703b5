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

/** What notifications are of: of changes, or of the life of a subscription. */
export type NotificationSubject = "changes" | "lifecycle";

/** What happens to notifications on their way. */
interface NotificationFault extends AnyFault {
  /** @default "changes", so that what is lost of them is told by `missed` */
  readonly of?: NotificationSubject | "all" | undefined;
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

interface ParsedAny {
  readonly share: number;
  /** `null` is until it is stopped. */
  readonly forMs: number | null;
}

interface ParsedOnNotifications extends ParsedAny {
  readonly of: NotificationSubject | "all";
  readonly url: string | undefined;
  readonly subscriptionId: string | undefined;
}

interface ParsedOnRequests extends ParsedAny {
  readonly service: Service;
  readonly method: string | undefined;
  readonly path: string | undefined;
}

/** A fault with all defaults filled in. */
export type ParsedFault =
  | (ParsedOnNotifications & { readonly kind: "lose-notifications" })
  | (ParsedOnNotifications & {
      readonly kind: "duplicate-notifications";
      readonly copies: number;
      readonly delayMs: number;
    })
  | (ParsedOnNotifications & { readonly kind: "delay-notifications"; readonly delayMs: number })
  | (ParsedOnNotifications & { readonly kind: "reorder-notifications"; readonly withinMs: number })
  | (ParsedAny & { readonly kind: "cut-off-endpoint"; readonly url: string | undefined })
  | (ParsedOnRequests & {
      readonly kind: "fail-requests";
      readonly how: Failure;
      readonly retryAfterMs: number | undefined;
    })
  | (ParsedOnRequests & { readonly kind: "slow-requests"; readonly delayMs: number });

/** A fault that goes on. */
export type ActiveFault = ParsedFault & {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Epoch milliseconds, `null` when it goes on until it is stopped. */
  readonly endsAt: number | null;
};

const FAULT_KINDS = [
  "lose-notifications",
  "duplicate-notifications",
  "delay-notifications",
  "reorder-notifications",
  "cut-off-endpoint",
  "fail-requests",
  "slow-requests",
] as const satisfies readonly FaultKind[];

/**
 * Reads a fault as JSON has it.
 *
 * @param where names the place in messages
 * @throws ShapeError
 */
export function parseFault(value: JsonValue | undefined, where: string): ParsedFault {
  const shape = new Shape(value, where);
  const fault = readFault(shape);
  shape.end();
  return fault;
}

function readFault(shape: Shape): ParsedFault {
  const kind = shape.choice("kind", FAULT_KINDS);
  switch (kind) {
    case "lose-notifications":
      return { kind, ...readOnNotifications(shape) };
    case "duplicate-notifications":
      return {
        kind,
        ...readOnNotifications(shape),
        copies: shape.has("copies") ? shape.number("copies", { min: 1, max: 100 }) : 1,
        delayMs: shape.has("delay") ? shape.durationMs("delay") : 10_000,
      };
    case "delay-notifications":
      return { kind, ...readOnNotifications(shape), delayMs: shape.durationMs("delay") };
    case "reorder-notifications":
      return { kind, ...readOnNotifications(shape), withinMs: shape.durationMs("within") };
    case "cut-off-endpoint":
      return { kind, ...readAny(shape), url: readText(shape, "url") };
    case "fail-requests":
      return {
        kind,
        ...readOnRequests(shape),
        how: shape.choice("how", FAILURES),
        retryAfterMs: shape.has("retryAfter") ? shape.durationMs("retryAfter") : undefined,
      };
    case "slow-requests":
      return { kind, ...readOnRequests(shape), delayMs: shape.durationMs("delay") };
  }
}

function readAny(shape: Shape): ParsedAny {
  return {
    share: shape.has("share") ? shape.number("share", { max: 1 }) : 1,
    forMs: shape.has("for") ? shape.durationMs("for") : null,
  };
}

function readOnNotifications(shape: Shape): ParsedOnNotifications {
  return {
    ...readAny(shape),
    of: shape.has("of") ? shape.choice("of", ["changes", "lifecycle", "all"]) : "changes",
    url: readText(shape, "url"),
    subscriptionId: readText(shape, "subscriptionId")?.toLowerCase(),
  };
}

function readOnRequests(shape: Shape): ParsedOnRequests {
  return {
    ...readAny(shape),
    service: shape.choice("service", SERVICES),
    method: readText(shape, "method")?.toUpperCase(),
    path: readText(shape, "path"),
  };
}

function readText(shape: Shape, name: string): string | undefined {
  return shape.has(name) ? shape.text(name) : undefined;
}
