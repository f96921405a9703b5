import { refuse, type Refusal } from "../http/reply.ts";
import { extensionError } from "./extension-error.ts";

/** The requests about subscriptions that can be refused on demand. */
export const SUBSCRIPTION_REQUESTS = ["create", "list", "get", "update", "delete", "reauthorize"] as const;

export type SubscriptionRequestName = (typeof SUBSCRIPTION_REQUESTS)[number];

/** Names of ours for refusals users have seen and that can be ordered. */
export type KnownRefusalName =
  | "token-mismatch"
  | "mailbox-unsupported"
  | "app-and-user"
  | "storage-extension"
  | "backend-unknown"
  | "throttled"
  | "validation-timed-out"
  | "forbidden";

export const KNOWN_REFUSALS: Readonly<Record<KnownRefusalName, Refusal>> = {
  /** https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/8919 */
  "token-mismatch": refuse(401, "ExtensionError", "p#S256 doesn't match"),
  /** https://github.com/microsoftgraph/microsoft-graph-docs/issues/6868 */
  "mailbox-unsupported": refuse(404, "ExtensionError", "REST API is not yet supported for this mailbox."),
  /** https://learn.microsoft.com/answers/questions/213665 */
  "app-and-user": refuse(400, "BadRequest", "'app + user' subscriptions are not supported in v1"),
  /** https://github.com/microsoftgraph/microsoft-graph-explorer/issues/3554; guess: the status. */
  "storage-extension": refuse(500, "ExtensionError", "There was an error processing a storage extension."),
  /** https://learn.microsoft.com/answers/questions/417261; guess: what stands between the words. */
  "backend-unknown": extensionError(
    "Read",
    503,
    "Target resource 'subscriptions' currently on backend 'Unknown'",
  ),
  /** https://learn.microsoft.com/graph/throttling */
  throttled: refuse(429, "TooManyRequests", "Please retry again later.", { "retry-after": "10" }),
  /** https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation */
  "validation-timed-out": refuse(400, "InvalidRequest", "Subscription validation request timed out."),
  /** https://learn.microsoft.com/answers/questions/1166400; guess: what follows `Reason`. */
  forbidden: extensionError("Create", 403, "Forbidden"),
};

export interface RefusalOrder {
  /** @default any request about subscriptions */
  readonly request?: SubscriptionRequestName | undefined;
  /** One that is known, or one of your own. */
  readonly refusal: KnownRefusalName | CustomRefusal;
  /**
   * How many requests.
   * @default 1
   */
  readonly times?: number | undefined;
}

export interface CustomRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Refuses requests about subscriptions that nothing is wrong with, as a test asks for it. */
export interface SimulatorRefusals {
  /** Orders are carried out in the order they came, one for each request. */
  order(order: RefusalOrder): void;
  /** Forgets the orders that are left. */
  clear(): void;
}

interface OpenOrder {
  readonly request: SubscriptionRequestName | undefined;
  readonly refusal: Refusal;
  left: number;
}

/** The orders that are left. */
export class RefusalPlan implements SimulatorRefusals {
  #orders: OpenOrder[] = [];

  order({ request, refusal, times = 1 }: RefusalOrder): void {
    if (!Number.isInteger(times) || times < 1) {
      throw new RangeError(`Expected to refuse a whole number of requests >= 1, got ${times}`);
    }
    this.#orders.push({ request, refusal: toRefusal(refusal), left: times });
  }

  clear(): void {
    this.#orders = [];
  }

  /** The refusal that is due for a request. */
  take(request: SubscriptionRequestName): Refusal | undefined {
    const order = this.#orders.find((candidate) => (candidate.request ?? request) === request);
    if (!order) return undefined;
    order.left -= 1;
    if (order.left === 0) this.#orders = this.#orders.filter((other) => other !== order);
    return order.refusal;
  }
}

function toRefusal(refusal: KnownRefusalName | CustomRefusal): Refusal {
  if (typeof refusal === "string") return KNOWN_REFUSALS[refusal];
  return refuse(refusal.status, refusal.code, refusal.message, refusal.headers);
}
