import { Clock, type SimulatorClock } from "./clock.ts";
import { servicesOn } from "./cloud.ts";
import { ControlApi } from "./control/control-api.ts";
import { Outbox } from "./delivery/outbox.ts";
import { DeltaQueries } from "./delta/delta-query.ts";
import { DeltaTokens, type TokenExpiry } from "./delta/delta-token.ts";
import { EndpointCaller } from "./endpoints/endpoint-caller.ts";
import { EndpointMap } from "./endpoints/endpoint-map.ts";
import { Journal } from "./entities/journal.ts";
import { EventFeed } from "./events.ts";
import { parseFault } from "./faults/fault.ts";
import { FaultBoard, type SimulatorFaults } from "./faults/fault-board.ts";
import { ServiceGate } from "./faults/service-gate.ts";
import { GraphApi } from "./graph/graph-api.ts";
import type { Answering, Cut, HttpRequest } from "./http/exchange.ts";
import type { JsonObject } from "./http/json.ts";
import { pathSegments } from "./http/path.ts";
import { Poster } from "./http/post.ts";
import { refuse, type Reply } from "./http/reply.ts";
import { bodyOf, IN_PROCESS_URL, insideRequest, plain } from "./inside.ts";
import { Ledger } from "./ledger/ledger.ts";
import { LifecycleService } from "./lifecycle/lifecycle.ts";
import { LifecycleNotifier } from "./lifecycle/lifecycle-notifier.ts";
import { AccessTokens } from "./login/access-token.ts";
import { LoginApi } from "./login/login-api.ts";
import { signIn, type SignInRequest } from "./login/sign-in.ts";
import { SigningKeys } from "./login/signing-keys.ts";
import { TokenEndpoint } from "./login/token-endpoint.ts";
import { AuthorizationGate } from "./notifications/authorization-gate.ts";
import { NotificationWriter } from "./notifications/notification-writer.ts";
import { Publisher } from "./notifications/publisher.ts";
import { Random } from "./random.ts";
import { Resources } from "./resources/resources.ts";
import { sealDelivery } from "./rich/envelope.ts";
import { TamperingPlan } from "./rich/tampering.ts";
import { ValidationTokens } from "./rich/validation-tokens.ts";
import type { ParsedScenario } from "./scenario/scenario.ts";
import { ScenarioRunner, type ScenarioRequest } from "./scenario/scenario-runner.ts";
import type { SimulatorSettings } from "./settings.ts";
import { Handshaker } from "./subscriptions/handshake.ts";
import { RefusalPlan } from "./subscriptions/provoked-refusals.ts";
import { SubscriptionRoutes } from "./subscriptions/subscription-routes.ts";
import { SubscriptionStore } from "./subscriptions/subscription-store.ts";
import { createTopicResolver } from "./subscriptions/topic-resolver.ts";
import { servicePrincipalId, Tenancy, type Caller } from "./tenancy.ts";
import { Throttle } from "./throttling/throttle.ts";
import type { InsideRequest } from "./traffic/tenant-at-work.ts";
import { Traffic, type SimulatorTraffic } from "./traffic/traffic.ts";
import { parseTraffic } from "./traffic/traffic-options.ts";

/** The simulator without its server: the one place where its parts meet. */
export class Model {
  readonly clock: Clock;
  readonly events: EventFeed = new EventFeed();
  readonly endpoints: EndpointMap = new EndpointMap();
  readonly tampering: TamperingPlan = new TamperingPlan();
  readonly refusals: RefusalPlan = new RefusalPlan();
  readonly ledger: Ledger;
  readonly subscriptions: SubscriptionStore;
  readonly lifecycle: LifecycleService;
  readonly answering: Answering;
  readonly #settings: SimulatorSettings;
  readonly #random: Random;
  readonly #insideIds: Random;
  readonly #tenancy: Tenancy;
  readonly #faults: FaultBoard;
  readonly #services: ServiceGate;
  readonly #throttle: Throttle;
  readonly #http: Poster;
  readonly #caller: EndpointCaller;
  readonly #outbox: Outbox;
  readonly #authorization: AuthorizationGate;
  readonly #resources: Resources;
  readonly #deltaTokens: DeltaTokens;
  readonly #accessTokens: AccessTokens;
  readonly #login: LoginApi;
  readonly #graph: GraphApi;
  readonly #traffic: Traffic;
  readonly #scenarios: ScenarioRunner;
  readonly #control: ControlApi;

