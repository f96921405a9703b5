import type { SimulatorClock } from "./clock.ts";
import type { TokenExpiry } from "./delta/delta-token.ts";
import type { EndpointMap } from "./endpoints/endpoint-map.ts";
import type { SimulatorEventName, SimulatorEvents, Unsubscribe } from "./events.ts";
import type { SimulatorFaults } from "./faults/fault-board.ts";
import { createFetch, type Fetch } from "./http/in-process.ts";
import type { JsonObject, JsonValue } from "./http/json.ts";
import { startHttpServer } from "./http/server.ts";
import { formatInstant } from "./instant.ts";
import { IN_PROCESS_URL, plain } from "./inside.ts";
import type { SimulatorLedger } from "./ledger/ledger.ts";
import type { SimulatorLifecycle } from "./lifecycle/lifecycle.ts";
import type { SignInRequest } from "./login/sign-in.ts";
import { Model } from "./model.ts";
import type { SimulatorOptions } from "./options.ts";
import type { SimulatorTampering } from "./rich/tampering.ts";
import { parseScenario, type Scenario } from "./scenario/scenario.ts";
import { resolveOptions } from "./settings.ts";
import type { SimulatorRefusals } from "./subscriptions/provoked-refusals.ts";
import type { SimulatorSubscriptions } from "./subscriptions/subscription-store.ts";
import type { SimulatorTraffic } from "./traffic/traffic.ts";

const HOUR_MS = 3_600_000;

/** A subscription to be made. */
export interface NewSubscription {
  readonly resource: string;
  readonly changeType: string;
  readonly notificationUrl: string;
  /** @default an hour from now */
  readonly expirationDateTime?: string | undefined;
  /** Any other property, for example `clientState`. */
  readonly [name: string]: JsonValue | undefined;
}

/** A running simulator. */
export interface Simulator extends AsyncDisposable {
  /** Root of both the login service and the Graph API: `{url}/{tenantId}/oauth2/v2.0/token`, `{url}/v1.0/users`. */
  readonly url: string;
  /** The first tenant. */
  readonly tenantId: string;
  /** The first app registration; it may ask for tokens of the first tenant. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** What ids are made from; start with it again to get the same ids. */
  readonly seed: number;
  readonly clock: SimulatorClock;
  /**
   * Answers a request to the login service, Graph or the control API within the process: what the server does, without
   * a network. It knows the hosts of the cloud that is played, so that an app may use the addresses it would use.
   */
  readonly fetch: Fetch;
  /**
   * Subscribes an endpoint as the first app does, for an hour if not said otherwise; the endpoint must prove itself.
   * Answers the subscription.
   *
   * @throws Error with Graph's own words when it is refused
   */
  subscribe(properties: NewSubscription): Promise<JsonObject>;
  /**
   * A request that somebody in the first tenant makes, without a limit: what the endpoint hears of. Answers its body.
   *
   * @param path below the API version, for example `users/{id}`
   * @throws Error with Graph's own words when it is refused
   */
  request(method: string, path: string, body?: JsonObject): Promise<JsonObject>;
  /** The endpoints that are called within the process. */
  readonly endpoints: Pick<EndpointMap, "set" | "delete">;
  /** What goes wrong, on purpose. */
  readonly faults: SimulatorFaults;
  /** Lifelike change. */
  readonly traffic: SimulatorTraffic;
  /**
   * Does what a scenario says, from now on. Resolves when its last step is done.
   *
   * @throws ShapeError when it is no scenario, before anything is done
   */
  runScenario(scenario: Scenario): Promise<void>;
  readonly ledger: SimulatorLedger;
  readonly subscriptions: SimulatorSubscriptions;
  /** Challenges, removals and losses on demand. */
  readonly lifecycle: SimulatorLifecycle;
  /** Makes notifications go wrong on their way. */
  readonly tampering: SimulatorTampering;
  /** Refuses requests about subscriptions. */
  readonly refusals: SimulatorRefusals;
  /**
   * A delegated access token, as if the user had signed in.
   *
   * @throws TypeError when tenant, app or user are not known
   */
  signIn(request: SignInRequest): Promise<string>;
  readonly events: {
    /** Calls the listener for each later event of that name, until the answer is called. */
    on<Name extends SimulatorEventName>(
      name: Name,
      listener: (event: SimulatorEvents[Name]) => void,
    ): Unsubscribe;
  };
  /**
   * Resolves when no notification is pending; at once when none is. A retry that waits for its time keeps one pending:
   * advance the clock.
   *
   * @throws Error when the simulator closes first
   */
  settled(): Promise<void>;
  /** Ends the delta tokens issued so far, of one path or of all: whoever uses one must synchronize anew. */
  expireDeltaTokens(expiry?: TokenExpiry): void;
  /** Back to the state after the start, with an empty ledger. Only the clock stays: it never goes back. */
  reset(): void;
  /** Stops listening and delivering. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts a model of Microsoft Graph change notifications on this machine.
 *
 * @throws TypeError or RangeError for options that make no sense; the system's error when it cannot listen
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = resolveOptions(options);
  const model = new Model(settings);
  const server = settings.listen
    ? await startHttpServer({
        host: settings.host,
        port: settings.port,
        tls: settings.tls,
        ...model.answering,
      })
    : undefined;
  const [tenant] = settings.tenants;
  const [app] = settings.apps;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= server?.close() ?? Promise.resolve();
    model.close();
    return closing;
  };
  return {
    url: server?.url ?? IN_PROCESS_URL,
    fetch: createFetch(model.answering),
    subscribe: (properties) => {
      const expirationDateTime = formatInstant(model.clock.now() + HOUR_MS);
      return model.request("POST", "subscriptions", { expirationDateTime, ...properties });
    },
    request: (method, path, body) => model.request(method, path, body),
    endpoints: model.endpoints,
    faults: model.faultControl(),
    traffic: model.trafficControl(),
    runScenario: (scenario) => model.runScenario(parseScenario(plain(scenario))),
    tenantId: tenant.id,
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    seed: settings.seed,
    clock: model.steerableClock(),
    ledger: model.ledger,
    subscriptions: model.subscriptions,
    lifecycle: model.lifecycle,
    tampering: model.tampering,
    refusals: model.refusals,
    signIn: (request) => model.signIn(request),
    events: model.events,
    settled: () => model.settled(),
    expireDeltaTokens: (expiry) => model.expireDeltaTokens(expiry),
    reset: () => model.reset(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
