import type { Cloud } from "../cloud.ts";
import { isJsonObject, parseJson } from "../http/json.ts";
import { pathSegments } from "../http/path.ts";
import { json, refuse, type Refusal, type Reply } from "../http/reply.ts";
import { Router } from "../http/router.ts";
import type { HttpRequest } from "../http/server.ts";
import { formatInstant } from "../instant.ts";
import type { SimulatorLedger } from "../ledger.ts";
import type { SimulatorClock } from "../clock.ts";
import { subscriptionBody } from "../subscriptions/subscription.ts";
import type { SimulatorSubscriptions } from "../subscriptions/subscription-store.ts";
import { addTrustControl, type TrustControlOptions } from "./trust-control.ts";

export interface ControlApiOptions {
  readonly clock: SimulatorClock;
  readonly ledger: SimulatorLedger;
  readonly subscriptions: SimulatorSubscriptions;
  readonly cloud: Cloud;
  readonly trust: TrustControlOptions;
  readonly reset: () => void;
}

const LEDGER_KINDS = ["changes", "notifications", "lifecycle", "attempts", "handshakes"] as const;

/** `/_simulator/`: what a test or a person does to the simulator itself. No token is asked for. */
export class ControlApi {
  readonly #options: ControlApiOptions;
  readonly #router: Router<HttpRequest> = new Router();

  constructor(options: ControlApiOptions) {
    this.#options = options;
    this.#router
      .add("GET", "_simulator/health", () => json(200, { status: "ok" }))
      .add("GET", "_simulator/clock", () => this.#time())
      .add("POST", "_simulator/clock", (request) => this.#advance(request))
      .add("GET", "_simulator/ledger", (request) => this.#ledger(request))
      .add("GET", "_simulator/subscriptions", () => this.#subscriptions())
      .add("POST", "_simulator/reset", () => this.#reset());
    addTrustControl(this.#router, options.trust);
  }

  answer(request: HttpRequest): Promise<Reply> {
    return this.#router.route(request.method, pathSegments(request.path), request);
  }

  #time(): Reply {
    const now = this.#options.clock.now();
    return json(200, { now, dateTime: formatInstant(now) });
  }

  #advance(request: HttpRequest): Reply {
    const body = parseJson(request.body);
    const advanceMs = isJsonObject(body) ? body["advanceMs"] : undefined;
    if (typeof advanceMs !== "number" || advanceMs < 0) {
      return badRequest('Expected a body like {"advanceMs": 60000}, with a number >= 0.');
    }
    this.#options.clock.advance(advanceMs);
    return this.#time();
  }

  #ledger(request: HttpRequest): Reply {
    const { changes, notifications, lifecycle, attempts, handshakes } = this.#options.ledger;
    const ledger = { changes, notifications, lifecycle, attempts, handshakes } satisfies SimulatorLedger;
    const wanted = request.query.get("kind");
    if (wanted === null) return json(200, ledger);
    const kind = LEDGER_KINDS.find((known) => known === wanted);
    if (!kind) return badRequest(`Expected kind to be one of ${LEDGER_KINDS.join(", ")}, got '${wanted}'.`);
    return json(200, { [kind]: ledger[kind] });
  }

  #subscriptions(): Reply {
    const subscriptions = this.#options.subscriptions.list().map((subscription) => ({
      ...subscriptionBody(subscription, this.#options.cloud),
      tenantId: subscription.tenantId,
    }));
    return json(200, { subscriptions });
  }

  #reset(): Reply {
    this.#options.reset();
    return json(200, { status: "ok" });
  }
}

function badRequest(message: string): Refusal {
  return refuse(400, "BadRequest", message);
}