  constructor(settings: SimulatorSettings) {
    const { events, endpoints, tampering } = this;
    const { cloud } = settings;
    const random = new Random(String(settings.seed));
    const clock = new Clock(settings.clock);
    const ledger = new Ledger(settings.ledgerLimit);
    const subscriptions = new SubscriptionStore(clock, events, settings.subscriptions.staleListMs);
    const tenancy = new Tenancy(settings.tenants, settings.apps);
    const keys = new SigningKeys(settings.keyRotationMs);
    const accessTokens = new AccessTokens(cloud.issuerRoot, keys, settings.accessTokenLifetimeS);
    const validationTokens = new ValidationTokens({ cloud, keys, tenancy });

    this.clock = clock;
    this.ledger = ledger;
    this.subscriptions = subscriptions;
    this.#settings = settings;
    this.#random = random;
    this.#insideIds = random.fork("inside");
    this.#tenancy = tenancy;
    this.#accessTokens = accessTokens;
    this.#deltaTokens = new DeltaTokens({ random: random.fork("delta tokens"), now: () => clock.now() });
    const requestIds = random.fork("requests");
    this.answering = {
      now: () => clock.now(),
      newRequestId: () => requestIds.guid(),
      answer: (request) => clock.activities.run(() => this.#answer(request)),
    };

    const faults = new FaultBoard({ clock, events, random: random.fork("faults") });
    this.#faults = faults;
    this.#services = new ServiceGate(clock, faults);
    this.#throttle = new Throttle({
      clock,
      policy: settings.throttle,
      retryAfter: settings.retryAfter,
      countUsers: (tenantId) => this.#resources.directory.users(tenantId).size,
    });

