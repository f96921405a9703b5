import { isJsonObject, parseJson, type JsonObject } from "../src/http/json.ts";
import { startSimulator, type EndpointHandler, type Simulator, type SimulatorOptions } from "../src/index.ts";
import { MINUTE_MS, read, text, type Answered } from "./world.ts";

/** What an app is known by at the login service. */
interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tenantId: string;
}

/** A simulator without a server, whose time stands still until it is told to go on, and an endpoint beside it. */
export interface InProcessWorld extends AsyncDisposable {
  readonly simulator: Simulator;
  /** The items of all deliveries, in the order they came, with the time they came at. */
  readonly received: readonly { readonly at: number; readonly item: JsonObject }[];
  /** How many deliveries there were. */
  readonly deliveryCount: () => number;
  /** What the endpoint does from now on with deliveries; handshakes are answered in any case. */
  answerWith(handler: EndpointHandler): void;
  /** A request to `/v1.0/…` with a token, the first app's if not said otherwise. */
  graph(
    method: string,
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answered>;
  graphAs(app: AppCredentials): Promise<InProcessWorld["graph"]>;
  /** Subscribes the endpoint to users for a day; the properties given win. */
  subscribe(properties?: JsonObject): Promise<Answered>;
}

export const ENDPOINT = "https://app.example";

export async function startInProcess(options: SimulatorOptions = {}): Promise<InProcessWorld> {
  const received: { at: number; item: JsonObject }[] = [];
  let deliveryCount = 0;
  let answer: EndpointHandler = () => new Response(null, { status: 202 });
  const endpoint: EndpointHandler = async (request, context) => {
    const token = new URL(request.url).searchParams.get("validationToken");
    if (token !== null) return new Response(token, { headers: { "content-type": "text/plain" } });
    const body = parseJson(await request.clone().text());
    const value = isJsonObject(body) ? body["value"] : undefined;
    deliveryCount += 1;
    const response = await answer(request, context);
    if (!response.ok) return response;
    for (const item of Array.isArray(value) ? value.filter(isJsonObject) : []) {
      received.push({ at: simulator.clock.now(), item });
    }
    return response;
  };
  const simulator = await startSimulator({
    seed: 1,
    listen: false,
    clock: "virtual",
    endpoints: { [ENDPOINT]: endpoint },
    ...options,
  });

  const graphAs: InProcessWorld["graphAs"] = async ({ clientId, clientSecret, tenantId }) => {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${simulator.url}/.default`,
    });
    const login = `${simulator.url}/${tenantId}/oauth2/v2.0/token`;
    const token = await read(simulator.fetch(login, { method: "POST", body: form }));
    const authorization = `Bearer ${text(token.body, "access_token")}`;
    return (method, path, body, headers = {}) =>
      read(
        simulator.fetch(`${simulator.url}/v1.0/${path}`, {
          method,
          headers: { authorization, "content-type": "application/json", ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
  };
  const graph = await graphAs(simulator);

  return {
    simulator,
    received,
    deliveryCount: () => deliveryCount,
    answerWith: (handler) => {
      answer = handler;
    },
    graph,
    graphAs,
    subscribe: (properties = {}) =>
      graph("POST", "subscriptions", {
        changeType: "updated,deleted",
        notificationUrl: `${ENDPOINT}/notifications`,
        resource: "users",
        expirationDateTime: new Date(simulator.clock.now() + 24 * 60 * MINUTE_MS).toISOString(),
        clientState: "open sesame",
        ...properties,
      }),
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}
