import { isJsonObject, parseJson, textOf, type JsonObject } from "../http/json.ts";
import type { PathParams } from "../http/path.ts";
import { empty, json, refuse, type Refusal, type Reply } from "../http/reply.ts";
import type { Router } from "../http/router.ts";
import type { HttpRequest } from "../http/exchange.ts";
import type { SimulatorLifecycle } from "../lifecycle/lifecycle.ts";
import type { SignInRequest } from "../login/sign-in.ts";
import { TAMPERINGS, type SimulatorTampering } from "../rich/tampering.ts";
import {
  KNOWN_REFUSALS,
  SUBSCRIPTION_REQUESTS,
  type KnownRefusalName,
  type RefusalOrder,
  type SimulatorRefusals,
} from "../subscriptions/provoked-refusals.ts";
import type { SimulatorSubscriptions } from "../subscriptions/subscription-store.ts";

export interface TrustControlOptions {
  readonly lifecycle: SimulatorLifecycle;
  readonly tampering: SimulatorTampering;
  readonly refusals: SimulatorRefusals;
  readonly subscriptions: SimulatorSubscriptions;
  readonly signIn: (request: SignInRequest) => Promise<string>;
}

/** The part of the control API that does what only Graph, the login service or an attacker could. */
export function addTrustControl(router: Router<HttpRequest>, options: TrustControlOptions): void {
  const { lifecycle, tampering, refusals, subscriptions } = options;
  const one = "_simulator/subscriptions/{id}";
  const ofSubscription =
    (act: (id: string, body: JsonObject) => object | undefined) =>
    (request: HttpRequest, params: PathParams): Reply => {
      const id = params.get("id");
      if (!subscriptions.get(id)) return refuse(404, "ResourceNotFound", `There is no subscription ${id}.`);
      return json(200, { notification: act(id, bodyOf(request)) ?? null });
    };
  router
    .add(
      "POST",
      `${one}/challenge`,
      ofSubscription((id, body) => lifecycle.requireReauthorization(id, { pause: body["pause"] === true })),
    )
    .add(
      "POST",
      `${one}/remove`,
      ofSubscription((id) => lifecycle.removeSubscription(id)),
    )
    .add(
      "POST",
      `${one}/miss`,
      ofSubscription((id) => lifecycle.missNotifications(id)),
    )
    .add(
      "POST",
      `${one}/haunt`,
      ofSubscription((id) => {
        subscriptions.haunt(id);
        return undefined;
      }),
    )
    .add("POST", "_simulator/tampering", (request) => orderTampering(tampering, bodyOf(request)))
    .add("DELETE", "_simulator/tampering", () => {
      tampering.clear();
      return empty(204);
    })
    .add("POST", "_simulator/refusals", (request) => orderRefusal(refusals, bodyOf(request)))
    .add("DELETE", "_simulator/refusals", () => {
      refusals.clear();
      return empty(204);
    })
    .add("POST", "_simulator/sign-in", (request) => answerSignIn(options.signIn, bodyOf(request)));
}

function orderTampering(tampering: SimulatorTampering, body: JsonObject): Reply {
  const what = TAMPERINGS.find((known) => known === body["what"]);
  const times = readTimes(body);
  if (!what || times === undefined) {
    return badRequest(
      `Expected a body like {"what": "data-signature", "subscriptionId": "…", "times": 1}; what is one of ${TAMPERINGS.join(", ")}.`,
    );
  }
  tampering.order({ what, subscriptionId: textOf(body, "subscriptionId"), times });
  return empty(204);
}

function orderRefusal(refusals: SimulatorRefusals, body: JsonObject): Reply {
  const request = SUBSCRIPTION_REQUESTS.find((known) => known === body["request"]);
  const refusal = readRefusal(body);
  const times = readTimes(body);
  const isRequestWrong = body["request"] !== undefined && request === undefined;
  if (!refusal || times === undefined || isRequestWrong) {
    return badRequest(
      `Expected a body like {"request": "create", "refusal": "token-mismatch", "times": 1}; ` +
        `request is one of ${SUBSCRIPTION_REQUESTS.join(", ")}, refusal is one of ${Object.keys(KNOWN_REFUSALS).join(", ")} ` +
        `or {"status": 400, "code": "…", "message": "…"}.`,
    );
  }
  refusals.order({ request, refusal, times });
  return empty(204);
}

async function answerSignIn(signIn: TrustControlOptions["signIn"], body: JsonObject): Promise<Reply> {
  const user = textOf(body, "user");
  const scopes = body["scopes"];
  if (user === undefined || !Array.isArray(scopes)) {
    return badRequest(
      'Expected a body like {"user": "AdeleV@contoso.onmicrosoft.com", "scopes": ["Mail.Read"]}.',
    );
  }
  try {
    const token = await signIn({
      user,
      scopes: scopes.filter((scope) => typeof scope === "string"),
      clientId: textOf(body, "clientId"),
      tenantId: textOf(body, "tenantId"),
      isGlobalAdministrator: body["isGlobalAdministrator"] === true,
    });
    return json(200, { access_token: token });
  } catch (error) {
    if (error instanceof TypeError) return badRequest(error.message);
    throw error;
  }
}

function readRefusal(body: JsonObject): RefusalOrder["refusal"] | undefined {
  const { refusal } = body;
  if (typeof refusal === "string") return isKnownRefusal(refusal) ? refusal : undefined;
  if (!isJsonObject(refusal)) return undefined;
  const { status } = refusal;
  const code = textOf(refusal, "code");
  const message = textOf(refusal, "message");
  const isWhole = typeof status === "number" && status >= 400 && code !== undefined && message !== undefined;
  return isWhole ? { status, code, message } : undefined;
}

function isKnownRefusal(name: string): name is KnownRefusalName {
  return Object.hasOwn(KNOWN_REFUSALS, name);
}

/** `undefined` when it is no count. */
function readTimes(body: JsonObject): number | undefined {
  const times = body["times"] ?? 1;
  return typeof times === "number" && Number.isInteger(times) && times >= 1 ? times : undefined;
}

function bodyOf(request: HttpRequest): JsonObject {
  const body = parseJson(request.body);
  return isJsonObject(body) ? body : {};
}

function badRequest(message: string): Refusal {
  return refuse(400, "BadRequest", message);
}
