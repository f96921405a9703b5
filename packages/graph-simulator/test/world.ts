import { isJsonObject, parseJson, type JsonObject, type JsonValue } from "../src/http/json.ts";
import {
  startSimulator,
  type Simulator,
  type SimulatorEventName,
  type SimulatorEvents,
  type SimulatorOptions,
} from "../src/index.ts";
import { startReceiver, type Receiver } from "./receiver.ts";

/** A response read to its end. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Empty when the response had no JSON object. */
  readonly body: JsonObject;
}

/** A simulator, an endpoint, and an app with a token. */
export interface World extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly receiver: Receiver;
  /** A request to `/v1.0/…`, or to an absolute URL, with the app's token. */
  graph(method: string, path: string, body?: object): Promise<Answered>;
  /** Gets a new token, as one must when an hour has passed. */
  freshGraph(): Promise<World["graph"]>;
  /** A request without a token, for example to `/_simulator/ledger`. */
  plain(method: string, path: string, body?: object): Promise<Answered>;
  /** Creates a subscription to users for the endpoint; the properties given win. */
  subscribe(properties?: JsonObject): Promise<Answered>;
  /** Resolves with the next event of that name. */
  next<Name extends SimulatorEventName>(name: Name): Promise<SimulatorEvents[Name]>;
}

/** One of the users there are from the start. */
export const ADELE = "0a4b7c18-6d2e-4f93-b5a1-c3e8d7f60921";

export const MINUTE_MS = 60_000;
export const HOUR_MS: number = 60 * MINUTE_MS;

export async function startWorld(options: SimulatorOptions = {}): Promise<World> {
  const [simulator, receiver] = await Promise.all([
    startSimulator({ seed: 1, deliver: { collectMs: 1 }, ...options }),
    startReceiver(),
  ]);
  const { clientId, clientSecret } = simulator;
  const freshGraph = async (): Promise<World["graph"]> => {
    const token = await requestToken(simulator, { client_id: clientId, client_secret: clientSecret });
    const authorization = `Bearer ${text(token.body, "access_token")}`;
    return (method, path, body) =>
      send(method, path.startsWith("http") ? path : `${simulator.url}/v1.0/${path}`, body, { authorization });
  };
  const graph = await freshGraph();

  return {
    simulator,
    receiver,
    graph,
    freshGraph,
    plain: (method, path, body) => send(method, `${simulator.url}${path}`, body),
    subscribe: (properties = {}) =>
      graph("POST", "subscriptions", {
        changeType: "updated,deleted",
        notificationUrl: `${receiver.url}/notifications`,
        resource: "users",
        expirationDateTime: inMinutes(simulator, 60),
        clientState: "open sesame",
        ...properties,
      }),
    next: (name) =>
      new Promise((resolve) => {
        const unsubscribe = simulator.events.on(name, (event) => {
          unsubscribe();
          resolve(event);
        });
      }),
    [Symbol.asyncDispose]: async () => {
      await simulator.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

/** Asks for a token; the parameters given win over those of a right request. */
export function requestToken(
  simulator: Simulator,
  parameters: Readonly<Record<string, string>>,
  tenant: string = simulator.tenantId,
): Promise<Answered> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    scope: "https://graph.microsoft.com/.default",
    ...parameters,
  });
  return read(fetch(`${simulator.url}/${tenant}/oauth2/v2.0/token`, { method: "POST", body: form }));
}

export function send(
  method: string,
  url: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  if (body === undefined) return read(fetch(url, { method, headers }));
  return read(
    fetch(url, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    }),
  );
}

export async function read(pending: Promise<Response>): Promise<Answered> {
  const response = await pending;
  const body = parseJson(await response.text());
  return { status: response.status, headers: response.headers, body: isJsonObject(body) ? body : {} };
}

/** The time of the simulator so many minutes from now, as `expirationDateTime` has it. */
export function inMinutes(simulator: Simulator, minutes: number): string {
  return new Date(simulator.clock.now() + minutes * MINUTE_MS).toISOString();
}

/** A property that must be a string. */
export function text(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value !== "string")
    throw new TypeError(`Expected ${name} to be a string, got ${JSON.stringify(value)}`);
  return value;
}

/** A property that must be an array of objects. */
export function objects(object: JsonObject, name: string): readonly JsonObject[] {
  const value = object[name];
  if (!Array.isArray(value)) throw new TypeError(`Expected ${name} to be an array`);
  return value.filter(isJsonObject);
}

/** `error.code` and `error.message` of an error body. */
export function errorOf(answered: Answered): { code: JsonValue | undefined; message: JsonValue | undefined } {
  const error = answered.body["error"];
  return isJsonObject(error)
    ? { code: error["code"], message: error["message"] }
    : { code: undefined, message: undefined };
}