    for (const [url, handler] of Object.entries(settings.endpoints)) endpoints.set(url, handler);
    this.#http = new Poster(settings);
    this.#caller = new EndpointCaller({
      clock,
      endpoints,
      http: this.#http,
      isCutOff: (url) => faults.isCutOff(url),
    });
    const outbox = new Outbox({
      poster: this.#caller,
      clock,
      ledger,
      events,
      faults,
      settings: settings.deliver,
      random: random.fork("deliveries"),
      seal: (notifications) => sealDelivery(notifications, validationTokens, clock.now()),
    });
    this.#outbox = outbox;
    this.#authorization = new AuthorizationGate({
      clock,
      ledger,
      events,
      enqueue: (notification) => outbox.enqueue(notification),
      afterTokenExpiry: settings.lifecycle.afterTokenExpiry,
      holdMs: settings.deliver.retryWindowMs,
    });
    const notifier = new LifecycleNotifier({
      clock,
      random: random.fork("lifecycle"),
      ledger,
      events,
      outbox,
      settings: settings.lifecycle,
    });
    this.lifecycle = new LifecycleService({
      clock,
      events,
      ledger,
      subscriptions,
      gate: this.#authorization,
      notifier,
      challenges: settings.lifecycle.challenges,
    });

    const publisher = new Publisher({
      random: random.fork("notifications"),
      clock,
      ledger,
      events,
      subscriptions,
      writer: new NotificationWriter({ random: random.fork("content"), tampering }),
      gate: this.#authorization,
    });
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

    const tokens = new TokenEndpoint({ tenancy, accessTokens, clock, events });
    this.#login = new LoginApi({ cloud, tenancy, keys, tokens });
    this.#graph = new GraphApi({
      accessTokens,
      gate: this.#services,
      throttle: this.#throttle,
      events,
      identity: cloud,
      random: random.fork("batches"),
    });
    this.#addRoutes();

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
    this.#control = this.#createControl();
    this.#seed();
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

  /** The faults as others may start and stop them. */
  faultControl(): SimulatorFaults {
    return {
      start: (fault) => this.#faults.start(parseFault(plain(fault), "fault")),
      stop: (id) => this.#faults.stop(id),
      list: () => this.#faults.list(),
      clear: () => this.#faults.clear(),
    };
  }

  /** The traffic as others may start it. */
  trafficControl(): SimulatorTraffic {
    return {
      start: (options) => this.#traffic.start(parseTraffic(plain(options), "traffic")),
      list: () => this.#traffic.list().map((run) => run.progress),
    };
  }

  runScenario(scenario: ParsedScenario): Promise<void> {
    return this.#scenarios.run(scenario);
  }

  /** A request from within the first tenant; answers its body. */
  async request(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
    const tenantId = this.#settings.tenants[0].id;
    const reply = await this.clock.activities.run(() => this.#answerInside({ tenantId, method, path, body }));
    return bodyOf(reply, `${method} /${path}`);
  }

  signIn(request: SignInRequest): Promise<string> {
    const { cloud, apps, tenants } = this.#settings;
    return signIn(request, {
      tenancy: this.#tenancy,
      accessTokens: this.#accessTokens,
      clock: this.clock,
      cloud,
      findUserId: (tenant, user) => this.#resources.directory.users(tenant.id).get(user)?.id,
      defaultClientId: apps[0].clientId,
      defaultTenantId: tenants[0].id,
    });
  }

  expireDeltaTokens(expiry: TokenExpiry = {}): void {
    this.#deltaTokens.expire(expiry);
  }

  /** Resolves when nothing is on its way to an endpoint. */
  settled(): Promise<void> {
    return this.#outbox.settled();
  }

  reset(): void {
    for (const part of [
      this.#scenarios,
      this.#traffic,
      this.#faults,
      this.#throttle,
      this.#outbox,
      this.#authorization,
      this.lifecycle,
      this.tampering,
      this.refusals,
      this.subscriptions,
      this.#resources,
      this.ledger,
    ]) {
      part.clear();
    }
    // Numbers go on, but what they counted is gone.
    this.#deltaTokens.expire();
    this.#seed();
    this.events.emit("simulator:reset", { at: this.clock.now() });
  }

  close(): void {
    this.#outbox.clear();
    this.#http.close();
    this.clock.stop();
    this.ledger.abandon();
  }

  async #answer(request: HttpRequest): Promise<Reply | Cut> {
    const segments = pathSegments(request.path);
    if (segments[0] === "_simulator") return this.#control.answer(request);
    const services = servicesOn(this.#settings.cloud, new URL(request.origin).host);
    if (services.login && this.#login.owns(segments)) return this.#answerLogin(request, segments);
    if (!services.graph) return refuse(404, "NotFound", "The login service has nothing at this address.");
    return this.#graph.answer(request);
  }

  async #answerLogin(request: HttpRequest, segments: readonly string[]): Promise<Reply | Cut> {
    const met = await this.#services.meet("login", request);
    if (met) return met;
    await this.#services.linger("login", request);
    return this.#login.answer(request, segments);
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
    return this.#graph.answerInside({
      ...insideRequest({ ...request, path: `/v1.0/${path}` }, this.#insideIdentity()),
      caller: this.#firstApp(tenantId),
      root: `${IN_PROCESS_URL}/v1.0`,
    });
  }

  #insideIdentity(): Pick<HttpRequest, "requestId" | "at"> {
    return { requestId: this.#insideIds.guid(), at: this.clock.now() };
  }

  /** The first app in a tenant, with a token it got this moment. */
  #firstApp(tenantId: string): Caller {
    const { clientId, roles } = this.#settings.apps[0];
    return {
      tenantId,
      applicationId: clientId,
      objectId: servicePrincipalId(clientId, tenantId),
      permissions: roles,
      tokenExpiresAt: this.clock.now() + this.#accessTokens.lifetimeS * 1000,
    };
  }

  #addRoutes(): void {
    const { clock, ledger, events, subscriptions, refusals } = this;
    const { handshakeTimeoutMs, duplicates, cloud, pageSize } = this.#settings;
    const random = this.#random;
    const handshaker = new Handshaker({
      poster: this.#caller,
      clock,
      random: random.fork("handshakes"),
      ledger,
      events,
      timeoutMs: handshakeTimeoutMs,
    });
    const subscriptionRoutes = new SubscriptionRoutes({
      cloud,
      clock,
      refusals,
      settings: this.#settings.subscriptions,
      random: random.fork("subscriptions"),
      events,
      subscriptions,
      handshaker,
      resolveTopic: createTopicResolver(this.#resources),
      duplicates,
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

  #createControl(): ControlApi {
    const { ledger, subscriptions, lifecycle, tampering, refusals } = this;
    return new ControlApi({
      clock: this.steerableClock(),
      cloud: this.#settings.cloud,
      ledger,
      subscriptions,
      faults: this.#faults,
      traffic: this.#traffic,
      trust: { lifecycle, tampering, refusals, subscriptions, signIn: (request) => this.signIn(request) },
      endpointStatuses: () => this.#outbox.endpoints(),
      runScenario: (scenario) => this.runScenario(scenario),
      expireDeltaTokens: (expiry) => this.expireDeltaTokens(expiry),
      reset: () => this.reset(),
    });
  }

  #seed(): void {
    for (const user of this.#settings.users) this.#resources.directory.seed(user);
  }
}
