import { Clock, type SimulatorClock } from "./clock.ts";
import { servicesOn } from "./cloud.ts";
import { ControlApi } from "./control/control-api.ts";
import { DeltaQueries } from "./delta/delta-query.ts";
import { DeltaTokens, type TokenExpiry } from "./delta/delta-token.ts";
import { Outbox } from "./delivery/outbox.ts";
import { EndpointCaller } from "./endpoints/endpoint-caller.ts";
import { EndpointMap } from "./endpoints/endpoint-map.ts";
import { Journal } from "./entities/journal.ts";
import { EventFeed, type SimulatorEventName, type SimulatorEvents, type Unsubscribe } from "./events.ts";
import { parseFault } from "./faults/fault.ts";
import { FaultBoard, type SimulatorFaults } from "./faults/fault-board.ts";
import { ServiceGate } from "./faults/service-gate.ts";
import { GraphApi } from "./graph/graph-api.ts";
import { pathSegments } from "./http/path.ts";
import { Poster, type PostSender } from "./http/post.ts";
import { refuse, type Reply } from "./http/reply.ts";
import type { Answering, Cut, HttpRequest } from "./http/exchange.ts";
import { createFetch, type Fetch } from "./http/in-process.ts";
import type { JsonObject, JsonValue } from "./http/json.ts";
import { startHttpServer } from "./http/server.ts";
import { formatInstant } from "./instant.ts";
import { bodyOf, IN_PROCESS_URL, insideRequest, plain } from "./inside.ts";
import { Ledger, type SimulatorLedger } from "./ledger.ts";
import { AccessTokens } from "./login/access-token.ts";
import { TokenEndpoint } from "./login/token-endpoint.ts";
import { Publisher } from "./notifications/publisher.ts";
import type { SimulatorOptions } from "./options.ts";
import { Random } from "./random.ts";
import { Resources } from "./resources/resources.ts";
import { resolveOptions, type SimulatorSettings } from "./settings.ts";
import { Handshaker } from "./subscriptions/handshake.ts";
import { SubscriptionRoutes } from "./subscriptions/subscription-routes.ts";
import { SubscriptionStore, type SimulatorSubscriptions } from "./subscriptions/subscription-store.ts";
import { createTopicResolver } from "./subscriptions/topic-resolver.ts";
import { parseScenario, type ParsedScenario, type Scenario } from "./scenario/scenario.ts";
import { ScenarioRunner, type ScenarioRequest } from "./scenario/scenario-runner.ts";
import { servicePrincipalId, Tenancy } from "./tenancy.ts";
import { Throttle } from "./throttling/throttle.ts";
import type { InsideRequest } from "./traffic/tenant-at-work.ts";
import { Traffic, type SimulatorTraffic } from "./traffic/traffic.ts";
import { parseTraffic } from "./traffic/traffic-options.ts";

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
    subscribe: (properties) => model.subscribe(properties),
    request: (method, path, body) => model.request({ method, path, body }),
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
    events: model.events,
    settled: () => model.settled(),
    expireDeltaTokens: (expiry) => model.expireDeltaTokens(expiry),
    reset: () => model.reset(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The simulator without its server: the one place where its parts meet. */
class Model {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly events = new EventFeed();
  readonly subscriptions: SubscriptionStore;
  readonly endpoints = new EndpointMap();
  readonly answering: Answering;
  readonly #faults: FaultBoard;
  readonly #gate: ServiceGate;
  readonly #throttle: Throttle;
  readonly #traffic: Traffic;
  readonly #scenarios: ScenarioRunner;
  readonly #settings: SimulatorSettings;
  readonly #requestIds: Random;
  readonly #insideIds: Random;
  readonly #http = new Poster();
  readonly #poster: PostSender;
  readonly #outbox: Outbox;
  readonly #resources: Resources;
  readonly #deltaTokens: DeltaTokens;
  readonly #login: TokenEndpoint;
  readonly #graph: GraphApi;
  readonly #control: ControlApi;

  constructor(settings: SimulatorSettings) {
    const { events, endpoints } = this;
    const { cloud } = settings;
    const random = new Random(String(settings.seed));
    const clock = new Clock(settings.clock);
    const ledger = new Ledger(settings.ledgerLimit);
    const subscriptions = new SubscriptionStore(clock, events);
    const faults = new FaultBoard({ clock, events, random: random.fork("faults") });
    const gate = new ServiceGate(clock, faults);
    const throttle = new Throttle({
      clock,
      policy: settings.throttle,
      retryAfter: settings.retryAfter,
      countUsers: (tenantId) => this.#resources.directory.users(tenantId).size,
    });
    const poster = new EndpointCaller({
      clock,
      endpoints,
      http: this.#http,
      isCutOff: (url) => faults.isCutOff(url),
    });
    const accessTokens = new AccessTokens(cloud.issuerRoot);
    const outbox = new Outbox({
      poster,
      clock,
      ledger,
      events,
      faults,
      settings: settings.deliver,
      random: random.fork("deliveries"),
    });
    for (const [url, handler] of Object.entries(settings.endpoints)) endpoints.set(url, handler);
    const publisher = new Publisher({
      random: random.fork("notifications"),
      clock,
      ledger,
      events,
      subscriptions,
      outbox,
    });

    this.clock = clock;
    this.ledger = ledger;
    this.subscriptions = subscriptions;
    this.answering = {
      now: () => clock.now(),
      newRequestId: () => this.#requestIds.guid(),
      answer: (request) => clock.activities.run(() => this.#answer(request)),
    };
    this.#faults = faults;
    this.#gate = gate;
    this.#throttle = throttle;
    this.#poster = poster;
    this.#settings = settings;
    this.#requestIds = random.fork("requests");
    this.#outbox = outbox;
    const tenancy = new Tenancy(settings.tenants, settings.apps);
    this.#resources = new Resources({
      space: {
        journal: new Journal({ clock, lagMs: settings.delta.lagMs }),
        publish: (change) => publisher.publish(change),
        updatesPerAction: settings.updatesPerAction,
      },
      random,
      unconfirmed: settings.unconfirmed,
      pageSize: settings.pageSize,
      domainOf: (tenantId) => tenancy.findTenant(tenantId)?.domain ?? "",
    });
    this.#deltaTokens = new DeltaTokens({ random: random.fork("delta tokens"), now: () => clock.now() });
    this.#login = new TokenEndpoint({ tenancy, accessTokens, clock, events });
    this.#graph = new GraphApi({
      accessTokens,
      gate,
      throttle,
      events,
      identity: cloud,
      random: random.fork("batches"),
    });
    this.#insideIds = random.fork("inside");
    this.#traffic = new Traffic({
      clock,
      random: random.fork("traffic"),
      tenantIds: settings.tenants.map((tenant) => tenant.id),
      answer: (request) => this.#answerInside(request),
    });
    this.#scenarios = new ScenarioRunner({
      clock,
      events,
      faults,
      steerableClock: this.steerableClock(),
      traffic: this.#traffic,
      answer: (request) => this.#answerScenario(request),
    });
    this.#control = new ControlApi({
      clock: this.steerableClock(),
      ledger,
      subscriptions,
      faults,
      traffic: this.#traffic,
      endpointStatuses: () => outbox.endpoints(),
      runScenario: (scenario) => this.runScenario(scenario),
      expireDeltaTokens: (expiry) => this.expireDeltaTokens(expiry),
      reset: () => this.reset(),
    });
    this.#addRoutes(random);
    this.#seed();
  }

  async #answer(request: HttpRequest): Promise<Reply | Cut> {
    const segments = pathSegments(request.path);
    if (segments[0] === "_simulator") return this.#control.answer(request);
    const services = servicesOn(this.#settings.cloud, new URL(request.origin).host);
    const [tenant, ...service] = segments;
    const isTokenRequest = service.join("/") === "oauth2/v2.0/token" && request.method === "POST";
    if (services.login && tenant !== undefined && isTokenRequest) {
      const met = await this.#gate.meet("login", request);
      if (met) return met;
      await this.#gate.linger("login", request);
      return this.#login.answer(tenant, request);
    }
    if (!services.graph) return refuse(404, "NotFound", "The login service has nothing at this address.");
    return this.#graph.answer(request);
  }

  /** The clock as others may steer it: its jumps are told. */
  steerableClock(): SimulatorClock {
    return {
      now: () => this.clock.now(),
      advance: (ms) => {
        this.clock.advance(ms);
        this.events.emit("clock:advanced", { advanceMs: ms, now: this.clock.now() });
      },
      run: async (ms) => {
        await this.clock.run(ms);
        this.events.emit("clock:advanced", { advanceMs: ms, now: this.clock.now() });
      },
      sleep: (ms) => this.clock.sleep(ms),
    };
  }

  subscribe(properties: NewSubscription): Promise<JsonObject> {
    const expirationDateTime = formatInstant(this.clock.now() + 3_600_000);
    return this.request({
      method: "POST",
      path: "subscriptions",
      body: { expirationDateTime, ...properties },
    });
  }

  async request(request: Omit<InsideRequest, "tenantId">): Promise<JsonObject> {
    const tenantId = this.#settings.tenants[0].id;
    const reply = await this.clock.activities.run(() => this.#answerInside({ ...request, tenantId }));
    return bodyOf(reply, `${request.method} /${request.path}`);
  }

  /** The faults as others may start and stop them. */
  faultControl(): SimulatorFaults {
    return {
      start: (fault) => this.#faults.start(parseFault(plain(fault), "fault")),
      stop: (id) => this.#faults.stop(id),
      list: () => this.#faults.list(),
      clear: () => this.#faults.clear(),
    };
  }

  trafficControl(): SimulatorTraffic {
    return {
      start: (options) => this.#traffic.start(parseTraffic(plain(options), "traffic")),
      list: () => this.#traffic.list().map((run) => run.progress),
    };
  }

  runScenario(scenario: ParsedScenario): Promise<void> {
    return this.#scenarios.run(scenario);
  }

  /** Resolves when nothing is on its way to an endpoint. */
  settled(): Promise<void> {
    return this.#outbox.settled();
  }

  expireDeltaTokens(expiry: TokenExpiry = {}): void {
    this.#deltaTokens.expire(expiry);
  }

  reset(): void {
    this.#scenarios.clear();
    this.#traffic.clear();
    this.#faults.clear();
    this.#throttle.clear();
    this.#outbox.clear();
    this.subscriptions.clear();
    this.#resources.clear();
    // Numbers go on, but what they counted is gone.
    this.#deltaTokens.expire();
    this.ledger.clear();
    this.#seed();
    this.events.emit("simulator:reset", { at: this.clock.now() });
  }

  close(): void {
    this.#outbox.clear();
    this.#http.close();
    this.clock.stop();
    this.ledger.abandon();
  }

  #answerScenario(request: ScenarioRequest): Promise<Reply> {
    if (!request.path.startsWith("/_simulator/")) {
      const tenantId = request.tenantId ?? this.#settings.tenants[0].id;
      const path = request.path.replace(/^\/(v1\.0|beta)\//, "");
      return this.#answerInside({ ...request, path, tenantId });
    }
    return this.#control.answer(insideRequest(request, this.#insideIdentity()));
  }

  #answerInside(request: InsideRequest): Promise<Reply> {
    const { tenantId, path } = request;
    const applicationId = this.#settings.apps[0].clientId;
    return this.#graph.answerInside({
      ...insideRequest({ ...request, path: `/v1.0/${path}` }, this.#insideIdentity()),
      caller: { tenantId, applicationId, objectId: servicePrincipalId(applicationId, tenantId) },
      root: `${IN_PROCESS_URL}/v1.0`,
    });
  }

  #insideIdentity(): Pick<HttpRequest, "requestId" | "at"> {
    return { requestId: this.#insideIds.guid(), at: this.clock.now() };
  }

  #addRoutes(random: Random): void {
    const { clock, ledger, events, subscriptions } = this;
    const { handshakeTimeoutMs, duplicates, cloud, pageSize } = this.#settings;
    const handshaker = new Handshaker({
      poster: this.#poster,
      clock,
      random: random.fork("handshakes"),
      ledger,
      events,
      timeoutMs: handshakeTimeoutMs,
    });
    const subscriptionRoutes = new SubscriptionRoutes({
      random: random.fork("subscriptions"),
      events,
      subscriptions,
      handshaker,
      resolveTopic: createTopicResolver(this.#resources),
      duplicates,
      cloud,
      pageSize,
    });
    subscriptionRoutes.addTo(this.#graph.router);
    const delta = new DeltaQueries({
      tokens: this.#deltaTokens,
      random: random.fork("delta"),
      settings: this.#settings.delta,
    });
    this.#resources.addTo(this.#graph.router, delta);
  }

  #seed(): void {
    for (const user of this.#settings.users) this.#resources.directory.seed(user);
  }
}
