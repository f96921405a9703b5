import { Clock, type SimulatorClock } from "./clock.ts";
import { ControlApi } from "./control/control-api.ts";
import { DeltaQueries } from "./delta/delta-query.ts";
import { DeltaTokens, type TokenExpiry } from "./delta/delta-token.ts";
import { Outbox } from "./delivery/outbox.ts";
import { Journal } from "./entities/journal.ts";
import { EventFeed, type SimulatorEventName, type SimulatorEvents, type Unsubscribe } from "./events.ts";
import { GraphApi } from "./graph/graph-api.ts";
import { pathSegments } from "./http/path.ts";
import { Poster } from "./http/post.ts";
import type { Reply } from "./http/reply.ts";
import { startHttpServer, type HttpRequest } from "./http/server.ts";
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
    events: model.events,
    settled: () => model.ledger.settled(),
    expireDeltaTokens: (expiry) => model.expireDeltaTokens(expiry),
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
  readonly subscriptions = new SubscriptionStore(this.clock, this.events);
  readonly #settings: SimulatorSettings;
  readonly #requestIds: Random;
  readonly #poster = new Poster();
  readonly #outbox: Outbox;
  readonly #resources: Resources;
  readonly #deltaTokens: DeltaTokens;
  readonly #login: TokenEndpoint;
  readonly #graph: GraphApi;
  readonly #control: ControlApi;

  constructor(settings: SimulatorSettings) {
    const { clock, ledger, events, subscriptions } = this;
    const poster = this.#poster;
    const random = new Random(String(settings.seed));
    const accessTokens = new AccessTokens();
    const outbox = new Outbox({ poster, clock, ledger, events, settings: settings.deliver });
    const publisher = new Publisher({
      random: random.fork("notifications"),
      clock,
      ledger,
      events,
      subscriptions,
      outbox,
    });

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
    this.#graph = new GraphApi(accessTokens, events);
    this.#control = new ControlApi({
      clock: this.steerableClock(),
      ledger,
      subscriptions,
      expireDeltaTokens: (expiry) => this.expireDeltaTokens(expiry),
      reset: () => this.reset(),
    });
    this.#addRoutes(random);
    this.#seed();
  }

  answer(request: HttpRequest): Promise<Reply> {
    const segments = pathSegments(request.path);
    if (segments[0] === "_simulator") return this.#control.answer(request);
    const [tenant, ...service] = segments;
    if (tenant !== undefined && service.join("/") === "oauth2/v2.0/token" && request.method === "POST") {
      return this.#login.answer(tenant, request);
    }
    return this.#graph.answer(request);
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

  expireDeltaTokens(expiry: TokenExpiry = {}): void {
    this.#deltaTokens.expire(expiry);
  }

  reset(): void {
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
    this.#poster.close();
    this.clock.stop();
    this.ledger.abandon();
  }

  #addRoutes(random: Random): void {
    const { clock, ledger, events, subscriptions } = this;
    const { handshakeTimeoutMs, duplicates, pageSize } = this.#settings;
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
