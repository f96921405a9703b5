import type { HttpRequest } from "../http/exchange.ts";
import type { PathParams } from "../http/path.ts";
import { empty, json, refuse, type Reply } from "../http/reply.ts";
import type { Handler, Router } from "../http/router.ts";
import type { SimulatorLifecycle } from "../lifecycle/lifecycle.ts";
import type { SignInRequest } from "../login/sign-in.ts";
import { TAMPERINGS, type SimulatorTampering } from "../rich/tampering.ts";
import { Shape, ShapeError } from "../shape.ts";
import {
  KNOWN_REFUSALS,
  SUBSCRIPTION_REQUESTS,
  type KnownRefusalName,
  type RefusalOrder,
  type SimulatorRefusals,
} from "../subscriptions/provoked-refusals.ts";
import type { SimulatorSubscriptions } from "../subscriptions/subscription-store.ts";
import { answerShape, bodyShape } from "./shape-reply.ts";

export interface TrustRoutesOptions {
  readonly lifecycle: SimulatorLifecycle;
  readonly tampering: SimulatorTampering;
  readonly refusals: SimulatorRefusals;
  readonly subscriptions: SimulatorSubscriptions;
  readonly signIn: (request: SignInRequest) => Promise<string>;
}

/** What only Graph, the login service or an attacker could do. */
export class TrustRoutes {
  readonly #options: TrustRoutesOptions;

  constructor(options: TrustRoutesOptions) {
    this.#options = options;
  }

  addTo(router: Router<HttpRequest>): void {
    const { lifecycle, tampering, refusals, subscriptions } = this.#options;
    const one = "_simulator/subscriptions/{id}";
    router
      .add(
        "POST",
        `${one}/challenge`,
        this.#ofSubscription((id, body) =>
          lifecycle.requireReauthorization(id, { pause: body.has("pause") && body.flag("pause") }),
        ),
      )
      .add(
        "POST",
        `${one}/remove`,
        this.#ofSubscription((id) => lifecycle.removeSubscription(id)),
      )
      .add(
        "POST",
        `${one}/miss`,
        this.#ofSubscription((id) => lifecycle.missNotifications(id)),
      )
      .add(
        "POST",
        `${one}/haunt`,
        this.#ofSubscription((id) => {
          subscriptions.haunt(id);
          return undefined;
        }),
      )
      .add(
        "POST",
        "_simulator/tampering",
        ordering(readTampering, (order) => tampering.order(order)),
      )
      .add("DELETE", "_simulator/tampering", callingOff(tampering))
      .add(
        "POST",
        "_simulator/refusals",
        ordering(readRefusalOrder, (order) => refusals.order(order)),
      )
      .add("DELETE", "_simulator/refusals", callingOff(refusals))
      .add("POST", "_simulator/sign-in", (request) => this.#signIn(request));
  }

  /** What happens to a subscription; answers with the lifecycle notification that is owed for it. */
  #ofSubscription(act: (id: string, body: Shape) => object | undefined): Handler<HttpRequest> {
    return (request: HttpRequest, params: PathParams) => {
      const id = params.get("id");
      if (!this.#options.subscriptions.get(id)) {
        return refuse(404, "ResourceNotFound", `There is no subscription ${id}.`);
      }
      return answerShape(() => json(200, { notification: act(id, bodyShape(request)) ?? null }));
    };
  }

  #signIn(request: HttpRequest): Promise<Reply> {
    return answerShape(async () => {
      const wanted = readSignIn(bodyShape(request));
      try {
        return json(200, { access_token: await this.#options.signIn(wanted) });
      } catch (error) {
        // Tenant, app or user are not known.
        if (error instanceof TypeError) return refuse(400, "BadRequest", error.message);
        throw error;
      }
    });
  }
}

function ordering<Order>(read: (shape: Shape) => Order, order: (order: Order) => void): Handler<HttpRequest> {
  return (request) =>
    answerShape(() => {
      const shape = bodyShape(request);
      const wanted = read(shape);
      shape.end();
      order(wanted);
      return empty(204);
    });
}

function callingOff(plan: { clear(): void }): Handler<HttpRequest> {
  return () => {
    plan.clear();
    return empty(204);
  };
}

function readTampering(shape: Shape): Parameters<SimulatorTampering["order"]>[0] {
  return {
    what: shape.choice("what", TAMPERINGS),
    subscriptionId: shape.has("subscriptionId") ? shape.text("subscriptionId") : undefined,
    times: readTimes(shape),
  };
}

function readRefusalOrder(shape: Shape): RefusalOrder {
  return {
    request: shape.has("request") ? shape.choice("request", SUBSCRIPTION_REQUESTS) : undefined,
    refusal: readRefusal(shape),
    times: readTimes(shape),
  };
}

/** The name of a refusal, or one of one's own. */
function readRefusal(shape: Shape): RefusalOrder["refusal"] {
  const value = shape.value("refusal");
  if (typeof value === "string") {
    if (isKnownRefusal(value)) return value;
    throw new ShapeError("refusal", `one of ${Object.keys(KNOWN_REFUSALS).join(", ")}`, value);
  }
  const custom = new Shape(value, "refusal");
  const refusal = {
    status: custom.number("status", { min: 400, max: 599 }),
    code: custom.text("code"),
    message: custom.text("message"),
  };
  custom.end();
  return refusal;
}

function isKnownRefusal(name: string): name is KnownRefusalName {
  return Object.hasOwn(KNOWN_REFUSALS, name);
}

function readTimes(shape: Shape): number {
  return shape.has("times") ? shape.count("times", 1) : 1;
}

function readSignIn(shape: Shape): SignInRequest {
  const wanted = {
    user: shape.text("user"),
    scopes: shape.list("scopes").filter((scope) => typeof scope === "string"),
    clientId: shape.has("clientId") ? shape.text("clientId") : undefined,
    tenantId: shape.has("tenantId") ? shape.text("tenantId") : undefined,
    isGlobalAdministrator: shape.has("isGlobalAdministrator") && shape.flag("isGlobalAdministrator"),
  };
  shape.end();
  return wanted;
}
