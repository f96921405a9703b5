import type { Clock } from "../clock.ts";
import type { Cut, HttpRequest } from "../http/exchange.ts";
import { json, refuse, withHeaders, type Reply } from "../http/reply.ts";
import type { Failure, Service } from "./fault.ts";
import type { FaultBoard } from "./fault-board.ts";

/** How long a request without an answer keeps its connection: what HTTP clients wait by default, and more. */
const NO_ANSWER_MS = 120_000;

type Refusing = (status: number) => Reply;

/** What a service that is out of order says. */
const REFUSING: Readonly<Record<Service, Refusing>> = {
  graph: (status) =>
    status === 429
      ? refuse(429, "TooManyRequests", "Please retry again later.")
      : refuse(status, GRAPH_CODES[status] ?? "generalException", "The service is temporarily unavailable."),
  // https://learn.microsoft.com/entra/identity-platform/reference-error-codes
  login: (status) =>
    json(status, {
      error: "temporarily_unavailable",
      error_description: "AADSTS90033: A transient error has occurred. Please try again.",
      error_codes: [90033],
    }),
};

/** @see https://learn.microsoft.com/graph/errors#http-status-codes */
const GRAPH_CODES: Readonly<Record<number, string>> = {
  500: "InternalServerError",
  502: "BadGateway",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
};

/** The door of a service, where the faults of requests are. */
export class ServiceGate {
  readonly #clock: Clock;
  readonly #faults: FaultBoard;

  constructor(clock: Clock, faults: FaultBoard) {
    this.#clock = clock;
    this.#faults = faults;
  }

  /** Lets the request through (`undefined`), or answers in the place of the service. */
  async meet(service: Service, request: HttpRequest): Promise<Reply | Cut | undefined> {
    const failure = this.#faults.failureOf(service, request);
    if (failure === undefined) return undefined;
    if (typeof failure.how !== "number") return this.#cut(failure.how);
    const reply = REFUSING[service](failure.how);
    if (failure.retryAfterMs === undefined) return reply;
    return withHeaders(reply, { "retry-after": String(Math.ceil(failure.retryAfterMs / 1000)) });
  }

  /** Lets the time pass that a slow service takes: the request is under way meanwhile. */
  async linger(service: Service, request: HttpRequest): Promise<void> {
    const delayMs = this.#faults.slownessOf(service, request);
    if (delayMs > 0) await this.#clock.sleep(delayMs);
  }

  async #cut(how: Exclude<Failure, number>): Promise<Cut> {
    if (how === "timeout") await this.#clock.sleep(NO_ANSWER_MS);
    return { kind: "cut" };
  }
}
