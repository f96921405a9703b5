import { Clock, type SimulatorClock } from "./clock.ts";
import { ControlApi } from "./control/control-api.ts";
import { Outbox } from "./delivery/outbox.ts";
import { EventFeed, type SimulatorEventName, type SimulatorEvents, type Unsubscribe } from "./events.ts";
import { GraphApi } from "./graph/graph-api.ts";
import { pathSegments } from "./http/path.ts";
import { Poster } from "./http/post.ts";
import type { Reply } from "./http/reply.ts";
import { startHttpServer, type HttpRequest } from "./http/server.ts";
import { Ledger, type SimulatorLedger } from "./ledger.ts";
import { LifecycleService, type SimulatorLifecycle } from "./lifecycle/lifecycle.ts";
import { LifecycleNotifier } from "./lifecycle/lifecycle-notifier.ts";
import { AccessTokens } from "./login/access-token.ts";
import { LoginApi } from "./login/login-api.ts";
import { signIn, type SignInRequest } from "./login/sign-in.ts";
import { SigningKeys } from "./login/signing-keys.ts";
import { TokenEndpoint } from "./login/token-endpoint.ts";
import { AuthorizationGate } from "./notifications/authorization-gate.ts";
import { NotificationWriter } from "./notifications/notification-writer.ts";
import { Publisher, type EntityChange } from "./notifications/publisher.ts";
import type { SimulatorOptions } from "./options.ts";
import { Random } from "./random.ts";
import { Mailboxes } from "./resources/messages/mailboxes.ts";
import { MessageRoutes } from "./resources/messages/message-routes.ts";
import { Directory } from "./resources/users/directory.ts";
import { UserRoutes } from "./resources/users/user-routes.ts";
import { sealDelivery } from "./rich/envelope.ts";
import { TamperingPlan, type SimulatorTampering } from "./rich/tampering.ts";
import { ValidationTokens } from "./rich/validation-tokens.ts";
import { resolveOptions, type SimulatorSettings } from "./settings.ts";
import { Handshaker } from "./subscriptions/handshake.ts";
import { RefusalPlan, type SimulatorRefusals } from "./subscriptions/provoked-refusals.ts";
import { SubscriptionRoutes } from "./subscriptions/subscription-routes.ts";
import { SubscriptionStore, type SimulatorSubscriptions } from "./subscriptions/subscription-store.ts";
import { createTopicResolver } from "./subscriptions/topic-resolver.ts";
import { Tenancy } from "./tenancy.ts";

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
  const server = await startHttpServer({
    host: settings.host,
    port: settings.port,
    tls: settings.tls,
    now: () => model.clock.now(),
    newRequestId: () => model.newRequestId(),
    answer: (request) => model.answer(request),
  });
  const [tenant] = settings.tenants;
  const [app] = settings.apps;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= server.close();
    model.close();
    return closing;
  };
  return {
    url: server.url,
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
    settled: () => model.ledger.settled(),
    reset: () => model.reset(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The simulator without its server: the one place where its parts meet. */
class Model {
  readonly clock = new Clock();
  readonly ledger = new Ledger();
  readonly events = new EventFeed();
  readonly subscriptions: SubscriptionStore;
  readonly lifecycle: LifecycleService;
  readonly tampering = new TamperingPlan();
  readonly refusals = new RefusalPlan();
  readonly #settings: SimulatorSettings;
  readonly #requestIds: Random;
  readonly #poster: Poster;
  readonly #outbox: Outbox;
  readonly #gate: AuthorizationGate;
  readonly #accessTokens: AccessTokens;
  readonly #tenancy: Tenancy;
  readonly #directory: Directory;
  readonly #mailboxes: Mailboxes;
  readonly #login: LoginApi;
  readonly #graph: GraphApi;
  readonly #control: ControlApi;

  constructor(settings: SimulatorSettings) {
    const { cloud } = settings;
    const { clock, ledger, events, tampering, refusals } = this;
    const random = new Random(String(settings.seed));
    const poster = new Poster(settings);
    const subscriptions = new SubscriptionStore(clock, events, settings.subscriptions.staleListMs);
    const tenancy = new Tenancy(settings.tenants, settings.apps);
    const keys = new SigningKeys(settings.keyRotationMs);
    const accessTokens = new AccessTokens(cloud.issuerRoot, keys, settings.accessTokenLifetimeS);
    const validationTokens = new ValidationTokens({ cloud, keys, tenancy });
    const outbox = new Outbox({
      poster,
      clock,
      ledger,
      events,
      settings: settings.deliver,
      seal: (notifications) => sealDelivery(notifications, validationTokens, clock.now()),
    });
    const gate = new AuthorizationGate({
      clock,
      ledger,
      events,
      enqueue: (notification) => outbox.enqueue(notification),
      afterTokenExpiry: settings.lifecycle.afterTokenExpiry,
      holdMs: settings.deliver.retryWindowMs,
    });
    const publisher = new Publisher({
      random: random.fork("notifications"),
      clock,
      ledger,
      events,
      subscriptions,
      writer: new NotificationWriter({ random: random.fork("content"), tampering }),
      gate,
    });
    const publish = (change: EntityChange): void => publisher.publish(change);

    this.#settings = settings;
    this.#requestIds = random.fork("requests");
    this.#poster = poster;
    this.#outbox = outbox;
    this.#gate = gate;
    this.#accessTokens = accessTokens;
    this.#tenancy = tenancy;
    this.subscriptions = subscriptions;
    this.lifecycle = new LifecycleService({
      clock,
      events,
      ledger,
      subscriptions,
      gate,
      notifier: new LifecycleNotifier({
        clock,
        random: random.fork("lifecycle"),
        ledger,
        events,
        outbox,
        settings: settings.lifecycle,
      }),
      challenges: settings.lifecycle.challenges,
    });
    this.#directory = new Directory({ clock, random: random.fork("users"), publish });
    this.#mailboxes = new Mailboxes({ clock, random: random.fork("mailboxes"), publish });
    const tokens = new TokenEndpoint({ tenancy, accessTokens, clock, events });
    this.#login = new LoginApi({ cloud, tenancy, keys, tokens });
    this.#graph = new GraphApi(accessTokens, events);
    this.#control = new ControlApi({
      clock: this.steerableClock(),
      ledger,
      subscriptions,
      cloud,
      trust: {
        lifecycle: this.lifecycle,
        tampering,
        refusals,
        subscriptions,
        signIn: (request) => this.signIn(request),
      },
      reset: () => this.reset(),
    });
    this.#addRoutes(random);
    this.#seed();
  }

  answer(request: HttpRequest): Promise<Reply> {
    const segments = pathSegments(request.path);
    if (segments[0] === "_simulator") return this.#control.answer(request);
    if (this.#login.owns(segments)) return this.#login.answer(request, segments);
    return this.#graph.answer(request);
  }

  signIn(request: SignInRequest): Promise<string> {
    const { cloud, apps, tenants } = this.#settings;
    return signIn(request, {
      tenancy: this.#tenancy,
      accessTokens: this.#accessTokens,
      clock: this.clock,
      cloud,
      findUserId: (tenant, user) => this.#directory.find(tenant.id, user)?.id,
      defaultClientId: apps[0].clientId,
      defaultTenantId: tenants[0].id,
    });
  }

  newRequestId(): string {
    return this.#requestIds.guid();
  }

  /** The clock as others may steer it: its jumps are told. */
  steerableClock(): SimulatorClock {
    return {
      now: () => this.clock.now(),
      advance: (ms) => {
        this.clock.advance(ms);
        this.events.emit("clock:advanced", { advanceMs: ms, now: this.clock.now() });
      },
    };
  }

  reset(): void {
    this.#outbox.clear();
    this.#gate.clear();
    this.tampering.clear();
    this.refusals.clear();
    this.subscriptions.clear();
    this.#directory.clear();
    this.#mailboxes.clear();
    this.ledger.clear();
    this.#seed();
    this.events.emit("simulator:reset", { at: this.clock.now() });
  }

  close(): void {
    this.#outbox.clear();
    this.#poster.close();
    this.clock.stop();
    this.ledger.abandon();
  }

  #addRoutes(random: Random): void {
    const { clock, ledger, events, subscriptions, refusals } = this;
    const { handshakeTimeoutMs, duplicates, pageSize, cloud } = this.#settings;
    const handshaker = new Handshaker({
      poster: this.#poster,
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
      resolveTopic: createTopicResolver(this.#directory, this.#mailboxes),
      duplicates,
      pageSize,
    });
    subscriptionRoutes.addTo(this.#graph.router);
    new UserRoutes(this.#directory, pageSize).addTo(this.#graph.router);
    new MessageRoutes(this.#directory, this.#mailboxes).addTo(this.#graph.router);
  }

  #seed(): void {
    for (const user of this.#settings.users) this.#directory.seed(user);
  }
}
