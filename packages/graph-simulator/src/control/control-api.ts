import type { Cloud } from "../cloud.ts";
import type { TokenExpiry } from "../delta/delta-token.ts";
import type { EndpointStatus } from "../delivery/endpoint-state.ts";
import type { FaultBoard } from "../faults/fault-board.ts";
import { parseJson } from "../http/json.ts";
import { pathSegments } from "../http/path.ts";
import { json, type Reply } from "../http/reply.ts";
import { Router } from "../http/router.ts";
import type { HttpRequest } from "../http/exchange.ts";
import { formatInstant } from "../instant.ts";
import type { SimulatorLedger } from "../ledger/ledger.ts";
import type { SimulatorClock } from "../clock.ts";
import { parseScenario, type ParsedScenario } from "../scenario/scenario.ts";
import { subscriptionBody } from "../subscriptions/subscription.ts";
import type { SimulatorSubscriptions } from "../subscriptions/subscription-store.ts";
import type { Traffic } from "../traffic/traffic.ts";
import { FaultRoutes } from "./fault-routes.ts";
import { LedgerRoutes } from "./ledger-routes.ts";
import { answerShape, bodyShape } from "./shape-reply.ts";
import { TrafficRoutes } from "./traffic-routes.ts";
import { TrustRoutes, type TrustRoutesOptions } from "./trust-routes.ts";

export interface ControlApiOptions {
  readonly clock: SimulatorClock;
  readonly ledger: SimulatorLedger;
  readonly subscriptions: SimulatorSubscriptions;
  readonly faults: FaultBoard;
  readonly traffic: Traffic;
  readonly endpointStatuses: () => readonly EndpointStatus[];
  readonly runScenario: (scenario: ParsedScenario) => Promise<void>;
  readonly expireDeltaTokens: (expiry: TokenExpiry) => void;
  readonly cloud: Cloud;
  readonly trust: TrustRoutesOptions;
  readonly reset: () => void;
}

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
      .add("GET", "_simulator/subscriptions", () => this.#subscriptions())
      .add("GET", "_simulator/endpoints", () => json(200, { endpoints: options.endpointStatuses() }))
      .add("POST", "_simulator/scenario", (request) => this.#startScenario(request))
      .add("POST", "_simulator/delta/expire", (request) => this.#expireDeltaTokens(request))
      .add("POST", "_simulator/reset", () => this.#reset());
    new LedgerRoutes(options.ledger).addTo(this.#router);
    new FaultRoutes(options.faults).addTo(this.#router);
    new TrafficRoutes(options.traffic).addTo(this.#router);
    new TrustRoutes(options.trust).addTo(this.#router);
  }

  answer(request: HttpRequest): Promise<Reply> {
    return this.#router.route(request.method, pathSegments(request.path), request);
  }

  #time(): Reply {
    const now = this.#options.clock.now();
    return json(200, { now, dateTime: formatInstant(now) });
  }

  #advance(request: HttpRequest): Promise<Reply> {
    return answerShape(async () => {
      const shape = bodyShape(request);
      const isJump = shape.has("advanceMs");
      const ms = shape.number(isJump ? "advanceMs" : "runMs");
      shape.end();
      if (isJump) this.#options.clock.advance(ms);
      else await this.#options.clock.run(ms);
      return this.#time();
    });
  }

  #startScenario(request: HttpRequest): Promise<Reply> {
    return answerShape(() => {
      const scenario = parseScenario(parseJson(request.body));
      void this.#options.runScenario(scenario);
      return json(202, { steps: scenario.steps.length });
    });
  }

  #subscriptions(): Reply {
    const subscriptions = this.#options.subscriptions.list().map((subscription) => ({
      ...subscriptionBody(subscription, this.#options.cloud),
      tenantId: subscription.tenantId,
    }));
    return json(200, { subscriptions });
  }

  #expireDeltaTokens(request: HttpRequest): Promise<Reply> {
    return answerShape(() => {
      const shape = bodyShape(request);
      const path = shape.has("path") ? shape.text("path") : undefined;
      const code = shape.has("code") ? shape.text("code") : undefined;
      shape.end();
      this.#options.expireDeltaTokens({ path, code });
      return json(200, { status: "ok" });
    });
  }

  #reset(): Reply {
    this.#options.reset();
    return json(200, { status: "ok" });
  }
}
